/** @file The gradients of RMSNorm: the oracle against f64, the GPU's bits against the oracle. */

import { afterEach, describe, expect, test, vi } from 'vitest';
import { Context } from '../../src/context.js';
import { ArgumentError } from '../../src/errors.js';
import { roundTo } from '../../src/gemm/exact.js';
import type { GpuMatrix } from '../../src/gpu-matrix.js';
import { rmsNormGradients } from '../../src/linear/rms-norm-gradient.js';
import {
  rmsNormGradientsAndQuantize,
  rmsNormGradientsOnGpu,
} from '../../src/linear/rms-norm-gradient-gpu.js';
import { type Dtype, type Matrix, matrix, toFloat32, toFloat32Bits } from '../../src/matrix.js';
import * as native from '../../src/probe/native.js';
import { quantizeWithTranspose } from '../../src/quantize/with-transpose.js';
import { randomMatrix } from '../../src/verify/random.js';
import { openTestGpu } from '../adapter.js';
import { awkward } from '../quantize/data.js';
import { difference } from '../quantize/differences.js';

const context = new Context(await openTestGpu());

afterEach(() => {
  vi.restoreAllMocks();
});

const gains = (cols: number) => Float32Array.from({ length: cols }, (_, i) => (i % 11) / 4 - 1);

/** Compares bits; every NaN is as good as another. */
async function expectBits(actual: GpuMatrix, expected: Matrix): Promise<void> {
  const bits = (source: Matrix) =>
    toFloat32Bits(source).map((word) => ((word & 0x7fffffff) > 0x7f800000 ? 0x7fc00000 : word));
  expect(bits(await actual.read())).toEqual(bits(expected));
  actual.dispose();
}

function rounded({ rows, cols, data }: Matrix, out: Dtype): Matrix {
  const values = Array.from(data, (value) => roundTo(out, value));
  return matrix(rows, cols, out === 'f32' ? Float32Array.from(values) : Uint16Array.from(values), out);
}

describe('the oracle', () => {
  const [rows, cols, epsilon] = [150, 40, 1e-3];
  const x = randomMatrix(rows, cols, 1);
  const dy = randomMatrix(rows, cols, 2);
  const gain = gains(cols);
  const gradients = rmsNormGradients(x, gain, dy, epsilon);
  const row = (source: Matrix, index: number) =>
    Float64Array.from(source.data.subarray(index * cols, (index + 1) * cols));
  const u = 2 ** -24;

  /** The loss that dy is the gradient of, in f64: Σ dy · y of one row. */
  function loss(values: Float64Array, slopes: Float64Array, gainValues: ArrayLike<number>): number {
    const mean = values.reduce((sum, v) => sum + v * v, 0) / cols;
    const inverse = 1 / Math.sqrt(mean + epsilon);
    return values.reduce(
      (sum, v, i) => sum + (slopes[i] as number) * (v * inverse) * (gainValues[i] as number),
      0,
    );
  }

  /** A central difference in f64: it errs by step² times a third derivative, and by a few 2^-53 / step. */
  function slopeOf(values: Float64Array, i: number, at: (values: Float64Array) => number): number {
    const step = 2 ** -17;
    const beside = (by: number) => at(values.map((v, j) => (j === i ? v + by : v)));
    return (beside(step) - beside(-step)) / (2 * step);
  }

  test('dx is the derivative with respect to x', () => {
    for (let r = 0; r < rows; r += 13) {
      const [values, slopes] = [row(x, r), row(dy, r)];
      const mean = values.reduce((sum, v) => sum + v * v, 0) / cols;
      const inverse = 1 / Math.sqrt(mean + epsilon);
      const dz = slopes.map((d, i) => Math.abs(d * (gain[i] as number)));
      const size = dz.reduce((sum, d, i) => sum + d * Math.abs((values[i] as number) * inverse), 0) / cols;
      for (let i = 0; i < cols; i++) {
        const wanted = slopeOf(values, i, (v) => loss(v, slopes, gain));
        // Relative errors, in u: a sum is at most 8 + 6 roundings deep; that of squares gives an inverse within (14 + 1
        // + 1) / 2 + 2 = 10, and so z within 11; dz within 1; their mean within 14 + 11 + 1 + 1 = 27 of the mean of
        // magnitudes; dz - z · mean within 1 · dz + (11 + 27) · z · mean and its own 1, and times the inverse 11 more.
        // The f64 difference adds less than one u.
        const z = Math.abs((values[i] as number) * inverse);
        const bound = inverse * (14 * (dz[i] as number) + 51 * z * size) * u;
        expect(Math.abs((gradients.x.data[r * cols + i] as number) - wanted)).toBeLessThanOrEqual(bound);
      }
    }
  });

  test("the gain's gradient is the derivative with respect to it", () => {
    for (let i = 0; i < cols; i++) {
      let wanted = 0;
      let size = 0;
      for (let r = 0; r < rows; r++) {
        const [values, slopes] = [row(x, r), row(dy, r)];
        const part = slopeOf(Float64Array.from(gain), i, (g) => loss(values, slopes, g));
        wanted += part;
        size += Math.abs(part);
      }
      // Each z within 11 u, as above; a strip is at most 128 roundings deep, and the strips one more.
      const bound = (11 + 129 + 1) * u * size;
      expect(Math.abs((gradients.gain.data[i] as number) - wanted)).toBeLessThanOrEqual(bound);
    }
  });
});

describe.each([false, true])('the adapter allowed its own arithmetic: %s', (allowed) => {
  test.each([
    [130, 70],
    [3, 1100],
    [1, 1],
  ])('%dx%d: the bits of the oracle, plain and quantised', async (rows, cols) => {
    if (!allowed)
      vi.spyOn(native, 'nativeArithmetic').mockResolvedValue({ add: false, multiply: false, fma: false });
    for (const kind of ['ordinary', 'finite', 'special'] as const) {
      const [xValues, dyValues] = [
        awkward(rows, cols, 'f32', kind, 3),
        awkward(rows, cols, 'f32', kind === 'special' ? 'ordinary' : kind, 4),
      ];
      using x = await context.upload(xValues);
      using dy = await context.upload(dyValues);
      const gain = gains(cols);
      const expected = rmsNormGradients(xValues, gain, dyValues, 1e-5);
      const plain = await rmsNormGradientsOnGpu(context, x, gain, dy, { epsilon: 1e-5 });
      await expectBits(plain.x, expected.x);
      await expectBits(plain.gain, expected.gain);
      const fused = await rmsNormGradientsAndQuantize(context, x, gain, dy, { epsilon: 1e-5 });
      const { quantized, transposed } = quantizeWithTranspose(expected.x);
      expect(difference(await fused.x.quantized.read(), quantized)).toBeUndefined();
      expect(difference(await fused.x.transposed.read(), transposed)).toBeUndefined();
      await expectBits(fused.gain, expected.gain);
      for (const one of Object.values(fused.x)) one.dispose();
    }
  });
});

test.each([
  ['bf16', 'f32', 'bf16'],
  ['f32', 'bf16', 'f16'],
  ['f16', 'bf16', 'f32'],
] as const)('x in %s, dy in %s, dx in %s', async (xType, dyType, out) => {
  const [xValues, dyValues] = [
    rounded(randomMatrix(9, 50, 1), xType),
    rounded(randomMatrix(9, 50, 2), dyType),
  ];
  using x = await context.upload(xValues);
  using dy = await context.upload(dyValues);
  const expected = rmsNormGradients(xValues, gains(50), dyValues);
  const actual = await rmsNormGradientsOnGpu(context, x, gains(50), dy, { out });
  expect(actual.x.dtype).toBe(out);
  await expectBits(actual.x, rounded(expected.x, out));
  await expectBits(actual.gain, expected.gain);
});

test('gradients too small for a normal number keep their bits', async () => {
  const xValues = randomMatrix(20, 90, 5);
  const small = randomMatrix(20, 90, 6);
  const dyValues = matrix(
    20,
    90,
    (small.data as Float32Array).map((value) => value * 2 ** -130),
  );
  using x = await context.upload(xValues);
  using dy = await context.upload(dyValues);
  const expected = rmsNormGradients(xValues, gains(90), dyValues);
  expect(toFloat32(expected.x).some((value) => value !== 0 && Math.abs(value) < 2 ** -126)).toBe(true);
  const actual = await rmsNormGradientsOnGpu(context, x, gains(90), dy);
  await expectBits(actual.x, expected.x);
  await expectBits(actual.gain, expected.gain);
});

describe('what is refused', async () => {
  const x = await context.upload(randomMatrix(2, 3, 1));
  const other = await context.upload(randomMatrix(3, 3, 1));
  const gain = new Float32Array(3);
  const refusals: [string, () => Promise<unknown>, string][] = [
    [
      'a dy of another shape',
      () => rmsNormGradientsOnGpu(context, x, gain, other),
      'dy is "3x3"; allowed: a matrix of x\'s shape, 2x3',
    ],
    [
      'a gain of another length',
      () => rmsNormGradientsAndQuantize(context, x, new Float32Array(2), x),
      'gain.length is 2; allowed',
    ],
    [
      'no epsilon',
      () => rmsNormGradientsOnGpu(context, x, gain, x, { epsilon: 0 }),
      'epsilon is 0; allowed: a number of at',
    ],
    [
      'another type',
      () => rmsNormGradientsOnGpu(context, x, gain, x, { out: 'f64' as 'f32' }),
      'out is "f64"; allowed: f32, bf16, f16',
    ],
    [
      'an option that is none',
      () => rmsNormGradientsOnGpu(context, x, gain, x, { dtype: 'f32' } as object),
      'options.dtype is "f32"; allowed',
    ],
    [
      'a granularity',
      () => rmsNormGradientsAndQuantize(context, x, gain, x, { granularity: 'row' } as object),
      'options.granularity is "row"',
    ],
    [
      'a host matrix',
      () => rmsNormGradientsOnGpu(context, x, gain, randomMatrix(2, 3, 1) as never),
      'dy is Object; allowed: a Gpu',
    ],
  ];
  test.each(refusals)('%s', async (_, work, message) => {
    const refusal = await work().catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ArgumentError);
    expect((refusal as Error).message).toContain(message);
  });
});
