import { describe, expect, test } from 'vitest';
import { formatByName } from '../../../src/format/formats.js';
import { fusedMatrix } from '../../../src/gemm/fused/matrix.js';
import { fusedProblem } from '../../../src/gemm/fused/problem.js';
import { matrix } from '../../../src/gemm/matrix/folded.js';
import { matrixHalf } from '../../../src/gemm/matrix/half-sums.js';
import { type Keeper, keepers } from '../../../src/gemm/matrix/keepers.js';
import { matrixPromoted } from '../../../src/gemm/matrix/promoted.js';
import { type MatrixTiling, threadsOf } from '../../../src/gemm/matrix/tile.js';
import { gemmProblem } from '../../../src/gemm/problem.js';
import { granularityByName } from '../../../src/quantize/granularity.js';
import { chooseTiling } from '../../../src/tune/tuned.js';
import { kindOf, type ProductKind } from '../../../src/tune/tuning.js';
import { intoF32, h100 as machine, shapesLike } from '../matrix-machine.js';

const operand = (rows: number, cols: number, granularity: '1x128' | '128x128') => ({
  ...{ rows, cols, format: formatByName('e4m3'), granularity: granularityByName(granularity) },
});
const problemOf = (m: number, n: number, k: number) =>
  gemmProblem(operand(m, k, '1x128'), operand(n, k, '128x128'), undefined, 'f32');

const kernels = [matrix, matrixPromoted, matrixHalf];
const keeping = [matrix, matrixPromoted];
const keeperOf = ({ name }: typeof matrix) => keepers.find((keeper) => keeper === name) as Keeper;
const otherOf = ({ name }: typeof matrix) => keepers.find((keeper) => keeper !== name) as Keeper;
const tilingsOf = (kernel: typeof matrix, problem: ReturnType<typeof problemOf>, on = machine) =>
  kernel.tilings(problem, on) as readonly MatrixTiling[];

// What was measured to be fastest, or nearly so: docs/performance.md.
test.each([
  [4096, 4096, 4096, '128x128 pass 1', '64x128 pass 1', '128x128 pass-a 1'],
  [256, 256, 256, '16x32 inline 2', '16x32 inline 2', '16x32 inline 2'],
  [1024, 7168, 4096, '128x128 pass 1', '64x128 pass 1', '128x128 pass-a 1'],
  [512, 7168, 4096, '128x128 pass-a 1', '64x128 pass 1', '128x128 pass-a 1'],
  [256, 7168, 4096, '128x128 pass-a 2', '64x128 inline 1', '128x128 pass-a 2'],
  [128, 7168, 4096, '128x128 pass-a 4', '64x128 inline 2', '128x128 pass-a 4'],
  [64, 7168, 4096, '64x128 pass-a 4', '64x128 inline 4', '64x128 inline 4'],
  [16, 7168, 16384, '16x32 inline 4', '16x64 inline 4', '16x64 inline 4'],
])('%i x %i x %i untuned', (m, n, k, ...expected) => {
  const first = kernels.map((kernel) => {
    const [tiling] = tilingsOf(kernel, problemOf(m, n, k));
    return tiling && `${tiling.rows}x${tiling.cols} ${tiling.decode} ${tiling.parts}`;
  });
  expect(first).toEqual(expected);
});

// The same where halves of B are kept.
test.each([
  [4096, 4096, 4096, '128x128 f32 pass 1', '64x128 f32 pass 1'],
  [512, 7168, 4096, '128x128 f32 pass 1', '64x128 f32 pass 1'],
  [256, 7168, 4096, '128x128 f32 pass 2', '64x128 f32 pass 1'],
  [128, 7168, 4096, '128x128 f32 pass 4', '64x128 f32 pass 2'],
  [16, 7168, 16384, '16x32 f16 inline 4', '16x64 f16 inline 4'],
])('%i x %i x %i by kept halves, untuned and tuned', (m, n, k, folded, promoted) => {
  const plain = problemOf(m, n, k);
  const kind = kindOf(plain) as ProductKind;
  const withHalves = (kept: Keeper) => ({ ...plain, b: { ...plain.b, kept } });
  const inWords = ({ rows, cols, scaling, decode, parts }: MatrixTiling) =>
    `${rows}x${cols} ${scaling} ${decode} ${parts}`;
  const first = keeping.map((kernel) =>
    inWords(tilingsOf(kernel, withHalves(keeperOf(kernel)))[0] as MatrixTiling),
  );
  expect(first).toEqual([folded, promoted]);
  for (const kernel of keeping) {
    // Another kernel's are of no use.
    expect(tilingsOf(kernel, withHalves(otherOf(kernel)))[0]).toEqual(tilingsOf(kernel, plain)[0]);
    // What is fastest for a B of codes need not be for one of halves.
    const other = tilingsOf(kernel, plain).findLast(({ decode }) => decode === 'inline');
    const found = { ...kind, m, n, k, kernel: kernel.name, tiling: other as MatrixTiling, microseconds: 1 };
    const taken = chooseTiling(kernel, withHalves(keeperOf(kernel)), machine, found) as MatrixTiling;
    const [untuned] = tilingsOf(kernel, withHalves(keeperOf(kernel))) as [MatrixTiling];
    expect(inWords(taken)).toBe(
      untuned.decode === 'pass' ? inWords(untuned) : inWords(other as MatrixTiling),
    );
  }
});

// A value of B is part of as many products as its own group has rows.
describe.each(keeping)('$name, groups of rows', (kernel) => {
  const ofGroups = (m: number, n: number, groups: number, kept?: Keeper) => {
    const plain = problemOf(m, n, 4096);
    return { ...plain, b: { ...plain.b, kept }, grouping: { kind: 'rows', groups } as const };
  };
  const decodes = (...args: Parameters<typeof ofGroups>) => tilingsOf(kernel, ofGroups(...args))[0]?.decode;

  test('decode B in workgroups unless each group has many', () => {
    expect(decodes(2048, 2048, 2)).toBe('pass');
    expect(decodes(2048, 2048, 16)).not.toBe('pass');
  });

  test('read kept halves where each group has 128, if these fit it', () => {
    expect(decodes(2048, 4096, 16, keeperOf(kernel))).toBe('pass');
    expect(decodes(1024, 4096, 16, keeperOf(kernel))).not.toBe('pass');
    // Rows of B of the second group begin within a chunk.
    expect(decodes(2048, 4104, 16, keeperOf(kernel))).not.toBe('pass');
  });
});

describe.each(kernels)('$name', (kernel) => {
  const problem = problemOf(4096, 4096, 4096);

  test('has every way to decode, and none twice', () => {
    const all = tilingsOf(kernel, problem);
    expect(new Set(all.map(({ decode }) => decode))).toEqual(new Set(['inline', 'pass', 'pass-a']));
    expect(new Set(all.map((tiling) => JSON.stringify(tiling))).size).toBe(all.length);
  });

  test("brings A's halves in whole rounds of threads, where B's codes follow", () => {
    for (const tiling of tilingsOf(kernel, problem)) {
      const units = (tiling.rows * tiling.depth) / 8;
      if (tiling.decode === 'pass-a') expect(units / threadsOf(tiling, machine)).toSatisfy(Number.isInteger);
    }
  });

  test('decodes nothing into a buffer that the device does not allow', () => {
    const limits = { ...machine.limits, maxStorageBufferBindingSize: 2 * 4096 * 4096 - 1 };
    const all = tilingsOf(kernel, problem, { ...machine, limits });
    expect(new Set(all.map(({ decode }) => decode))).toEqual(new Set(['inline']));
  });
});

test.each([
  [16, 16, 2 ** 22],
  [64, 1024, 2 ** 20],
  [2048, 4096, 2 ** 20],
])('no workgroup adds up more than 2^18 of K: %i x %i x %i', (m, n, k) => {
  const values = fusedProblem({ rows: m, cols: k, dtype: 'f32' }, operand(n, k, '128x128'));
  const all = [
    ...kernels.flatMap((kernel) => tilingsOf(kernel, problemOf(m, n, k))),
    ...(fusedMatrix.tilings(values, machine) as readonly MatrixTiling[]),
  ];
  expect(k / Math.min(...all.map(({ parts }) => parts))).toBeLessThanOrEqual(2 ** 18);
});

// Register files as registers.ts has them: 8 KiB a subgroup on Intel, 16 on Apple, of which sums take half.
test.each([
  ['Intel', intoF32(8, 16, 16, 'f16'), 4096],
  ['Apple', intoF32(8, 8, 8, 'f32'), 8192],
])('untuned, %s keeps sums in registers', (_, config, most) => {
  const device = { ...machine, matrixConfigs: shapesLike(config) };
  for (const [kernel, bytes] of [
    [matrix, 4],
    [matrixPromoted, 8],
    [matrixHalf, 6],
  ] as const) {
    const all = tilingsOf(kernel, problemOf(4096, 4096, 4096), device);
    const sums = all.map(({ unitRows, unitCols }) => unitRows * unitCols * bytes);
    if (sums.length === 0) expect(device.matrixConfigs).toHaveLength(1);
    else expect(sums[0], kernel.name).toBeLessThanOrEqual(most);
    // Tuning tries others too.
    if (config.N === 16) expect(Math.max(...sums), kernel.name).toBeGreaterThan(most);
  }
});

// Adapters offer these units with subgroups of many sizes.
test.each([
  [8, intoF32(8, 8, 8, 'f16')],
  [8, intoF32(8, 16, 16, 'f16')],
  [16, intoF32(8, 16, 16, 'f16')],
  [16, intoF32(8, 16, 8, 'f32')],
  [32, intoF32(16, 16, 16, 'f16')],
  [64, intoF32(16, 16, 16, 'f16')],
])('promoting in subgroups of %i, a thread for each scale', (subgroupMaxSize, config) => {
  const device = { ...machine, subgroupMaxSize, matrixConfigs: [config] };
  const values = fusedProblem({ rows: 512, cols: 512, dtype: 'f32' }, operand(512, 512, '128x128'));
  const tilings = [
    ...tilingsOf(matrixPromoted, problemOf(512, 512, 512), device),
    ...(fusedMatrix.tilings(values, device) as readonly MatrixTiling[]),
  ];
  expect(tilings.length).toBeGreaterThan(0);
  for (const tiling of tilings) {
    const { rows, cols, unitCols } = tiling;
    expect(Math.max(rows, cols / 4)).toBeLessThanOrEqual(threadsOf(tiling, device));
    // The columns of a thread's strips are then the same in all of them.
    expect(subgroupMaxSize % (unitCols / 8)).toBe(0);
  }
});
