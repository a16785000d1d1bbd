/** @file Quantising and multiplying in one pass, held to the bits of the two passes. */

import { describe, expect, test, vi } from 'vitest';
import { Context } from '../../../src/context.js';
import { ArgumentError, DisposedError, UnsupportedError } from '../../../src/errors.js';
import { planFused } from '../../../src/gemm/fused/plan.js';
import { fusedPortable } from '../../../src/gemm/fused/portable.js';
import { fusedProblem } from '../../../src/gemm/fused/problem.js';
import type { PortableTiling } from '../../../src/gemm/portable.js';
import { referenceGemm } from '../../../src/gemm/reference.js';
import type { Machine } from '../../../src/gpu/machine.js';
import { GpuMatrix } from '../../../src/gpu-matrix.js';
import { type Matrix, matrix, toFloat32 } from '../../../src/matrix.js';
import { quantize } from '../../../src/quantize/quantize.js';
import type { QuantizedMatrix } from '../../../src/quantize/quantized-matrix.js';
import { openTestGpu } from '../../adapter.js';
import { awkward } from '../../quantize/data.js';
import { compareWays, type WayOptions } from '../both-ways.js';
import { randomMatrix, randomOperand } from '../operands.js';

const gpu = await openTestGpu();
const context = new Context(gpu);
const tiling: PortableTiling = { rows: 32, cols: 64, depth: 16, threadRows: 8, parts: 1 };

/** The portable kernel both ways. */
const compare = (x: Matrix, w: QuantizedMatrix, options: WayOptions = {}, wanted = tiling) =>
  compareWays(gpu, 'portable', wanted, x, w, options);

const weights = randomOperand(70, 330, { seed: 2, granularity: '128x128' });

describe('the bits of quantising first and multiplying then', () => {
  const dialects = ['deepgemm', 'deepseek', 'reciprocal', 'ieee'] as const;

  describe.each(dialects)('%s', (dialect) => {
    test.each([false, true])('power-of-two scales: %s', async (powerOfTwo) => {
      for (const kind of ['ordinary', 'finite', 'special', 'infinite'] as const) {
        const result = await compare(awkward(45, 330, 'f32', kind), weights, { dialect, powerOfTwo });
        expect(result.wrong, kind).toEqual([]);
        if (kind !== 'finite') expect(result.finite).toBeGreaterThan(45 * 50);
      }
    });
  });

  test.each([
    [1, 1, 1],
    [33, 65, 128],
    [3, 64, 129],
    [64, 5, 257],
  ])('%i x %i x %i', async (m, n, k) => {
    const result = await compare(awkward(m, k, 'f32', 'ordinary'), randomOperand(n, k, { seed: 3 }));
    expect(result).toEqual({ wrong: [], finite: m * n });
  });

  test('tiles of zeros', async () => {
    for (const dialect of ['deepgemm', 'ieee'] as const) {
      const zeros = matrix(3, 330, new Float32Array(990));
      expect(await compare(zeros, weights, { dialect })).toEqual({ wrong: [], finite: 0 });
    }
  });

  test('K in parts, from the middle of a tile too', async () => {
    const narrow = randomOperand(70, 330, { seed: 2, granularity: '1x32' });
    for (const w of [weights, narrow]) {
      const x = awkward(45, 330, 'f32', 'ordinary');
      expect(await compare(x, w, {}, { ...tiling, parts: 3 })).toEqual({ wrong: [], finite: 45 * 70 });
    }
  });

  test('e5m2 codes of bf16 values, C and one rounding', async () => {
    const c = randomMatrix(45, 70, 'bf16');
    for (const kind of ['ordinary', 'special'] as const) {
      const x = awkward(45, 330, 'bf16', kind);
      const { wrong, finite } = await compare(x, weights, { format: 'e5m2', c, out: 'bf16' });
      expect(wrong, kind).toEqual([]);
      expect(finite).toBeGreaterThan(45 * 50);
    }
  });

  test('e2m1 codes of f16 values, 64 x 128 outputs a workgroup', async () => {
    const wide = { ...tiling, rows: 64, cols: 128 };
    const w = randomOperand(150, 330, { seed: 2, granularity: '128x128' });
    const { wrong, finite } = await compare(awkward(70, 330, 'f16', 'special'), w, { format: 'e2m1' }, wide);
    expect(wrong).toEqual([]);
    expect(finite).toBeGreaterThan(65 * 150);
  });
});

test('products of small whole numbers are the oracle of both steps', async () => {
  // Magnitudes of at most 448 with one of 448 in every tile: scales are 1 and nothing is rounded.
  const x = matrix(
    20,
    256,
    Float32Array.from({ length: 20 * 256 }, (_, i) => (i % 128 === 0 ? 448 : (i % 15) - 7)),
  );
  const w = randomOperand(30, 256, { spread: 0, values: (v) => Number.isInteger(v) && Math.abs(v) <= 8 });
  const oracle = toFloat32(referenceGemm(quantize(x, { powerOfTwo: true }), w));
  using d = await context.quantizeAndGemm(x, w, { powerOfTwo: true });
  expect(toFloat32(await d.read())).toEqual(oracle);
});

test('no tiling takes more than the device has, and the defaults of WebGPU are enough for one', () => {
  const problem = fusedProblem({ rows: 4096, cols: 7168, dtype: 'bf16' }, randomOperand(1, 7168));
  const least: Machine = {
    ...gpu.machine,
    limits: {
      ...gpu.machine.limits,
      maxComputeWorkgroupStorageSize: 16384,
      maxComputeInvocationsPerWorkgroup: 256,
      maxComputeWorkgroupSizeX: 256,
      maxComputeWorkgroupSizeY: 256,
    },
  };
  const tiles = (machine: Machine) =>
    new Set(fusedPortable.tilings(problem, machine).map(({ rows, cols }) => `${rows}x${cols}`));
  expect(tiles(least)).toEqual(new Set(['32x64', '32x128']));
  const roomy = { ...least, limits: { ...least.limits, maxComputeWorkgroupStorageSize: 49152 } };
  expect(tiles(roomy)).toEqual(new Set(['32x64', '32x128', '64x128', '128x128']));
});

describe('refuses', () => {
  const x = randomMatrix(4, 330, 'f32');

  test.each<[string, unknown[], RegExp]>([
    ['codes as values', [weights, weights], /^a is/],
    ['values as codes', [x, x], /^b is/],
    ['widths that differ', [randomMatrix(4, 128, 'f32'), weights], /^b\.cols is 330/],
    ['wide codes', [x, weights, { format: 'bf16', dialect: 'ieee' }], /^format is "bf16 of 16 bits"/],
    ['a granularity', [x, weights, { granularity: '1x32' }], /granularity/],
    ['a kernel', [x, weights, { kernel: 'portable' }], /kernel/],
    ['an unknown dialect', [x, weights, { dialect: 'dutch' }], /^dialect is "dutch"/],
    ['an addend of another shape', [x, weights, { c: x }], /^c is "4x330"/],
    ['an unknown output', [x, weights, { out: 'f64' }], /^out is "f64"/],
  ])('%s, before anything is allocated', async (_, [a, b, options], message) => {
    const allocate = vi.spyOn(gpu, 'buffer');
    const refusal = context.quantizeAndGemm(a as Matrix, b as QuantizedMatrix, options as never);
    await expect(refusal).rejects.toThrow(ArgumentError);
    await expect(refusal).rejects.toThrow(message);
    expect(allocate).not.toHaveBeenCalled();
    allocate.mockRestore();
  });

  test('matrices that have been disposed of, and devices with too little', async () => {
    const a = GpuMatrix.upload(gpu, x);
    a.dispose();
    await expect(context.quantizeAndGemm(a, weights)).rejects.toThrow(DisposedError);
    const problem = fusedProblem(x, weights);
    const small = { ...gpu.machine, limits: { ...gpu.machine.limits, maxComputeWorkgroupStorageSize: 8192 } };
    expect(fusedPortable.tilings(problem, small)).toEqual([]);
    const unsigned = {
      ...problem,
      b: { ...problem.b, format: { ...problem.b.format, signBits: 0 as const } },
    };
    await expect(planFused(gpu, unsigned)).rejects.toThrow(UnsupportedError);
  });
});
