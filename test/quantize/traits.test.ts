import { describe, expect, test } from 'vitest';
import { fusedProblem } from '../../src/gemm/fused-problem.js';
import { planGemm } from '../../src/gemm/gemm.js';
import { layoutProblem } from '../../src/gemm/layout.js';
import { gemmProblem } from '../../src/gemm/problem.js';
import { accurateKernels } from '../../src/gemm/registry.js';
import { GpuMatrix, GpuQuantizedMatrix } from '../../src/gpu-matrix.js';
import { quantizeOnGpu } from '../../src/quantize/quantize-gpu.js';
import { QuantizedMatrix } from '../../src/quantize/quantized-matrix.js';
import { traitsOf } from '../../src/quantize/traits.js';
import { transposeOnGpu } from '../../src/quantize/transpose-gpu.js';
import { quantizeWithTransposeOnGpu } from '../../src/quantize/with-transpose-gpu.js';
import { openTestGpu } from '../adapter.js';
import { randomMatrix } from '../gemm/operands.js';

const gpu = await openTestGpu();

function withScales(scales: readonly number[]): QuantizedMatrix {
  return new QuantizedMatrix(
    1,
    128 * scales.length,
    'e4m3',
    '1x128',
    new Uint8Array(128 * scales.length),
    Float32Array.from(scales),
  );
}

describe('scales are powers of two', () => {
  test.each<[string, number[], boolean]>([
    ['where they are, of either sign, zero or NaN', [1, 2 ** -126, -(2 ** 127), 0, -0, Number.NaN], true],
    ['not where one is none', [1, 1.5], false],
    ['not where one is subnormal', [1, 2 ** -127], false],
    ['not where one is infinite', [1, -Infinity], false],
  ])('%s', (_, scales, powersOfTwo) => {
    expect(traitsOf(withScales(scales)).powersOfTwo).toBe(powersOfTwo);
    using uploaded = GpuQuantizedMatrix.upload(gpu, withScales(scales));
    expect(uploaded.powersOfTwo).toBe(powersOfTwo);
  });

  test('where they are e8m0', () => {
    const codes = new Uint8Array(64);
    expect(traitsOf(new QuantizedMatrix(2, 32, 'e4m3', '1x32', codes, new Uint8Array(2))).powersOfTwo).toBe(
      true,
    );
  });

  test.each([true, false])(
    'where a quantiser makes them so: %s, which a transpose keeps',
    async (powerOfTwo) => {
      using x = GpuMatrix.upload(gpu, randomMatrix(128, 256, 'f32', 1));
      using tiles = await quantizeOnGpu(gpu, x, { granularity: '1x128', powerOfTwo });
      using blocks = await quantizeOnGpu(gpu, x, { granularity: '128x128', powerOfTwo });
      using turned = await transposeOnGpu(gpu, blocks);
      const both = await quantizeWithTransposeOnGpu(gpu, x, { powerOfTwo });
      for (const one of [tiles, blocks, turned, ...Object.values(both)] as GpuQuantizedMatrix[]) {
        expect(one.powersOfTwo).toBe(powerOfTwo);
        // As looking at the numbers finds.
        expect(traitsOf(await one.read()).powersOfTwo).toBe(powerOfTwo);
      }
      for (const one of Object.values(both) as GpuQuantizedMatrix[]) one.dispose();
    },
  );
});

describe('auto', () => {
  const names = (problem: Parameters<typeof accurateKernels>[0]) =>
    accurateKernels(problem).map(({ name }) => name);
  const powers = withScales([1, 2]);
  const known = { ...powers, ...traitsOf(powers) };

  test('takes kernels that fold where both scales are powers of two', () => {
    expect(names(gemmProblem({ ...known, rows: 64 }, known, undefined, 'f32'))[0]).toBe('matrix');
    const other = { ...known, powersOfTwo: false };
    for (const [a, b] of [
      [known, other],
      [other, known],
      [powers, powers],
    ] as const) {
      const without = names(gemmProblem({ ...a, rows: 64 }, b, undefined, 'f32'));
      expect(without).not.toContain('matrix');
      expect(without).not.toContain('half');
    }
  });

  test('of a layout and of an A to be quantised as well', () => {
    const blocks = new QuantizedMatrix(
      128,
      128,
      'e4m3',
      '128x128',
      new Uint8Array(128 * 128),
      Float32Array.of(4),
    );
    const square = { ...blocks, ...traitsOf(blocks) };
    expect(names(layoutProblem(square, square, undefined, 'f32', 'TN'))[0]).toBe('matrix');
    const values = { rows: 64, cols: 256, dtype: 'f32' } as const;
    expect(names(fusedProblem(values, known, { powerOfTwo: true }))[0]).toBe('matrix');
    expect(names(fusedProblem(values, known))).not.toContain('matrix');
  });
});

test('a plan for scales that are powers of two refuses others', async () => {
  using powers = GpuQuantizedMatrix.upload(gpu, withScales([1, 2]));
  using others = GpuQuantizedMatrix.upload(gpu, withScales([1, 3]));
  using d = GpuMatrix.create(gpu, 1, 1, 'f32');
  const plan = await planGemm(gpu, gemmProblem(powers, powers, undefined, 'f32'));
  const scratch = plan.scratchBytes.map((bytes) => gpu.buffer('scratch', bytes));
  expect(() => plan.dispatches({ a: others, b: powers, d }, scratch)).toThrow(/^a is .*powers of two/);
  expect(plan.dispatches({ a: powers, b: powers, d }, scratch).length).toBeGreaterThan(0);
  for (const buffer of scratch) buffer.destroy();
});
