/** @file Quantising and multiplying in one pass on matrix units, held to the bits of the two passes. */

import { describe, expect, test, vi } from 'vitest';
import { formats } from '../../../src/format/formats.js';
import { fusedMatrix } from '../../../src/gemm/fused/matrix.js';
import { quantizing } from '../../../src/gemm/fused/pass.js';
import { planFused } from '../../../src/gemm/fused/plan.js';
import { fusedProblem } from '../../../src/gemm/fused/problem.js';
import { makeHalves } from '../../../src/gemm/keep-halves.js';
import type { Tiling } from '../../../src/gemm/kernel.js';
import { matrixPromoted } from '../../../src/gemm/matrix/promoted.js';
import type { MatrixTiling } from '../../../src/gemm/matrix/tile.js';
import { partialsBytes } from '../../../src/gemm/parts.js';
import type { Dispatch } from '../../../src/gpu/dispatch.js';
import type { MatrixConfig } from '../../../src/gpu/machine.js';
import { type Matrix, matrix } from '../../../src/matrix.js';
import { nativeArithmetic } from '../../../src/probe/native.js';
import { granularityByName } from '../../../src/quantize/granularity.js';
import type { QuantizedMatrix } from '../../../src/quantize/quantized-matrix.js';
import { openTestGpu } from '../../adapter.js';
import { awkward } from '../../quantize/data.js';
import { type Differences, differences, onGpu, type WayOptions } from '../both-ways.js';
import { inSoftware } from '../in-software.js';
import { f16Units, intoF32, h100 as machine, machineWith, matrixTiling } from '../matrix-machine.js';
import { randomMatrix, randomOperand } from '../operands.js';

const gpu = await openTestGpu();
const native = await nativeArithmetic(gpu);

interface Options extends WayOptions {
  readonly config?: MatrixConfig;
  readonly tile?: Partial<MatrixTiling>;
  readonly byFour?: boolean;
  /** Whether B's halves are kept. */
  readonly kept?: boolean;
}

const ofRows = (rows: number) =>
  fusedProblem(
    { rows, cols: 2048, dtype: 'f32' },
    { rows: 7168, cols: 2048, format: formats.e4m3, granularity: granularityByName('128x128') },
  );

/** A matrix a subgroup, since a software adapter takes longer to compile more of them. */
const small = { ...matrixTiling, rows: 16, cols: 16, unitRows: 8, unitCols: 8 };

/**
 * Compares both ways on the same units in software. The tile of the second is always the small one with as many parts,
 * which spares compiling it again: the units add up K in the same order whatever the tile, but for the pairs of steps
 * that 64 of K come in.
 */
async function compare(
  x: Matrix,
  w: QuantizedMatrix,
  { config = f16Units, tile = {}, byFour = false, kept = false, ...options }: Options = {},
): Promise<Differences> {
  const machine = await machineWith(gpu, config);
  const tiling = { ...small, ...tile };
  return await onGpu(gpu, x, w, options, async ({ a, codes, b, c, run }) => {
    if (kept) await makeHalves(gpu, b, 'matrix-promoted', machine);
    const problem = fusedProblem(a, b, { ...options, c });
    expect(fusedMatrix.unfit(problem, machine)).toBeUndefined();
    const inSoftwareAll = (dispatches: Dispatch[], four: boolean) =>
      dispatches.map((dispatch) => ({ ...dispatch, shader: inSoftware(dispatch.shader, four) }));
    const job = { problem, machine, operationsPerDispatch: 1e9 };
    const fused = await run(fusedMatrix.scratchBytes(problem, tiling), (d, scratch) => {
      const matrices = { a, b, c, d };
      return inSoftwareAll(fusedMatrix.dispatches({ ...job, tiling, scratch, matrices, native }), byFour);
    });
    const apart = await run(partialsBytes(problem, tiling.parts), (d, scratch) => {
      const plain = { ...small, depth: tiling.depth, parts: tiling.parts };
      const matrices = { a: codes, b, c, d };
      return inSoftwareAll(matrixPromoted.dispatches({ ...job, tiling: plain, scratch, matrices }), false);
    });
    return differences(fused, apart);
  });
}

const weights = randomOperand(70, 330, { seed: 2, granularity: '128x128' });

describe('the bits of quantising first and multiplying then', () => {
  // What dialects make of values is the same for all fused kernels: the others' tests have all of them.
  test.each(['inline', 'pass', 'pass-a'] as const)('ordinary and special values (%s)', async (decode) => {
    for (const kind of ['ordinary', 'special', 'infinite'] as const) {
      const result = await compare(awkward(45, 330, 'f32', kind), weights, { tile: { decode } });
      expect(result.wrong, kind).toEqual([]);
      expect(result.finite).toBeGreaterThan(45 * 50);
    }
  });

  test.each([
    [1, 1, 1],
    [3, 64, 129],
    [64, 5, 257],
  ])('%i x %i x %i', async (m, n, k) => {
    const result = await compare(awkward(m, k, 'f32', 'ordinary'), randomOperand(n, k, { seed: 3 }));
    expect(result).toEqual({ wrong: [], finite: m * n });
  });

  test("A's halves beside those of B that are kept", async () => {
    const tile = { decode: 'pass' } as const;
    const scratch = vi.spyOn(fusedMatrix, 'scratchBytes');
    for (const kept of [false, true]) {
      const result = await compare(awkward(45, 330, 'f32', 'special'), weights, { tile, kept });
      expect(result.wrong).toEqual([]);
      expect(result.finite).toBeGreaterThan(45 * 50);
    }
    // Without room for B's, whose 70 rows of 330 are 80 of 352, the pass cannot have made them.
    const [made, left] = scratch.mock.results.map(({ value }) => value as readonly number[]);
    expect(made?.filter((_, i) => i !== 2)).toEqual(left);
    expect(made?.[2]).toBe(2 * 80 * 352);
    scratch.mockRestore();
  });

  test('tiles of zeros', async () => {
    const zeros = matrix(3, 330, new Float32Array(990));
    expect(await compare(zeros, weights)).toEqual({ wrong: [], finite: 0 });
  });

  test('K in parts', async () => {
    const x = awkward(45, 330, 'f32', 'ordinary');
    const c = randomMatrix(45, 70, 'f32');
    for (const parts of [2, 3])
      expect(await compare(x, weights, { c, tile: { parts } })).toEqual({ wrong: [], finite: 45 * 70 });
  });

  test('scales of B that the columns of a tile have in common, and of each column', async () => {
    for (const granularity of ['1x128', 'tensor'] as const) {
      const w = randomOperand(70, 330, { seed: 4, granularity });
      const result = await compare(awkward(20, 330, 'f32', 'ordinary'), w);
      expect(result, granularity).toEqual({ wrong: [], finite: 20 * 70 });
    }
  });

  test('e5m2 codes of bf16 values divided by powers of two, C and one rounding, in two batches of turns', async () => {
    const tile = { rows: 32, cols: 8, unitRows: 16 };
    const scaling = { format: 'e5m2', dialect: 'deepseek', powerOfTwo: true } as const;
    const options = { ...scaling, c: randomMatrix(45, 70, 'bf16'), out: 'bf16', tile } as const;
    for (const kind of ['ordinary', 'special'] as const) {
      const x = awkward(45, 330, 'bf16', kind);
      const { wrong, finite } = await compare(x, weights, options);
      expect(wrong, kind).toEqual([]);
      expect(finite).toBeGreaterThan(45 * 50);
    }
  });

  test('e2m1 codes of f16 values, by units that multiply f32', async () => {
    const x = awkward(45, 330, 'f16', 'special');
    const config = intoF32(8, 8, 8, 'f32');
    const { wrong, finite } = await compare(x, weights, { format: 'e2m1', config });
    expect(wrong).toEqual([]);
    expect(finite).toBeGreaterThan(45 * 50);
  });

  test.each<[string, Partial<MatrixTiling>]>([
    ['several matrices a subgroup', matrixTiling],
    ['more threads than a row has values for', { rows: 8, cols: 64 }],
  ])('%s', async (_, tile) => {
    const result = await compare(awkward(20, 330, 'f32', 'ordinary'), weights, { tile });
    expect(result).toEqual({ wrong: [], finite: 20 * 70 });
  });

  test.each([
    [32, 256],
    [64, 256],
    // Two steps of 32 beyond whole tiles.
    [32, 320],
  ])('several steps of %i without a loop where K allows it, K of %i', async (depth, k) => {
    // Units of long K, of which a step takes few: these are compiled one by one.
    const options = { config: intoF32(8, 8, 32, 'f16'), tile: { rows: 8, depth }, byFour: true };
    const w = randomOperand(20, k, { seed: 2, granularity: '128x128' });
    const result = await compare(awkward(9, k, 'f32', 'ordinary'), w, options);
    expect(result).toEqual({ wrong: [], finite: 9 * 20 });
  });
});

describe('A quantised in a pass that makes halves', () => {
  test.each([
    [1, 1, 1],
    [3, 64, 129],
    [64, 5, 257],
    // More tiles of K than a workgroup quantises.
    [20, 5, 1300],
  ])('%i x %i x %i', async (m, n, k) => {
    const [x, w] = [awkward(m, k, 'f32', 'ordinary'), randomOperand(n, k, { seed: 3 })];
    // Tiles of 32 rows reach beyond A by whole blocks of the pass.
    for (const rows of [16, 32])
      expect(await compare(x, w, { tile: { decode: 'pass', rows } })).toEqual({ wrong: [], finite: m * n });
  });

  test('four and eight tiles of a row at once, where there are many', async () => {
    const problem = ofRows(4096);
    const rowTiles = (m: number, k = 2048) => quantizing({ ...problem, m, k }, native).constants.ROW_TILES;
    expect([16, 1024, 4096].map((m) => rowTiles(m))).toEqual([2, 4, 8]);
    const shapes = [
      [4100, 257, 8],
      [2050, 600, 4],
    ] as const;
    for (const [m, k, count] of shapes) {
      expect(rowTiles(m, k)).toBe(count);
      const [x, w] = [awkward(m, k, 'f32', 'ordinary'), randomOperand(3, k, { seed: 3 })];
      expect(await compare(x, w, { tile: { decode: 'pass' } })).toEqual({ wrong: [], finite: m * 3 });
    }
  });

  test('K in parts, C and one rounding, e5m2 codes of bf16 values, scales of B every 32', async () => {
    const w = randomOperand(70, 330, { seed: 4, granularity: '1x32' });
    const c = randomMatrix(45, 70, 'bf16');
    const options = { format: 'e5m2', dialect: 'deepseek', powerOfTwo: true, c, out: 'bf16' } as const;
    for (const parts of [1, 2]) {
      const tile = { decode: 'pass-a', parts } as const;
      const { wrong, finite } = await compare(awkward(45, 330, 'bf16', 'ordinary'), w, { ...options, tile });
      expect(wrong).toEqual([]);
      expect(finite).toBeGreaterThan(45 * 50);
    }
  });

  test('e2m1 codes of f16 values', async () => {
    const x = awkward(45, 330, 'f16', 'special');
    const { wrong, finite } = await compare(x, weights, { format: 'e2m1', tile: { decode: 'pass' } });
    expect(wrong).toEqual([]);
    expect(finite).toBeGreaterThan(45 * 50);
  });
});

describe('where matrix units are', () => {
  const tile = ({ rows, cols }: Tiling) => `${rows}x${cols}`;

  const staged = (rows: number, device = machine) =>
    (fusedMatrix.tilings(ofRows(rows), device) as readonly MatrixTiling[]).filter(
      ({ decode }) => decode === 'inline',
    );

  test('a tile that quantises A has no more rows than A needs', () => {
    const first = (rows: number) => tile(staged(rows)[0] as Tiling);
    expect([1, 16, 17, 32, 128, 4096].map(first)).toEqual([
      '16x128',
      '16x128',
      '32x128',
      '32x128',
      '64x128',
      '64x128',
    ]);
  });

  test('rows are quantised once, B decoded with them where it is worth it', () => {
    const first = (rows: number) => fusedMatrix.tilings(ofRows(rows), machine)[0]?.decode;
    expect([5, 128, 4096].map(first)).toEqual(['pass-a', 'pass-a', 'pass']);
  });

  test('no tiling takes more than the device has', () => {
    const tiles = (maxComputeWorkgroupStorageSize: number) => {
      const limits = { ...machine.limits, maxComputeWorkgroupStorageSize };
      return new Set(staged(64, { ...machine, limits }).map(tile));
    };
    const little = ['16x32', '16x64', '32x64'];
    expect(tiles(16384)).toEqual(new Set(little));
    // 128 halves of each of 64 rows are 17 KiB with their padding, 32 of each of 256 are 20.
    const two = [...little, '16x128', '32x128', '64x128'];
    expect(tiles(30720)).toEqual(new Set(two));
    expect(tiles(32768)).toEqual(new Set([...two, '32x256']));
  });

  test('few rows only where there is no pass', () => {
    const f32 = { ...machine, matrixConfigs: [intoF32(8, 8, 8, 'f32')] };
    const narrow = { ...machine, limits: { ...machine.limits, maxStorageBufferBindingSize: 2 ** 18 } };
    expect([32, 33, 4096].map((rows) => fusedMatrix.pays(ofRows(rows), f32))).toEqual([true, false, false]);
    // What a pass makes of few rows fits even there.
    expect(fusedMatrix.pays(ofRows(4096), narrow)).toBe(false);
    expect([16, 17, 4096].map((rows) => fusedMatrix.pays(ofRows(rows), machine))).toEqual([
      false,
      true,
      true,
    ]);
  });

  test('scales of B that change within a tile of A take the pass, and devices without units portable', async () => {
    const narrow = randomOperand(7, 256, { granularity: '1x32' });
    const a = { rows: 3, cols: 256, dtype: 'f32' } as const;
    const ways = fusedMatrix.tilings(fusedProblem(a, narrow), machine).map(({ decode }) => decode);
    expect(new Set(ways)).toEqual(new Set(['pass', 'pass-a']));
    // Units of f32 have no pass.
    const f32 = { ...machine, matrixConfigs: [intoF32(8, 8, 8, 'f32')] };
    expect(fusedMatrix.unfit(fusedProblem(a, narrow), f32)).toMatch(/B's scales change every 32/);
    expect(fusedMatrix.unfit(fusedProblem(a, narrow), machine)).toBeUndefined();
    const lacking = { ...gpu.machine, matrixConfigs: [] };
    expect(fusedMatrix.kernel.lacks?.(lacking)).toMatch(/needs matrix units/);
    const many = { ...a, rows: 17 };
    expect((await planFused(gpu, fusedProblem(many, narrow))).kernel.name).toBe('portable');
    await expect(planFused(gpu, fusedProblem(a, narrow), { kernel: 'matrix-promoted' })).rejects.toThrow(
      /matrix-promoted: it/,
    );
    await expect(planFused(gpu, ofRows(3), { kernel: 'half' })).rejects.toThrow(/^kernel is "half"/);
  });
});
