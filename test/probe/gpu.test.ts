/** @file The probe on a real adapter. What it has to find depends on the adapter; that it finds something does not. */

import { expect, test } from 'vitest';
import { nativeArithmetic } from '../../src/accumulate/native.js';
import { UnsupportedError } from '../../src/errors.js';
import { noneFits, type Section } from '../../src/probe/finding.js';
import { matrixFeature, shaderUnit } from '../../src/probe/matrix/gpu-unit.js';
import { matrixSection } from '../../src/probe/matrix/section.js';
import type { MatrixShape, MatrixUnit } from '../../src/probe/matrix/unit.js';
import { countSections, probe } from '../../src/probe/probe.js';
import { writeReport } from '../../src/probe/report.js';
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
  const { order } = { order: answer(section, 'order') };
  // With a contracted multiply-add c is a term of the first step; without, products are rounded and added.
  expect(order).toMatch(
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
