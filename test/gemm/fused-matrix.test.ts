/** @file Quantising and multiplying in one pass on matrix units, held to the bits of the two passes. */

import { describe, expect, test } from 'vitest';
import { Context } from '../../src/context.js';
import { formats } from '../../src/format/formats.js';
import { fusedDispatches, planFused } from '../../src/gemm/fused.js';
import { fusedMatrix } from '../../src/gemm/fused-matrix.js';
import { fusedProblem, type QuantizeAndGemmOptions } from '../../src/gemm/fused-problem.js';
import type { Tiling } from '../../src/gemm/kernel.js';
import { matrixPromoted } from '../../src/gemm/matrix-promoted.js';
import type { MatrixTiling } from '../../src/gemm/matrix-units.js';
import { partialsBytes } from '../../src/gemm/parts.js';
import { gemmProblem } from '../../src/gemm/problem.js';
import type { Dispatch } from '../../src/gpu/dispatch.js';
import type { Machine, MatrixConfig } from '../../src/gpu/machine.js';
import { GpuMatrix, GpuQuantizedMatrix } from '../../src/gpu-matrix.js';
import { type Matrix, matrix, toFloat32 } from '../../src/matrix.js';
import { nativeArithmetic } from '../../src/probe/native.js';
import { granularityByName } from '../../src/quantize/granularity.js';
import type { QuantizedMatrix } from '../../src/quantize/quantized-matrix.js';
import { openTestGpu } from '../adapter.js';
import { awkward } from '../quantize/data.js';
import { inSoftware } from './in-software.js';
import { f16Units, intoF32, machineWith, matrixTiling } from './matrix-machine.js';
import { randomMatrix, randomOperand } from './operands.js';

const gpu = await openTestGpu();
const context = new Context(gpu);
const native = await nativeArithmetic(gpu);

interface Options extends QuantizeAndGemmOptions {
  readonly c?: Matrix;
  readonly config?: MatrixConfig;
  readonly tile?: Partial<MatrixTiling>;
  readonly byFour?: boolean;
}

/** A matrix a subgroup, since a software adapter takes longer to compile more of them. */
const small = { ...matrixTiling, rows: 16, cols: 16, unitRows: 8, unitCols: 8 };

/** Both ways on the same units in software and the same tiling; the bits of D. */
async function bothWays(
  x: Matrix,
  w: QuantizedMatrix,
  { c, out = 'f32', config = f16Units, tile = {}, byFour = false, ...options }: Options = {},
): Promise<{ readonly fused: Matrix; readonly apart: Matrix }> {
  const machine = await machineWith(gpu, config);
  const tiling = { ...small, ...tile };
  using a = GpuMatrix.upload(gpu, x);
  using b = GpuQuantizedMatrix.upload(gpu, w);
  using addend = c && GpuMatrix.upload(gpu, c);
  using codes = await context.quantize(a, options);
  const problem = fusedProblem(a, b, { ...options, c: addend, out });
  expect(fusedMatrix.unfit(problem)).toBeUndefined();
  const run = async (dispatches: (d: GpuMatrix, scratch: GPUBuffer[]) => Dispatch[]) => {
    using d = GpuMatrix.create(gpu, x.rows, w.rows, out);
    const scratch = partialsBytes(problem, tiling.parts).map((bytes) => gpu.buffer('scratch', bytes));
    const made = dispatches(d, scratch);
    await gpu.run(
      'multiplying',
      made.map((dispatch) => ({ ...dispatch, shader: inSoftware(dispatch.shader, byFour) })),
    );
    for (const buffer of scratch) buffer.destroy();
    return await d.read();
  };
  const job = { machine, tiling, operationsPerDispatch: 1e9 };
  return {
    fused: await run((d, scratch) =>
      fusedDispatches(
        fusedMatrix.tiled(problem, tiling, machine, native),
        { ...job, problem, scratch },
        { a, b, c: addend, d },
      ),
    ),
    apart: await run((d, scratch) => {
      const matrices = { a: codes, b, c: addend, d };
      return matrixPromoted.dispatches({
        ...job,
        problem: gemmProblem(codes, b, addend, out),
        scratch,
        matrices,
      });
    }),
  };
}

/** The bits of a matrix; in f32 one NaN is as good as another, since WGSL gives their bits no meaning. */
function bits({ data }: Matrix): number[] {
  if (!(data instanceof Float32Array)) return [...data];
  return [...new Uint32Array(data.buffer)].map((word) =>
    (word & 0x7fffffff) > 0x7f800000 ? 0x7fc00000 : word,
  );
}

/** Places where both ways differ, and how many of the outputs are numbers. */
async function compare(...way: Parameters<typeof bothWays>) {
  const { fused, apart } = await bothWays(...way);
  const [left, right] = [bits(fused), bits(apart)];
  const finite = toFloat32(fused).filter((value) => Number.isFinite(value) && value !== 0).length;
  return { wrong: right.flatMap((word, i) => (word === left[i] ? [] : [i])).slice(0, 5), finite };
}

const weights = randomOperand(70, 330, { seed: 2, granularity: '128x128' });

describe('the bits of quantising first and multiplying then', () => {
  test.each(['deepgemm', 'deepseek', 'reciprocal', 'ieee'] as const)('%s', async (dialect) => {
    for (const powerOfTwo of [false, true])
      for (const kind of ['ordinary', 'special', 'infinite'] as const) {
        const result = await compare(awkward(45, 330, 'f32', kind), weights, { dialect, powerOfTwo });
        expect(result.wrong, kind).toEqual([]);
        expect(result.finite).toBeGreaterThan(45 * 50);
      }
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

  test('K in parts', async () => {
    const x = awkward(45, 330, 'f32', 'ordinary');
    for (const parts of [2, 3])
      expect(await compare(x, weights, { tile: { parts } })).toEqual({ wrong: [], finite: 45 * 70 });
  });

  test('scales of B that the columns of a tile have in common, and of each column', async () => {
    for (const granularity of ['1x128', 'tensor'] as const) {
      const w = randomOperand(70, 256, { seed: 4, granularity });
      const result = await compare(awkward(20, 256, 'f32', 'ordinary'), w);
      expect(result, granularity).toEqual({ wrong: [], finite: 20 * 70 });
    }
  });

  test('e5m2 codes of bf16 values, C and one rounding', async () => {
    const c = randomMatrix(45, 70, 'bf16');
    for (const kind of ['ordinary', 'special'] as const)
      for (const parts of [1, 2]) {
        const x = awkward(45, 330, 'bf16', kind);
        const options = { format: 'e5m2', c, out: 'bf16', tile: { parts } } as const;
        const { wrong, finite } = await compare(x, weights, options);
        expect(wrong, kind).toEqual([]);
        expect(finite).toBeGreaterThan(45 * 50);
      }
  });

  test('e2m1 codes of f16 values', async () => {
    const x = awkward(45, 330, 'f16', 'special');
    const { wrong, finite } = await compare(x, weights, { format: 'e2m1' });
    expect(wrong).toEqual([]);
    expect(finite).toBeGreaterThan(45 * 50);
  });

  test.each<[string, Partial<MatrixTiling>]>([
    ['several matrices a subgroup', matrixTiling],
    ['steps of 64', { depth: 64 }],
    ['more threads than a row has values for', { rows: 8, cols: 64 }],
    ['two batches of turns', { rows: 32, cols: 8, unitRows: 16 }],
  ])('%s', async (_, tile) => {
    const result = await compare(awkward(20, 330, 'f32', 'ordinary'), weights, { tile });
    expect(result).toEqual({ wrong: [], finite: 20 * 70 });
  });

  test.each([32, 64])('several steps of %i without a loop', async (depth) => {
    const tile = { rows: 8, depth };
    const w = randomOperand(20, 256, { seed: 2, granularity: '128x128' });
    const result = await compare(awkward(9, 256, 'f32', 'ordinary'), w, { tile, byFour: true });
    expect(result).toEqual({ wrong: [], finite: 9 * 20 });
  });

  test('units that multiply f32', async () => {
    const config = intoF32(8, 8, 8, 'f32');
    const result = await compare(awkward(20, 330, 'f32', 'ordinary'), weights, { config });
    expect(result).toEqual({ wrong: [], finite: 20 * 70 });
  });
});

describe('where matrix units are', () => {
  const ofRows = (rows: number) =>
    fusedProblem(
      { rows, cols: 2048, dtype: 'f32' },
      { rows: 7168, cols: 2048, format: formats.e4m3, granularity: granularityByName('128x128') },
    );
  // As an H100 is.
  const machine: Machine = {
    ...gpu.machine,
    limits: {
      maxComputeWorkgroupStorageSize: 49152,
      maxComputeInvocationsPerWorkgroup: 1024,
      maxComputeWorkgroupSizeX: 1024,
      maxComputeWorkgroupSizeY: 1024,
      maxStorageBufferBindingSize: 2 ** 31,
    },
    matrixConfigs: [intoF32(16, 16, 16, 'f16')],
    subgroupMaxSize: 32,
  };
  const tile = ({ rows, cols }: Tiling) => `${rows}x${cols}`;

  test('a tile has no more rows than A needs, and codes are decoded on the way', () => {
    const first = (rows: number) => tile(fusedMatrix.tilings(ofRows(rows), machine)[0] as Tiling);
    expect([1, 16, 17, 32, 128, 4096].map(first)).toEqual([
      '16x128',
      '16x128',
      '32x128',
      '32x128',
      '64x128',
      '64x128',
    ]);
    const ways = fusedMatrix.tilings(ofRows(128), machine).map(({ decode }) => decode);
    expect(new Set(ways)).toEqual(new Set(['inline']));
  });

  test('no tiling takes more than the device has', () => {
    const tiles = (maxComputeWorkgroupStorageSize: number) => {
      const limits = { ...machine.limits, maxComputeWorkgroupStorageSize };
      return new Set(fusedMatrix.tilings(ofRows(64), { ...machine, limits }).map(tile));
    };
    const little = ['16x32', '16x64', '32x64'];
    expect(tiles(16384)).toEqual(new Set(little));
    // 128 halves of each of 64 rows are 17 KiB with their padding, 32 of each of 256 are 20.
    const two = [...little, '16x128', '32x128', '64x128'];
    expect(tiles(30720)).toEqual(new Set(two));
    expect(tiles(32768)).toEqual(new Set([...two, '32x256']));
  });

  test('scales of B that change within a tile of A are left to portable, and devices without units', async () => {
    const narrow = randomOperand(7, 256, { granularity: '1x32' });
    const a = { rows: 3, cols: 256, dtype: 'f32' } as const;
    expect(fusedMatrix.unfit(fusedProblem(a, narrow))).toMatch(/B's scales change every 32/);
    const lacking = { ...gpu.machine, matrixConfigs: [] };
    expect(fusedMatrix.kernel.lacks?.(lacking)).toMatch(/needs matrix units/);
    expect((await planFused(gpu, fusedProblem(a, narrow))).kernel.name).toBe('portable');
    const units = fusedMatrix.kernel.lacks?.(gpu.machine) === undefined;
    expect((await planFused(gpu, ofRows(3))).kernel.name).toBe(units ? 'matrix-promoted' : 'portable');
    await expect(planFused(gpu, fusedProblem(a, narrow), { kernel: 'matrix-promoted' })).rejects.toThrow(
      /matrix-promoted: it/,
    );
    await expect(planFused(gpu, ofRows(3), { kernel: 'skinny' })).rejects.toThrow(/^kernel is "skinny"/);
  });
});
