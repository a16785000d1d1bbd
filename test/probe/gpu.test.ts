/** @file The probe on a real adapter. What it has to find depends on the adapter; that it finds something does not. */

import { describe, expect, test } from 'vitest';
import { UnsupportedError } from '../../src/errors.js';
import { noneFits, type Section } from '../../src/probe/finding.js';
import { matrixFeature, shaderUnit } from '../../src/probe/matrix/gpu-unit.js';
import { matrixSection } from '../../src/probe/matrix/section.js';
import type { MatrixShape, MatrixUnit } from '../../src/probe/matrix/unit.js';
import { nativeArithmetic } from '../../src/probe/native.js';
import { f16Precision, f32Precision, type Precision } from '../../src/probe/precision.js';
import { countSections, probe } from '../../src/probe/probe.js';
import { writeReport } from '../../src/probe/report.js';
import { gpuScalarUnit } from '../../src/probe/scalar/gpu-unit.js';
import { type Operation, operations } from '../../src/probe/scalar/operation.js';
import { openTestGpu } from '../adapter.js';
import elementF32Wgsl from './element-f32.wgsl?raw';
import elementI8Wgsl from './element-i8.wgsl?raw';
import plainWgsl from './plain-matrix.wgsl?raw';

const gpu = await openTestGpu();
const report = await probe({ gpu });

function answer({ findings, id: section }: Section, id: string): string | undefined {
  return findings.find((finding) => finding.id === `${section}.${id}`)?.answer;
}

test('every section has findings or says what is not offered', () => {
  expect(report.sections.length).toBe(countSections({ gpu }));
  for (const { id, findings, notOffered } of report.sections)
    expect(findings.length > 0, id).toBe(notOffered === undefined);
  const [f32, f16, packed, matrix] = report.sections;
  expect([f32?.id, f16?.id, packed?.id]).toEqual(['f32', 'f16', 'packed']);
  expect(f16?.notOffered === undefined).toBe(gpu.hasFeature('shader-f16'));
  if (!gpu.hasFeature('shader-f16')) expect(f16?.notOffered).toMatch(/does not offer the feature shader-f16/);
  if (!gpu.hasFeature(matrixFeature)) expect(matrix?.notOffered).toMatch(/unsafe-webgpu/);
});

test('what has to hold of every adapter is found', async () => {
  const [f32, , packed] = report.sections as [Section, Section, Section];
  const native = await nativeArithmetic(gpu);
  expect(answer(f32, 'add.rounding') === 'nearest-even').toBe(native.add);
  expect(answer(f32, 'multiply.rounding') === 'nearest-even').toBe(native.multiply);
  expect(answer(f32, 'fma.rounding') === 'fused, nearest-even').toBe(native.fma);
  expect(answer(packed, 'dot4u8.sum')).toBe('exact');
  expect(answer(packed, 'dot4i8.sum')).toBe('exact');
  expect(answer(f32, 'to-i32.rounding')).toBe('toward zero');
  for (const { evidence, id } of report.sections.flatMap(({ findings }) => findings))
    for (const { seen } of evidence) expect(seen, id).toMatch(/^0x[0-9a-f]{4,8}/);
});

test('a second probe finds the same', async () => {
  expect(writeReport(await probe({ gpu }))).toBe(writeReport(report));
});

test('the null adapter is refused', async () => {
  const nothing = await openTestGpu('null');
  await expect(probe({ gpu: nothing })).rejects.toThrow(UnsupportedError);
});

/** Operands of each operation, none of which another operation would do the same to, and the result. */
const meanings: Record<Operation, readonly [operands: readonly number[], result: number]> = {
  copy: [[1.5], 1.5],
  negate: [[1.5], -1.5],
  add: [[1.5, 2.25], 3.75],
  subtract: [[1.5, 2.25], -0.75],
  multiply: [[1.5, 2.25], 3.375],
  divide: [[2.25, 1.5], 1.5],
  fma: [[1.5, 2.25, 8], 11.375],
  'multiply-add': [[1.5, 2.25, 16], 19.375],
  sum3: [[1.5, 2.25, 8], 11.75],
  'add-back': [[1.25, 2.5], 1.25],
  'minus-itself': [[1.5], 0],
  'times-zero': [[2.5], 0],
  dot2: [[1, 2, 3, 5], 13],
  dot4: [[1, 2, 3, 4, 5, 6, 7, 9], 74],
  minimum: [[1.5, -2], -2],
  maximum: [[1.5, -2], 1.5],
  sqrt: [[6.25], 2.5],
  'inverse-sqrt': [[6.25], 0.4],
  exp2: [[3.5], 2 ** 3.5],
  log2: [[10], Math.log2(10)],
  exp: [[2.5], Math.exp(2.5)],
  log: [[10], Math.log(10)],
  'to-i32': [[-7.5], -7],
  'to-u32': [[9.5], 9],
  'from-i32': [[-5], -5],
  'from-u32': [[11], 11],
  'to-f16': [[1.25], 1.25],
  'from-f16': [[2.75], 2.75],
  'to-f16-neighbor': [[1.25], 0],
};

/** What the bits that go into an operation are, and those that come out. */
function typesOf(precision: Precision, operation: Operation) {
  const integer = { toBits: (value: number) => value >>> 0, fromBits: (bits: number) => bits | 0 };
  const operand = {
    'from-i32': integer,
    'from-u32': integer,
    'to-f16': f32Precision,
    'from-f16': f16Precision,
  };
  const result = { 'to-i32': integer, 'to-u32': integer, 'to-f16': f16Precision, 'from-f16': f32Precision };
  const of = (
    types: Readonly<Record<string, { toBits: typeof integer.toBits; fromBits: typeof integer.fromBits }>>,
  ) => types[operation] ?? precision;
  return { operand: of(operand), result: of(result) };
}

/** What this adapter computes in. */
const precisions = gpu.hasFeature('shader-f16') ? [f32Precision, f16Precision] : [f32Precision];

describe.each(precisions)('shaders of $name', (precision) => {
  test('compute what each operation is called', async () => {
    const names = operations.filter((name) => precision.name === 'f32' || name !== 'to-f16-neighbor');
    const batches = names.map((operation) => {
      const { operand } = typesOf(precision, operation);
      return { operation, cases: [meanings[operation][0].map(operand.toBits)] };
    });
    const results = await gpuScalarUnit(gpu, precision.name).evaluate(batches);
    names.forEach((operation, i) => {
      const actual = typesOf(precision, operation).result.fromBits(results[i]?.[0] ?? 0);
      const wanted = meanings[operation][1];
      // No operation has to be exact; 32 units in the last place tell each from the others.
      const tolerance = Math.abs(wanted) * 2 ** (5 - precision.fractionBits);
      expect(Math.abs(actual - wanted), `${operation} gives ${actual}`).toBeLessThanOrEqual(tolerance);
    });
  });
});

/** A shader without matrices in the place of one with: the way to and from the GPU is the same. */
function plainUnit(shape: MatrixShape, element: string, copies: number): MatrixUnit {
  const { m, n, k } = shape;
  const constants = { M: m, N: n, K: k, COPIES: copies };
  return shaderUnit(gpu, shape, { label: 'plain products', files: [element, plainWgsl], constants }, copies);
}

test('f32 sums of a shader are probed like those of a matrix unit', async () => {
  const section = await matrixSection(
    plainUnit({ m: 8, n: 4, k: 8, operand: 'f32', result: 'f32' }, elementF32Wgsl, 2),
  );
  // With a contracted multiply-add c is a term of the first step; without, products are rounded and added.
  expect(answer(section, 'order')).toMatch(
    /^steps of 1, (?:first to last|apart, then one after the other); c in the first step$/,
  );
  expect(answer(section, 'output')).toBe('23 bits, nearest-even');
  expect(answer(section, 'uniform')).toBe('yes');
  expect(answer(section, 'prediction')).toBe('all of them');
});

test('sums of bytes of a shader are exact and wrap around', async () => {
  const section = await matrixSection(
    plainUnit({ m: 4, n: 8, k: 32, operand: 'i8', result: 'i32' }, elementI8Wgsl, 1),
  );
  expect(answer(section, 'sum')).toBe('exact');
  expect(answer(section, 'overflow')).toBe('they wrap around');
  expect(section.findings.map(({ answer: one }) => one)).not.toContain(noneFits);
});
