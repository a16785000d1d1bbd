/** @file Quantising and multiplying few rows in one pass, held to the bits of the two passes. */

import { describe, expect, test } from 'vitest';
import { fusedProblem } from '../../../src/gemm/fused/problem.js';
import { fusedSkinny } from '../../../src/gemm/fused/skinny.js';
import { type SkinnyTiling, skinny } from '../../../src/gemm/skinny.js';
import { matrix } from '../../../src/matrix.js';
import { openTestGpu } from '../../adapter.js';
import { awkward } from '../../quantize/data.js';
import { compareWays } from '../both-ways.js';
import { randomMatrix, randomOperand } from '../operands.js';

const gpu = await openTestGpu();
const tiling: SkinnyTiling = { way: 'staged', threads: 128, lanes: 16, parts: 1 };
const compare = compareWays.bind(undefined, gpu, 'skinny');
const weights = randomOperand(37, 330, { seed: 2, granularity: '128x128' });

describe('the bits of quantising first and multiplying then', () => {
  test.each([
    ['deepgemm', false],
    ['deepseek', true],
    ['reciprocal', true],
    ['ieee', false],
  ] as const)('%s, power-of-two scales: %s', async (dialect, powerOfTwo) => {
    // Of four rows in the tile one is not there, or the last has special values.
    for (const [rows, kind] of [
      [3, 'ordinary'],
      [3, 'finite'],
      [4, 'special'],
      [3, 'infinite'],
    ] as const) {
      const result = await compare(tiling, awkward(rows, 330, 'f32', kind), weights, { dialect, powerOfTwo });
      expect(result.wrong, kind).toEqual([]);
      if (kind !== 'finite') expect(result.finite).toBeGreaterThan(37);
    }
  });

  test.each([
    // Half of the threads have nothing to quantise; K is a whole number of tiles, though not of chunks.
    [2, 37, 1280, { threads: 256, lanes: 32 }],
    // Two turns, and four.
    [1, 1, 1, { threads: 64, lanes: 32 }],
    [8, 37, 700, { threads: 64, lanes: 32 }],
    // Several chunks of K, the last of them with tiles that are not there.
    [1, 37, 2500, { threads: 64, lanes: 32 }],
    [4, 37, 1100, { threads: 128, lanes: 16 }],
    [4, 5, 129, { threads: 128, lanes: 16 }],
    [16, 37, 700, { threads: 128, lanes: 16 }],
  ])('%i x %i x %i by %o', async (m, n, k, size) => {
    const [x, b] = [awkward(m, k, 'f32', 'ordinary'), randomOperand(n, k, { seed: 3 })];
    expect(await compare({ ...size, parts: 1 }, x, b)).toEqual({ wrong: [], finite: m * n });
  });

  test('K in parts, C and one rounding of bf16 values in e5m2', async () => {
    const c = randomMatrix(4, 37, 'bf16');
    for (const kind of ['ordinary', 'special'] as const) {
      const options = { format: 'e5m2', c, out: 'bf16' } as const;
      const x = awkward(4, 330, 'bf16', kind);
      const { wrong, finite } = await compare({ ...tiling, parts: 3 }, x, weights, options);
      expect(wrong, kind).toEqual([]);
      expect(finite).toBeGreaterThan(37);
    }
  });

  test('f16 values in e2m1 by scales of 32 of B, to f16', async () => {
    const narrow = randomOperand(37, 330, { seed: 2, granularity: '1x32', spread: 2 });
    const x = awkward(2, 330, 'f16', 'finite');
    const options = { format: 'e2m1', out: 'f16', c: randomMatrix(2, 37, 'f16') } as const;
    expect((await compare(tiling, x, narrow, options)).wrong).toEqual([]);
    const ordinary = await compare(tiling, randomMatrix(2, 330, 'f16', 4, 8), narrow, options);
    expect(ordinary.wrong).toEqual([]);
    expect(ordinary.finite).toBeGreaterThan(37);
  });

  test('tiles of zeros', async () => {
    for (const dialect of ['deepgemm', 'ieee'] as const) {
      const zeros = matrix(3, 330, new Float32Array(990));
      expect(await compare(tiling, zeros, weights, { dialect })).toEqual({ wrong: [], finite: 0 });
    }
  });

  test("the next row's values where a row ends within a chunk are no part of the product", async () => {
    const x = awkward(2, 1280, 'f32', 'ordinary');
    for (let k = 0; k < 1280; k += 100) x.data[1280 + k] = Number.NaN;
    const result = await compare({ threads: 256, lanes: 32, parts: 1 }, x, randomOperand(37, 1280));
    expect(result).toEqual({ wrong: [], finite: 37 });
  });
});

test('no tiling takes more than the device has, and the defaults of WebGPU are enough for eight rows', () => {
  const tilings = (rows: number, maxComputeWorkgroupStorageSize: number) => {
    const b = randomOperand(1, 2048, { granularity: '128x128' });
    const limits = { ...gpu.machine.limits, maxComputeWorkgroupStorageSize };
    const problem = fusedProblem({ rows, cols: 2048, dtype: 'f32' }, b);
    return fusedSkinny.tilings(problem, { ...gpu.machine, limits }) as SkinnyTiling[];
  };
  const lanes = (rows: number, bytes: number) => new Set(tilings(rows, bytes).map((one) => one.lanes));
  // 2048 f32 values, and 20 bytes for each 128 of them.
  for (const rows of [1, 2, 3, 4]) {
    expect(lanes(rows, 8512)).toEqual(new Set([16, 32]));
    expect(tilings(rows, 8511)).toEqual([]);
  }
  expect(lanes(8, 16384)).toEqual(new Set([16]));
  expect(lanes(8, 17024)).toEqual(new Set([16, 32]));
  expect(tilings(9, 17023)).toEqual([]);
  expect(lanes(16, 17024)).toEqual(new Set([16]));
});

test('as many rows as skinny multiplies', () => {
  const b = randomOperand(1, 256);
  const problem = (rows: number) => fusedProblem({ rows, cols: 256, dtype: 'f32' }, b);
  expect(fusedSkinny.unfit(problem(16), gpu.machine)).toBeUndefined();
  expect(fusedSkinny.unfit(problem(17), gpu.machine)).toBe(skinny.unfit(problem(17)));
  expect(fusedSkinny.unfit(problem(17), gpu.machine)).toMatch(/at most 16 rows/);
});
