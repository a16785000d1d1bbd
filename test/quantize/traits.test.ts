import { describe, expect, test } from 'vitest';
import { measuredMachine } from '../../src/format/native-halves.js';
import { fusedProblem } from '../../src/gemm/fused/problem.js';
import { planGemm } from '../../src/gemm/gemm.js';
import { layoutProblem } from '../../src/gemm/layout.js';
import { type GemmProblem, gemmProblem } from '../../src/gemm/problem.js';
import { accurateKernels, chooseKernel } from '../../src/gemm/registry.js';
import type { Gpu } from '../../src/gpu/gpu.js';
import { GpuMatrix, GpuQuantizedMatrix } from '../../src/gpu-matrix.js';
import { quantize } from '../../src/quantize/quantize.js';
import { quantizeOnGpu } from '../../src/quantize/quantize-gpu.js';
import { QuantizedMatrix } from '../../src/quantize/quantized-matrix.js';
import { traitsOf } from '../../src/quantize/traits.js';
import { transposeOnGpu } from '../../src/quantize/transpose-gpu.js';
import { quantizeWithTransposeOnGpu } from '../../src/quantize/with-transpose-gpu.js';
import { openTestGpu } from '../adapter.js';
import { h100 } from '../gemm/matrix-machine.js';
import { randomMatrix } from '../gemm/operands.js';

const gpu = await openTestGpu();

/** A row of zeros with these f32 scales of 1x128 tiles. */
function withScales(scales: readonly number[]): QuantizedMatrix {
  const cols = 128 * scales.length;
  return new QuantizedMatrix(1, cols, 'e4m3', '1x128', new Uint8Array(cols), Float32Array.from(scales));
}

describe('scales are powers of two', () => {
  test.each<[string, number[], boolean]>([
    ['where they are, of either sign, zero or NaN', [1, 2 ** -100, -(2 ** 100), 0, -0, Number.NaN], true],
    ['not where one is beyond 2^100', [1, 2 ** 101], false],
    ['not where one is below 2^-100', [1, 2 ** -101], false],
    ['not where one is none', [1, 1.5], false],
    ['not where one is infinite', [1, -Infinity], false],
  ])('%s', (_, scales, powersOfTwo) => {
    expect(traitsOf(withScales(scales)).powersOfTwo).toBe(powersOfTwo);
    using uploaded = GpuQuantizedMatrix.upload(gpu, withScales(scales));
    expect(uploaded.powersOfTwo).toBe(powersOfTwo);
  });

  test.each([
    ['up to 2^100, and NaN', [127, 0, 227, 255], true],
    ['not beyond', [127, 228, 127, 127], false],
  ])('in e8m0 %s', (_, scales, powersOfTwo) => {
    const codes = new Uint8Array(128);
    const matrix = new QuantizedMatrix(1, 128, 'e4m3', '1x32', codes, Uint8Array.from(scales));
    expect(traitsOf(matrix).powersOfTwo).toBe(powersOfTwo);
    using uploaded = GpuQuantizedMatrix.upload(gpu, matrix);
    // Having looked says more than the scales' format does.
    expect(gemmProblem(uploaded, uploaded, undefined, 'f32').a.powersOfTwo ?? false).toBe(powersOfTwo);
    expect(gemmProblem(matrix, matrix, undefined, 'f32').a.powersOfTwo).toBe(true);
  });

  test.each([true, false])(
    'where a quantiser makes them so: %s, which a transpose keeps',
    async (powerOfTwo) => {
      using x = GpuMatrix.upload(gpu, randomMatrix(128, 256, 'f32', 1));
      using tiles = await quantizeOnGpu(gpu, x, { granularity: '1x128', powerOfTwo });
      using blocks = await quantizeOnGpu(gpu, x, { granularity: '128x128', powerOfTwo });
      using turned = await transposeOnGpu(gpu, blocks);
      const both = Object.values(
        await quantizeWithTransposeOnGpu(gpu, x, { powerOfTwo }),
      ) as GpuQuantizedMatrix[];
      for (const one of [tiles, blocks, turned, ...both]) {
        expect(one.powersOfTwo).toBe(powerOfTwo);
        // As looking at the numbers finds.
        expect(traitsOf(await one.read()).powersOfTwo).toBe(powerOfTwo);
      }
      for (const one of both) one.dispose();
    },
  );

  test('but not for a dialect without a floor, in which a tile of zeros has scale 1', async () => {
    using x = GpuMatrix.upload(gpu, randomMatrix(1, 256, 'f32', 1));
    using tiles = await quantizeOnGpu(gpu, x, { granularity: '1x128', powerOfTwo: true, dialect: 'ieee' });
    expect(tiles.powersOfTwo).toBe(false);
    using mx = await quantizeOnGpu(gpu, x, { granularity: '1x32' });
    expect(mx.powersOfTwo).toBe(true);
  });
});

test('a format of the range of f32 itself is not quantised to with e8m0 scales', () => {
  expect(() => quantize(randomMatrix(1, 32, 'f32', 1), { format: 'bf16', granularity: '1x32' })).toThrow(
    /^format is "bf16"; .*with granularity 1x32/,
  );
});

/** The device, as if it had an H100's matrix units; measured before it has f16, which it cannot compute with. */
let measured = false;
const units = new Proxy(gpu, {
  get(target, name) {
    if (name === 'machine') return h100;
    if (name === 'hasFeature') return (feature: string) => measured || feature !== 'shader-f16';
    const value: unknown = Reflect.get(target, name, target);
    return typeof value === 'function' ? value.bind(target) : value;
  },
});

await measuredMachine(units);
measured = true;

describe('auto', () => {
  const names = (problem: GemmProblem) => accurateKernels(problem).map(({ name }) => name);
  const powers = withScales([1, 2]);
  const known = { ...powers, ...traitsOf(powers) };
  const problemOf = (a: Parameters<typeof gemmProblem>[0], b = a) =>
    gemmProblem({ ...a, rows: 64 }, b, undefined, 'f32');

  test('takes the kernel that folds where both scales are powers of two, and none that adds in halves', () => {
    expect(names(problemOf(known))[0]).toBe('matrix');
    expect(names(problemOf(known))).not.toContain('half');
    const other = { ...known, powersOfTwo: false };
    for (const [a, b] of [
      [known, other],
      [other, known],
      [powers, powers],
    ] as const)
      expect(names(problemOf(a, b))).not.toContain('matrix');
  });

  test('of a layout and of an A to be quantised as well', () => {
    const codes = new Uint8Array(128 * 128);
    const blocks = new QuantizedMatrix(128, 128, 'e4m3', '128x128', codes, Float32Array.of(4));
    const square = { ...blocks, ...traitsOf(blocks) };
    expect(names(layoutProblem(square, square, undefined, 'f32', 'TN'))[0]).toBe('matrix');
    const values = { rows: 64, cols: 256, dtype: 'f32' } as const;
    expect(names(fusedProblem(values, known, { powerOfTwo: true }))[0]).toBe('matrix');
    expect(names(fusedProblem(values, known))).not.toContain('matrix');
    expect(fusedProblem(values, known, { powerOfTwo: true, dialect: 'ieee' }).a.powersOfTwo ?? false).toBe(
      false,
    );
  });

  test('follows tuning but where that left out the kernel that folds, or tried it on smaller scales', () => {
    const taken = (on: Gpu, problem: GemmProblem, tuned: string) =>
      chooseKernel(on, problem, 'auto', tuned).name;
    expect(taken(units, problemOf(known), 'matrix-promoted')).toBe('matrix');
    expect(taken(units, problemOf(known), 'matrix')).toBe('matrix');
    expect(taken(units, problemOf(powers), 'portable')).toBe('portable');
    expect(taken(units, problemOf(powers), 'matrix')).toBe('matrix');
    // Where auto would not take one that folds: for few rows, and without matrix units.
    expect(taken(units, gemmProblem(known, known, undefined, 'f32'), 'matrix-promoted')).toBe(
      'matrix-promoted',
    );
    expect(taken(gpu, gemmProblem({ ...known, rows: 8 }, known, undefined, 'f32'), 'portable')).toBe(
      'portable',
    );
    // Both in e8m0: kernels that fold have been tried; one: they have not.
    const codes = new Uint8Array(256);
    const mx = new QuantizedMatrix(1, 256, 'e4m3', '1x32', codes, new Uint8Array(8).fill(127));
    expect(taken(units, problemOf(mx), 'matrix-promoted')).toBe('matrix-promoted');
    expect(taken(units, problemOf(mx, known), 'matrix-promoted')).toBe('matrix');
    const beyond = { ...mx, powersOfTwo: false };
    expect(taken(units, problemOf(beyond), 'matrix')).toBe('matrix-promoted');
  });
});

test('a plan that relies on powers of two refuses other scales', async () => {
  using powers = GpuQuantizedMatrix.upload(gpu, withScales([1, 2]));
  using others = GpuQuantizedMatrix.upload(gpu, withScales([1, 3]));
  using d = GpuMatrix.create(gpu, 64, 1, 'f32');
  const problem = gemmProblem(powers, powers, undefined, 'f32');
  // On a device without matrix units it relies on nothing.
  const { dispatches, scratchBytes } = await planGemm(gpu, problem);
  const scratch = scratchBytes.map((bytes) => gpu.buffer('scratch', bytes));
  using one = GpuMatrix.create(gpu, 1, 1, 'f32');
  expect(dispatches({ a: others, b: powers, d: one }, scratch).length).toBeGreaterThan(0);
  for (const buffer of scratch) buffer.destroy();

  const large = { ...problem, m: 64 };
  const refused = { a: others, b: powers, d };
  const auto = await planGemm(units, large);
  expect(auto.kernel.name).toBe('matrix');
  expect(() => auto.dispatches(refused)).toThrow(/^a is .*powers of two from/);
  const named = await planGemm(units, large, { kernel: 'matrix' });
  // Which gets as far as looking where the matrices are: not on the device with units.
  expect(() => named.dispatches(refused)).toThrow(/on this context/);
});
