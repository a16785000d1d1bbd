/** @file The tilings of the matrix kernels, and which to take untuned. */

import type { Machine, MatrixConfig } from '../../gpu/machine.js';
import { type GemmProblem, longestInterval } from '../problem.js';
import { partsOf } from '../tiled.js';
import { decodedBytes } from './decode-pass.js';
import type { Keeper } from './keepers.js';
import { keptTiling, readsHalves } from './read-halves.js';
import { holdsSums } from './registers.js';
import { type MatrixTile, type MatrixTiling, type SumType, subgroupsOf, threadsOf } from './tile.js';
import { matrixConfig, scalings } from './units.js';

/** Ways to decode that take a pass of their own. */
export const passes = ['pass', 'pass-a'] as const;

/** How codes become values. */
export type Way = Pick<MatrixTiling, 'scaling' | 'decode'>;

const inlineWays: readonly Way[] = [
  { scaling: 'f16', decode: 'inline' },
  { scaling: 'f32', decode: 'inline' },
];

/** A pass takes as long in either arithmetic, so that the more accurate comes first. */
const passWays: readonly Way[] = [
  { scaling: 'f32', decode: 'pass' },
  { scaling: 'f16', decode: 'pass' },
];

/** A's alone, as fast in either arithmetic; B's are decoded inline, where packed arithmetic is faster. */
const mixedWays: readonly Way[] = [
  { scaling: 'f16', decode: 'pass-a' },
  { scaling: 'f32', decode: 'pass-a' },
];

/** Columns of D from which on decoding both operands once is faster: each value is then part of so many products. */
const manyUses = 2048;
/** Rows from which on reading halves of B that are kept is faster: the fewest measured. */
const manyRowsOfA = 128;
/** Columns from which on A's codes are worth decoding once. */
const manyCols = 1024;

/** Threads that fill today's large GPUs twice over, with the registers that these kernels take. */
const enoughThreads = 2 ** 15;
/** The same for tiles of few outputs, which take fewer registers and less workgroup memory. */
const manyThreads = 2 ** 16;
const fewOutputs = 16 * 32;
/** That fill them well enough. */
const fewThreads = 25_000;
const partCounts = [1, 2, 4, 8, 16];

export interface TilingsOptions {
  /** Rows of a group from which on both operands are decoded once, before. Default never. */
  readonly bothFrom?: number;
  /** Rows from which on A alone is. Default never. */
  readonly aFrom?: number;
  /** Whether A's values are put into the tile for a whole promotion interval: stage.wgsl. Default not. */
  readonly staged?: boolean;
  /** The kernel, if it can read halves of B that are kept. */
  readonly keeper?: Keeper;
  /** What the units add up in. Default f32. */
  readonly sums?: SumType;
  /** Whether promoted sums lie beside the units'. Default not. */
  readonly promotes?: boolean;
}

/**
 * The tilings among these tiles that the machine can run, the one to take untuned first: the first tile whose sums fit
 * registers and of which there are enough in a few parts of K, with as many parts as bring the workgroups up to that.
 */
export function matrixTilings(
  tiles: readonly MatrixTile[],
  problem: GemmProblem,
  machine: Machine,
  options: TilingsOptions = {},
): MatrixTiling[] {
  const { bothFrom = Infinity, aFrom = Infinity, staged = false, keeper } = options;
  const { sums = 'f32', promotes = false } = options;
  const config = matrixConfig(machine, sums);
  if (!config) return [];
  const fitting = tiles.filter((tile) => fits(tile, config, machine, staged));
  const workgroups = ({ rows, cols }: MatrixTile) =>
    Math.ceil(problem.m / rows) * Math.ceil(problem.n / cols);
  // Rows of a tile that D does not have are work for nothing.
  const waste = ({ rows }: MatrixTile) => (Math.ceil(problem.m / rows) * rows) / problem.m;
  const least = Math.min(...fitting.map(waste));
  const candidates = fitting.filter((tile) => waste(tile) < Math.max(2, least * 1.01));
  const threads = (tile: MatrixTile) => workgroups(tile) * threadsOf(tile, machine);
  const fewParts = partsOf(problem, 4);
  const inRegisters = candidates.filter((tile) => holdsSums(tile, config, sums, promotes));
  const most = Math.max(...inRegisters.map(threads));
  const enough = Math.min(fewThreads / fewParts, most);
  const preferred = inRegisters.find((tile) => threads(tile) >= enough);
  const possible = config.componentType === 'f16' ? scalings(problem, machine) : ['f32'];
  const rows = rowsOfGroup(problem);
  const kept = keeper !== undefined && rows >= manyRowsOfA && readsHalves(problem, keptTiling, keeper);
  const once = kept || (rows >= bothFrom && problem.n >= manyUses);
  const mixed = problem.m >= aFrom && problem.n >= manyCols;
  const waysInOrder = once
    ? [passWays, mixedWays, inlineWays]
    : mixed
      ? [mixedWays, inlineWays, passWays]
      : [inlineWays, mixedWays, passWays];
  const halves = config.componentType === 'f16' && !staged;
  const offered = waysInOrder.filter((some) => halves || some === inlineWays).flat();
  const ways = offered.filter(({ scaling }) => possible.includes(scaling));
  const ordered = [...candidates].sort((a, b) => Number(b === preferred) - Number(a === preferred));
  return ordered.flatMap((tile) => {
    // A's staged rows leave room for half of the threads.
    const full = tile.rows * tile.cols <= fewOutputs && !staged ? manyThreads : enoughThreads;
    const short = Math.min(full / threads(tile), fewParts);
    const partings = [...new Set(partCounts.map((parts) => partsOf(problem, parts)))];
    const first = partings.findLast((parts) => parts <= short) ?? partings[0] ?? 1;
    const counts = [first, ...partings.filter((parts) => parts !== first)];
    const brought = staged ? { ...tile, rows: 0 } : tile;
    const held = ways.filter(({ decode }) => holds(brought, decode, threadsOf(tile, machine)));
    const room = machine.limits.maxStorageBufferBindingSize;
    return counts
      .flatMap((parts) => held.map((way) => ({ ...tile, ...way, parts })))
      .filter((tiling) => Math.max(...decodedBytes(problem, tiling)) <= room);
  });
}

/** Rows of D that a value of B is part of: of groups of rows, those of one, if they are even. */
function rowsOfGroup({ m, grouping }: GemmProblem): number {
  return grouping && grouping.kind !== 'k' ? m / grouping.groups : m;
}

/** Rows and columns of matrices of a subgroup: what matrix-sums.wgsl has names for. */
const mostMatrices = 4;
/** MATRIX_K's of a step: what matrix-tile.wgsl has names for. */
const mostSteps = 8;
/** Units that a thread brings to a step, of 16 codes or eight halves: of the ten that matrix-tile.wgsl has names for. */
const mostUnits = 8;
/** Threads come in multiples of what reads 16 rows: matrix-codes.wgsl. */
const wholeChunk = 32;
/** Strips of a band that a thread promotes: what matrix-promoted.wgsl has names for. */
const mostStrips = 4;

/** Whether threads can bring what a step needs, in whole rounds of A's halves where these come before B's codes. */
function holds({ rows, cols, depth }: MatrixTile, decode: Way['decode'], threads: number): boolean {
  const aUnits = (rows * depth) / (decode === 'inline' ? 16 : 8);
  const bUnits = (cols * depth) / (decode === 'pass' ? 8 : 16);
  return aUnits + bUnits <= mostUnits * threads && (decode !== 'pass-a' || aUnits % threads === 0);
}

function fits(
  tile: MatrixTile,
  config: MatrixConfig,
  { limits, subgroupMaxSize }: Machine,
  staged: boolean,
): boolean {
  const { rows, cols, unitRows, unitCols, depth, kSubgroups = 1 } = tile;
  const subgroups = subgroupsOf(tile);
  const threads = threadsOf(tile, { subgroupMaxSize });
  const bandBytes = subgroups * config.M * (unitCols + 8) * (config.resultComponentType === 'f32' ? 4 : 2);
  // As in matrix-promoted.wgsl and exponents-kept.wgsl, and in stage.wgsl.
  const scaleBytes = 4 * (rows + cols) + (staged ? 20 * rows : 0);
  return (
    [unitRows % config.M, unitCols % config.N, depth % config.K].every((rest) => rest === 0) &&
    Math.max(unitRows / config.M, unitCols / config.N) <= mostMatrices &&
    depth / config.K <= mostSteps &&
    (depth / config.K) % kSubgroups === 0 &&
    (config.M * unitCols) / 8 <= mostStrips * subgroupMaxSize &&
    Math.max(operandBytes(tile, config, staged), bandBytes) + scaleBytes <=
      limits.maxComputeWorkgroupStorageSize &&
    threads <= limits.maxComputeInvocationsPerWorkgroup &&
    threads % wholeChunk === 0 &&
    subgroupMaxSize <= limits.maxComputeWorkgroupSizeX &&
    subgroups <= limits.maxComputeWorkgroupSizeY
  );
}

/** As in matrix-tile.wgsl. */
function operandBytes(
  { rows, cols, depth }: MatrixTile,
  { componentType }: MatrixConfig,
  staged: boolean,
): number {
  const rowBytes = (length: number) => length * (componentType === 'f16' ? 2 : 4) + 16;
  return rows * rowBytes(staged ? longestInterval : depth) + cols * rowBytes(depth);
}
