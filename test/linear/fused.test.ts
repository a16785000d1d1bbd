/** @file Activations, SwiGLU and RMSNorm fused with quantisation: bits against the oracles and the two-pass way. */

import { afterEach, describe, expect, test, vi } from 'vitest';
import { Context } from '../../src/context.js';
import { ArgumentError } from '../../src/errors.js';
import { type GpuMatrix, GpuQuantizedMatrix } from '../../src/gpu-matrix.js';
import { activate, activated, activations } from '../../src/linear/activation.js';
import {
  activateAndQuantize,
  activateOnGpu,
  type GpuPair,
  rmsNormAndQuantize,
  rmsNormOnGpu,
  swigluAndQuantize,
  swigluGradientsAndQuantize,
  swigluOnGpu,
} from '../../src/linear/fused.js';
import { inverseRms, rmsNorm } from '../../src/linear/rms-norm.js';
import { sigmoids } from '../../src/linear/sigmoid.js';
import { swiglu, swigluGradients } from '../../src/linear/swiglu.js';
import { type Matrix, matrix, toFloat32, toFloat32Bits } from '../../src/matrix.js';
import * as native from '../../src/probe/native.js';
import { dequantize } from '../../src/quantize/dequantize.js';
import { quantize } from '../../src/quantize/quantize.js';
import { quantizeWithTranspose } from '../../src/quantize/with-transpose.js';
import { randomMatrix } from '../../src/verify/random.js';
import { openTestGpu } from '../adapter.js';
import { awkward } from '../quantize/data.js';
import { difference } from '../quantize/differences.js';

const context = new Context(await openTestGpu());

afterEach(() => {
  vi.restoreAllMocks();
});

/** Awkward values, and every magnitude from 2^-30 to 2^8 with both signs. */
function values(rows: number, cols: number, seed: number): Matrix {
  const data = awkward(rows, cols, 'f32', 'special', seed).data.slice() as Float32Array;
  const random = randomMatrix(1, data.length, seed).data;
  for (let i = 0; i < data.length; i++) if (i % 3 > 0) data[i] = (random[i] as number) * 2 ** ((i % 39) - 30);
  return matrix(rows, cols, data);
}

async function expectPair(actual: GpuPair, expected: Matrix): Promise<void> {
  const { quantized, transposed } = quantizeWithTranspose(expected);
  expect(difference(await actual.quantized.read(), quantized)).toBeUndefined();
  expect(difference(await actual.transposed.read(), transposed)).toBeUndefined();
  actual.quantized.dispose();
  actual.transposed.dispose();
}

/** Compares bits; every NaN is as good as another. */
async function expectBits(actual: GpuMatrix, expected: Matrix): Promise<void> {
  const bits = (source: Matrix) =>
    toFloat32Bits(source).map((word) => ((word & 0x7fffffff) > 0x7f800000 ? 0x7fc00000 : word));
  expect(bits(await actual.read())).toEqual(bits(expected));
  actual.dispose();
}

describe('the oracles', () => {
  test('the sigmoid errs by less than 2^-20 of itself', () => {
    let worst = 0;
    for (let i = -87 * 64 + 1; i < 87 * 64; i++) {
      const x = Math.fround(i / 64 + i / 7919);
      if (Math.abs(x) >= 87) continue;
      const exact = x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x));
      worst = Math.max(worst, Math.abs(sigmoids(x).here - exact) / exact);
      expect(sigmoids(x).opposite).toBe(sigmoids(-x).here);
    }
    expect(worst).toBeLessThan(2 ** -20);
    expect(worst).toBeGreaterThan(2 ** -25);
    expect(sigmoids(100)).toEqual({ here: 1, opposite: 0 });
    expect(sigmoids(-Infinity)).toEqual({ here: 0, opposite: 1 });
    expect(sigmoids(0)).toEqual({ here: 0.5, opposite: 0.5 });
  });

  test('activations are what their definitions say', () => {
    const exact = {
      relu: (x: number) => Math.max(x, 0),
      silu: (x: number) => x / (1 + Math.exp(-x)),
      gelu: (x: number) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
    };
    for (const activation of activations) {
      // gelu's sigmoid has an argument of up to 9 in f32, of two roundings: 9 · 2^-23 beside the sigmoid's 2^-20.
      for (let x = -5; x <= 30; x += 0.0371) {
        const given = Math.fround(x);
        const wanted = exact[activation](given);
        expect(Math.abs(activated(activation, given) - wanted)).toBeLessThanOrEqual(
          2 ** -18 * Math.abs(wanted) + 2 ** -22 * (activation === 'gelu' && x < 0 ? 1 : 0),
        );
      }
      const positive = [activated(activation, Infinity), activated(activation, 2 ** 127)];
      expect(positive).toEqual([Infinity, 2 ** 127]);
      expect(Math.abs(activated(activation, -Infinity))).toBe(0);
      expect(activated(activation, Number.NaN)).toBeNaN();
    }
  });

  test("SwiGLU's gradients are derivatives", () => {
    const [gate, up, dh] = [randomMatrix(4, 9, 1), randomMatrix(4, 9, 2), randomMatrix(4, 9, 3)];
    const gradients = swigluGradients(gate, up, dh);
    const h = (g: number, u: number) => (g / (1 + Math.exp(-g))) * u;
    const step = 2 ** -17;
    for (let i = 0; i < 36; i++) {
      const [g, u, d] = [gate.data[i], up.data[i], dh.data[i]] as [number, number, number];
      // Central differences of f64 err by step² times a third derivative below 1, and by 2^-52 / step.
      const slopes = [
        (d * (h(g + step, u) - h(g - step, u))) / (2 * step),
        (d * (h(g, u + step) - h(g, u - step))) / (2 * step),
      ];
      const size = Math.abs(d) * (1 + Math.abs(u) + Math.abs(g));
      expect(Math.abs((gradients.gate.data[i] as number) - (slopes[0] as number))).toBeLessThan(
        size * 2 ** -17,
      );
      expect(Math.abs((gradients.up.data[i] as number) - (slopes[1] as number))).toBeLessThan(
        size * 2 ** -17,
      );
    }
  });

  test('RMSNorm is what its definition says', () => {
    const x = randomMatrix(3, 1000, 7);
    const gain = Float32Array.from({ length: 1000 }, (_, i) => 1 + i / 1000);
    const y = rmsNorm(x, gain);
    for (let row = 0; row < 3; row++) {
      const mean =
        (x.data as Float32Array).subarray(row * 1000, row * 1000 + 1000).reduce((sum, v) => sum + v * v, 0) /
        1000;
      for (let col = 0; col < 1000; col += 37) {
        const exact = ((x.data[row * 1000 + col] as number) / Math.sqrt(mean + 1e-6)) * (gain[col] as number);
        // A sum of squares in f32, at most 16 + 6 roundings deep; and five roundings after it.
        expect(Math.abs((y.data[row * 1000 + col] as number) - exact)).toBeLessThanOrEqual(
          (22 / 2 + 6) * 2 ** -24 * Math.abs(exact),
        );
      }
    }
    const special = matrix(3, 2, Float32Array.of(Number.NaN, 1, Infinity, 1, 0, 0));
    expect([...inverseRms(special)].slice(0, 2)).toEqual([Number.NaN, 0]);
    expect(inverseRms(special)[2]).toBeCloseTo(1000, 1);
  });
});

/** Both arithmetics: the adapter's own where it rounds as IEEE 754 says, and integers. */
const arithmetics = [false, true] as const;
const integers = { add: false, multiply: false, fma: false };

describe.each(arithmetics)('the adapter allowed its own arithmetic: %s', (allowed) => {
  function allow(): void {
    if (!allowed) vi.spyOn(native, 'nativeArithmetic').mockResolvedValue(integers);
  }

  test('every value of silu and gelu, in bits', async () => {
    allow();
    const source = values(40, 150, 1);
    using x = await context.upload(source);
    for (const activation of allowed ? activations : (['silu'] as const))
      await expectBits(await activateOnGpu(context, x, activation), activate(source, activation));
  });

  test('SwiGLU quantised in one pass has the bits of two passes and of the oracle', async () => {
    allow();
    const [gateValues, upValues] = [values(131, 70, 2), values(131, 70, 3)];
    using gate = await context.upload(gateValues);
    using up = await context.upload(upValues);
    const fused = await swigluAndQuantize(context, gate, up);
    using plain = await swigluOnGpu(context, gate, up);
    const apart = await context.quantizeWithTranspose(plain);
    expect(difference(await fused.quantized.read(), await apart.quantized.read())).toBeUndefined();
    expect(difference(await fused.transposed.read(), await apart.transposed.read())).toBeUndefined();
    for (const one of Object.values(apart)) one.dispose();
    await expectPair(fused, swiglu(gateValues, upValues));
  });
});

test('an activation quantised in one pass', async () => {
  const source = values(40, 150, 9);
  using x = await context.upload(source);
  await expectPair(await activateAndQuantize(context, x, 'relu'), activate(source, 'relu'));
});

test("SwiGLU's backward pass on kept codes: its result again, and its gradients", async () => {
  const kept = [4, 5].map((seed) => quantize(randomMatrix(140, 70, seed), { powerOfTwo: true }));
  const [gate, up] = kept as [(typeof kept)[0], (typeof kept)[0]];
  const dhValues = randomMatrix(140, 70, 6);
  using gateCodes = GpuQuantizedMatrix.upload(context.gpu, gate);
  using upCodes = GpuQuantizedMatrix.upload(context.gpu, up);
  using dh = await context.upload(dhValues);
  const inputs = [dequantize(gate), dequantize(up)] as const;
  await expectPair(await swigluAndQuantize(context, gateCodes, upCodes), swiglu(...inputs));
  const expected = swigluGradients(...inputs, dhValues);
  const gradients = await swigluGradientsAndQuantize(context, gateCodes, upCodes, dh);
  await expectPair(gradients.gate, expected.gate);
  await expectPair(gradients.up, expected.up);
});

describe('RMSNorm', () => {
  test.each([
    [130, 70],
    [3, 1100],
    [1, 1],
  ])('%dx%d: the bits of the oracle, plain and quantised', async (rows, cols) => {
    const source = values(rows, cols, rows);
    const gain = Float32Array.from({ length: cols }, (_, i) => 0.5 + (i % 7) / 5);
    using x = await context.upload(source);
    const expected = rmsNorm(source, gain, 1e-5);
    await expectBits(await rmsNormOnGpu(context, x, gain, 1e-5), expected);
    await expectPair(await rmsNormAndQuantize(context, x, gain, { epsilon: 1e-5 }), expected);
  });

  test('integers give the same bits', async () => {
    vi.spyOn(native, 'nativeArithmetic').mockResolvedValue(integers);
    const source = values(9, 300, 8);
    using x = await context.upload(source);
    const gain = new Float32Array(300).fill(1);
    await expectBits(await rmsNormOnGpu(context, x, gain), rmsNorm(source, gain));
  });

  test('a row of values whose squares overflow becomes zeros', async () => {
    const source = matrix(1, 3, Float32Array.of(3e38, -1, 2));
    using x = await context.upload(source);
    const expected = rmsNorm(source, Float32Array.of(1, 1, 1));
    expect([...toFloat32(expected)]).toEqual([0, -0, 0]);
    await expectBits(await rmsNormOnGpu(context, x, Float32Array.of(1, 1, 1)), expected);
  });
});

describe('what is refused', async () => {
  const x = await context.upload(randomMatrix(2, 3, 1));
  const other = await context.upload(randomMatrix(3, 3, 1));
  const codes = await context.quantize(x);
  const refusals: [string, () => Promise<unknown>, string][] = [
    [
      'an activation that is none',
      () => activateAndQuantize(context, x, 'tanh' as 'relu'),
      'activation is "tanh"; allowed: relu, silu, gelu',
    ],
    [
      'gates of two shapes',
      () => swigluAndQuantize(context, x, other),
      'up is "3x3"; allowed: a matrix of gate\'s',
    ],
    [
      'gates of two kinds',
      () => swigluAndQuantize(context, x, codes),
      'up is "e4m3 1x128"; allowed: the kind of gate',
    ],
    ['no gate', () => swigluAndQuantize(context, undefined as never, x), 'gate is undefined; allowed'],
    ['a dh of another shape', () => swigluGradientsAndQuantize(context, x, x, other), 'dh is "3x3"; allowed'],
    [
      'a gain of another length',
      () => rmsNormOnGpu(context, x, new Float32Array(2)),
      'gain.length is 2; allowed',
    ],
    [
      'no epsilon',
      () => rmsNormOnGpu(context, x, new Float32Array(3), 0),
      'epsilon is 0; allowed: a number of at',
    ],
    [
      'a granularity',
      () => rmsNormAndQuantize(context, x, new Float32Array(3), { granularity: 'row' } as object),
      'options.granularity is "row"',
    ],
    [
      'a misspelt option of a norm',
      () => rmsNormAndQuantize(context, x, new Float32Array(3), { eps: 1 } as object),
      'options.eps is 1; allowed: the options epsilon, format, dialect, powerOfTwo',
    ],
    [
      'no options of a norm',
      () => rmsNormAndQuantize(context, x, new Float32Array(3), null as never),
      'options is null; allowed: an object of options',
    ],
    [
      'an epsilon in words',
      () => rmsNormOnGpu(context, x, new Float32Array(3), '1' as never),
      'epsilon is "1"; allowed',
    ],
    [
      'host matrices',
      () => activateOnGpu(context, randomMatrix(1, 1, 1) as never, 'relu'),
      'x is Object; allowed: a Gpu',
    ],
  ];
  test.each(refusals)('%s', async (_, work, message) => {
    const refusal = await work().catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ArgumentError);
    expect((refusal as Error).message).toContain(message);
  });
});
