/**
 * @file Several products in one dispatch, as a mixture of experts needs them: contiguous groups of rows, masked groups
 * whose counts stay on the GPU, and groups along K for weight gradients. The three are DeepGEMM's
 * m_grouped_…_contiguous, m_grouped_…_masked and k_grouped_… (github.com/deepseek-ai/DeepGEMM).
 */

import type { AccumulateOptions, AccumulatePlan } from '../accumulate/plan.js';
import { ArgumentError, DisposedError, requireCount, requireOptions } from '../errors.js';
import type { Gpu } from '../gpu/gpu.js';
import { isElsewhere, isKnownDestroyed } from '../gpu/known-buffers.js';
import { GpuMatrix, type GpuQuantizedMatrix } from '../gpu-matrix.js';
import { type Dtype, dtypes } from '../matrix.js';
import { resolveAccumulation, resolveOrder } from './accumulation.js';
import { planGemm, requireUsable } from './gemm.js';
import type { Placement } from './kernel.js';
import {
  type GemmProblem,
  type Grouping,
  gemmProblem,
  type Operand,
  promotionInterval,
  rowsOfD,
} from './problem.js';
import { stepLength } from './tiled.js';

/** Elements of K that emulators take at once: ROUND of emulated-tile.wgsl. */
const emulatedRound = 32;

/** How a product's rows, or K, are divided among groups. */
export type Groups =
  /** Rows of each group, one group after another; groups may be empty. A is (Σ sizes) × K, B is (groups · N) × K. */
  | { readonly kind: 'rows'; readonly sizes: readonly number[] }
  /**
   * Room for `capacity` rows in each group; how many are there is counted on the GPU, a u32 for each group. A is
   * (groups · capacity) × K, B is (groups · N) × K. Rows of D that are not there keep what they held.
   */
  | {
      readonly kind: 'masked';
      readonly groups: number;
      readonly capacity: number;
      readonly counts: GPUBuffer;
    }
  /** Elements of K of each group; A is M × (Σ sizes), B is N × (Σ sizes), D is (groups · M) × N. */
  | { readonly kind: 'k'; readonly sizes: readonly number[] };

/** An accumulator adds up each group as it would the group's product alone. */
export interface GroupedOptions extends Partial<AccumulateOptions> {
  /** Output type. Default f32. */
  readonly out?: Dtype;
  /** A kernel's name, or auto (default) for the best that fits. */
  readonly kernel?: 'auto' | (string & {});
}

/**
 * The problem that operands and groups pose.
 * @throws ArgumentError if sizes, shapes or tiles do not fit, DisposedError for the counts of a disposed routing
 */
export function groupedProblem(a: Operand, b: Operand, groups: Groups, out: Dtype): GemmProblem {
  return problemOfGrouping(a, b, groupingOf(a, b, groups), out);
}

/** @throws ArgumentError if shapes or tiles do not fit */
export function problemOfGrouping(a: Operand, b: Operand, grouping: Grouping, out: Dtype): GemmProblem {
  if (!dtypes.includes(out)) throw new ArgumentError('out', out, dtypes.join(', '));
  const count = grouping.groups;
  if (grouping.kind === 'k') return { ...gemmProblem(a, b, undefined, out), grouping };
  if (b.rows % count !== 0)
    throw new ArgumentError('b.rows', b.rows, `a multiple of the ${count} groups: N rows for each`);
  const n = b.rows / count;
  const { tileRows, name } = b.granularity;
  if (count > 1 && (tileRows === Infinity || n % tileRows !== 0))
    throw new ArgumentError(
      'b.granularity',
      name,
      `one whose tiles end with each group's ${n} rows: no tile of scales may belong to two groups`,
    );
  return { ...gemmProblem(a, b, undefined, out), n, grouping };
}

function groupingOf(a: Operand, b: Operand, groups: Groups): Grouping {
  if (typeof groups !== 'object' || groups === null)
    throw new ArgumentError('groups', groups, 'an object with kind rows, masked or k');
  if (groups.kind === 'masked') {
    requireOptions('groups', groups, { kind: true, groups: true, capacity: true, counts: true });
    requireCount('groups.groups', groups.groups);
    const grouping = maskedGrouping(a, groups.groups, groups.capacity);
    const bytes = 4 * groups.groups;
    const usage = groups.counts?.usage;
    if (usage === undefined || (usage & GPUBufferUsage.STORAGE) === 0)
      throw new ArgumentError('groups.counts', groups.counts, 'a GPUBuffer with usage STORAGE');
    if (isKnownDestroyed(groups.counts))
      throw new DisposedError('groups.counts belongs to a routing that has been disposed of');
    if (groups.counts.size < bytes)
      throw new ArgumentError(
        'groups.counts',
        `${groups.counts.size} bytes`,
        `a buffer of ${bytes} bytes or more`,
      );
    return grouping;
  }
  const { kind, sizes } = groups;
  if (kind !== 'rows' && kind !== 'k') throw new ArgumentError('groups.kind', kind, 'rows, masked, k');
  requireOptions('groups', groups, { kind: true, sizes: true });
  if (!Array.isArray(sizes)) throw new ArgumentError('groups.sizes', sizes, 'an array of whole numbers');
  requireCount('groups.sizes.length', sizes.length);
  for (const [i, size] of sizes.entries()) requireCount(`groups.sizes[${i}]`, size, 0);
  const [side, length] = kind === 'rows' ? (['rows', a.rows] as const) : (['cols', a.cols] as const);
  const sum = sizes.reduce((total, size) => total + size, 0);
  if (sum !== length) throw new ArgumentError('groups.sizes', `${sum} in all`, `a.${side}, ${length}`);
  if (kind === 'k') requireWholeIntervals(a, b, sizes);
  return { kind, groups: sizes.length };
}

/** @throws ArgumentError if A has not the room */
export function maskedGrouping(a: Operand, groups: number, capacity: number): Grouping {
  requireCount('groups.capacity', capacity);
  if (a.rows !== groups * capacity)
    throw new ArgumentError('a.rows', a.rows, `groups · capacity, ${groups * capacity}`);
  return { kind: 'masked', groups, groupRows: capacity };
}

/**
 * Checks the order that options ask for, before anything is allocated.
 * @throws ArgumentError if they do not fit the problem, or its groups along K
 */
export function requireGroupedOrder(
  problem: GemmProblem,
  groups: Groups | { readonly kind: 'masked' },
  options: Partial<AccumulateOptions>,
): void {
  const plan = resolveOrder(problem, options)?.plan;
  if (!plan || groups.kind !== 'k') return;
  if (plan.splits.length > 2)
    throw new ArgumentError(
      'splitK',
      options.splitK,
      '1 with groups along K, which are added up apart already',
    );
  requireWholeSizes(groups.sizes, emulatedUnit(problem, plan), 'so that no step or interval has two groups');
}

/**
 * Elements of K that groups have to be multiples of: rounds of 32 that emulators take at once, and where scales change
 * within K whole intervals, which would otherwise not end where scales do.
 */
function emulatedUnit({ a, b, k }: GemmProblem, { interval }: AccumulatePlan): number {
  const changes = Math.min(a.granularity.tileCols, b.granularity.tileCols) < k;
  return changes ? Math.max(emulatedRound, interval) : emulatedRound;
}

/** No interval of K that kernels take with one pair of scales may belong to two groups. */
function requireWholeIntervals(a: Operand, b: Operand, sizes: readonly number[]): void {
  const scaled = [a, b].some(({ granularity }) => granularity.tileCols !== Infinity);
  const unit = scaled ? promotionInterval(a, b) : stepLength;
  requireWholeSizes(sizes, unit, 'so that scales change with groups');
}

/** But for the last that is not empty. */
function requireWholeSizes(sizes: readonly number[], unit: number, why: string): void {
  const last = sizes.findLastIndex((size) => size > 0);
  for (const [i, size] of sizes.entries())
    if (i < last && size % unit !== 0)
      throw new ArgumentError(`groups.sizes[${i}]`, size, `a multiple of ${unit}, ${why}`);
}

/**
 * Multiplies group by group in one dispatch. Arguments are checked before anything is allocated; the result is the
 * caller's to dispose of, and on an error nothing is left behind.
 * @throws ArgumentError if sizes, shapes or options do not fit, UnsupportedError if no kernel can run them,
 *   DisposedError if a matrix, or the routing whose counts these are, has been disposed of
 */
export async function groupedGemmOnGpu(
  gpu: Gpu,
  a: GpuQuantizedMatrix,
  b: GpuQuantizedMatrix,
  groups: Groups,
  options: GroupedOptions = {},
): Promise<GpuMatrix> {
  const { out = 'f32', kernel = 'auto' } = options;
  const problem = groupedProblem(a, b, groups, out);
  requireUsable(gpu, 'a', a);
  requireUsable(gpu, 'b', b);
  if (groups.kind === 'masked' && isElsewhere(gpu, groups.counts))
    throw new ArgumentError('groups.counts', groups.counts, 'a buffer on this context');
  requireGroupedOrder(problem, groups, options);
  const accumulation = await resolveAccumulation(gpu, problem, options);
  const plan = await planGemm(gpu, { ...problem, accumulation }, { kernel });
  const { groups: count } = problem.grouping as Grouping;
  const { redoRows } = plan.kernel;

  let result: GpuMatrix | undefined;
  const owned: GPUBuffer[] = [];
  try {
    return await gpu.guard(`multiplying ${count} groups`, async () => {
      const d = GpuMatrix.create(gpu, rowsOfD(problem), problem.n, out, 'grouped product');
      result = d;
      const scratch = plan.scratchBytes.map((bytes) => gpu.buffer('scratch of a product', bytes));
      owned.push(...scratch);
      const place = (tileRows: number) => {
        const placed = placement(gpu, problem, groups, tileRows);
        if (groups.kind !== 'masked') owned.push(placed.buffer);
        return placed;
      };
      const placed = place(Number(plan.tiling.rows));
      const redo = redoRows === undefined ? undefined : place(redoRows);
      const prepared = await gpu.prepare(
        plan.dispatches({ a, b, d }, scratch, undefined, { ...placed, redo }),
      );
      try {
        gpu.submit(prepared.dispatches);
      } finally {
        prepared.destroy();
      }
      return d;
    });
  } catch (error) {
    result?.dispose();
    throw error;
  } finally {
    for (const buffer of owned) buffer.destroy();
  }
}

/** Where groups lie in tiles of so many rows. But for masked groups the buffer is a new one. */
export function placement(gpu: Gpu, { m }: GemmProblem, groups: Groups, tileRows: number): Placement {
  const tilesOf = (size: number) => Math.ceil(size / tileRows);
  if (groups.kind === 'masked')
    return { buffer: groups.counts, rowTiles: groups.groups * tilesOf(groups.capacity) };
  if (groups.kind === 'k') {
    const buffer = gpu.upload('ranges of K', Uint32Array.from(rangesOfSteps(groups.sizes).flat()));
    return { buffer, rowTiles: groups.sizes.length * tilesOf(m) };
  }
  const table = rowTiles(groups.sizes, tileRows);
  return { buffer: gpu.upload('rows of tiles', Uint32Array.from(table.flat())), rowTiles: table.length };
}

/** RowTile of place-groups.wgsl for each row of tiles: first row, first row beyond the group, group. */
export function rowTiles(sizes: readonly number[], tileRows: number): number[][] {
  let start = 0;
  return sizes.flatMap((size, group) => {
    const [first, end] = [start, start + size];
    start = end;
    return Array.from({ length: Math.ceil(size / tileRows) }, (_, i) => [
      first + i * tileRows,
      end,
      group,
      0,
    ]);
  });
}

/** First step of K of each group, and the first beyond it. */
function rangesOfSteps(sizes: readonly number[]): [number, number][] {
  let start = 0;
  return sizes.map((size) => {
    const first = start / stepLength;
    start += size;
    return [first, size === 0 ? first : Math.ceil(start / stepLength)];
  });
}
