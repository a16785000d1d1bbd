/** @file What the matrix kernels share: the shape of the matrix units, tiles, formats and their shader's parts. */

import chunkRowsWgsl from '../../shaders/gemm/chunk-rows.wgsl?raw';
import codeRowsWgsl from '../../shaders/gemm/code-rows.wgsl?raw';
import decodedPlaceWgsl from '../../shaders/gemm/decoded-place.wgsl?raw';
import matrixCodesWgsl from '../../shaders/gemm/matrix-codes.wgsl?raw';
import matrixDecodedWgsl from '../../shaders/gemm/matrix-decoded.wgsl?raw';
import matrixFillF16Wgsl from '../../shaders/gemm/matrix-fill-f16.wgsl?raw';
import matrixFillF32Wgsl from '../../shaders/gemm/matrix-fill-f32.wgsl?raw';
import matrixMixedWgsl from '../../shaders/gemm/matrix-mixed.wgsl?raw';
import matrixSumsWgsl from '../../shaders/gemm/matrix-sums.wgsl?raw';
import matrixTileWgsl from '../../shaders/gemm/matrix-tile.wgsl?raw';
import matrixUnitWgsl from '../../shaders/gemm/matrix-unit.wgsl?raw';
import type { Format } from '../format/format.js';
import type { Machine, MatrixConfig } from '../gpu/machine.js';
import { Alias, type ShaderPart } from '../gpu/shader.js';
import { decodedBytes, rowChunks } from './decode-pass.js';
import type { Tiling } from './kernel.js';
import { portable } from './portable.js';
import { type GemmProblem, longestInterval, promotionInterval } from './problem.js';
import { fetchRowPart, halvesPart, mayPassEnd, operandsPart, placeFiles } from './shader.js';
import { partsOf } from './tiled.js';

/** Features of every matrix kernel: their tiles hold halves as bits, so that f16 is the units' own matter. */
export const matrixFeatures = ['chromium-experimental-subgroup-matrix', 'subgroups', 'shader-f16'] as const;

/** Rows and columns of a workgroup's tile and of a subgroup's, and elements of K in a step. */
export interface MatrixTile {
  readonly rows: number;
  readonly cols: number;
  readonly unitRows: number;
  readonly unitCols: number;
  readonly depth: number;
}

export interface MatrixTiling extends MatrixTile, Tiling {
  /** The arithmetic in which values meet their scales. */
  readonly scaling: 'f32' | 'f16';
  /** Codes become values on the way into workgroup memory, or once before, by decode-pass.wgsl: both operands', or A's. */
  readonly decode: 'inline' | 'pass' | 'pass-a';
  /** Parts of K. */
  readonly parts: number;
}

/**
 * As in TiledShader. Where there are matrix units they multiply at least sixteen times as fast as the weak GPUs that
 * dispatches are divided for, and each part costs a tail of idle cores and a pause.
 */
export const operationsPerProduct = 2 / 16;

/** The shape of matrix units to take: f16 into f32, or f32 where there is no other with f32 results. */
export function matrixConfig({ matrixConfigs }: Machine): MatrixConfig | undefined {
  const size = ({ M, N, K }: MatrixConfig) => M * N * K;
  const intoF32 = (component: string) =>
    matrixConfigs
      .filter(
        ({ componentType, resultComponentType: result }) => componentType === component && result === 'f32',
      )
      .sort((a, b) => size(b) - size(a))[0];
  return intoF32('f16') ?? intoF32('f32');
}

/** What is missing of the matrix units. */
export function lacksMatrixUnits(machine: Machine): string | undefined {
  if (matrixConfig(machine)) return undefined;
  const offered = machine.matrixConfigs.map(
    ({ M, N, K, componentType, resultComponentType }) =>
      `${componentType} to ${resultComponentType} ${M}x${N}x${K}`,
  );
  return `it needs matrix units that add f16 or f32 products up in f32; the adapter offers ${offered.join(', ') || 'none'}`;
}

/** Why matrix units cannot multiply a problem's codes. */
export function unfitMatrix(problem: GemmProblem): string | undefined {
  const reason = portable.unfit(problem);
  if (reason !== undefined) return reason;
  const wide = [problem.a.format, problem.b.format].find((format) => !isHalf(format));
  return wide && `it multiplies codes whose values are halves, which those of ${wide.name} are not all`;
}

/** Why scales cannot be folded into a problem's values, which matrix units or f16 arithmetic then multiply. */
export function unfitFolded(problem: GemmProblem): string | undefined {
  if (problem.grouping?.kind === 'k')
    return "it takes scales relative to a row's largest, and groups along K share none";
  return unfitMatrix(problem);
}

/**
 * The arithmetic in which a problem's values may meet their scales: packed f16 only where the adapter's was seen to keep
 * subnormals, and for four bits of exponent, whose factors stay clear of a half's limits (2^4 to 2^15 at the top).
 */
export function scalings({ a, b }: GemmProblem, machine: Machine): readonly ('f32' | 'f16')[] {
  const packed = machine.multipliesSubnormals && [a, b].every(({ format }) => format.exponentBits === 4);
  return packed ? ['f32', 'f16'] : ['f32'];
}

/** Whether a format's values are halves times a power of two. */
function isHalf({ exponentBits, mantissaBits, specials }: Format): boolean {
  return mantissaBits <= 10 && (exponentBits < 5 || (exponentBits === 5 && specials === 'ieee'));
}

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

/** Rows and columns of D from which on decoding once is faster: each value is then part of so many products. */
const manyUses = 2048;
/** Rows and columns from which on A's codes are worth decoding once where a pass over scales has to come before. */
const manyRows = 64;
const manyCols = 1024;

/** Threads that fill today's large GPUs twice over, with the registers that these kernels take. */
const enoughThreads = 2 ** 15;
/** The same for tiles of few outputs, which take fewer registers and less workgroup memory. */
const manyThreads = 2 ** 16;
const fewOutputs = 16 * 32;
/** That fill them well enough. */
const fewThreads = 25_000;
const partCounts = [1, 2, 4, 8, 16];

/**
 * The tilings among these tiles that the machine can run, the one to take untuned first: the first tile of which
 * there are enough in a few parts of K, with as many parts as bring the workgroups up to that.
 * @param folds whether a pass over the scales comes before the product, which can decode as well
 * @param staged whether A's values are put into the tile for a whole promotion interval: shaders/gemm/stage.wgsl
 */
export function matrixTilings(
  tiles: readonly MatrixTile[],
  problem: GemmProblem,
  machine: Machine,
  folds: boolean,
  staged = false,
): MatrixTiling[] {
  const config = matrixConfig(machine);
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
  const most = Math.max(...candidates.map(threads));
  const enough = Math.min(fewThreads / fewParts, most);
  const preferred = candidates.find((tile) => threads(tile) >= enough);
  const possible = config.componentType === 'f16' ? scalings(problem, machine) : ['f32'];
  const once = Math.min(problem.m, problem.n) >= manyUses;
  const mixed = folds && problem.m >= manyRows && problem.n >= manyCols;
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

/** Rows and columns of matrices of a subgroup: what matrix-sums.wgsl has names for. */
const mostMatrices = 4;
/** MATRIX_K's of a step: what matrix-tile.wgsl has names for. */
const mostSteps = 8;
/** Units that a thread brings to a step, of 16 codes or eight halves: what matrix-tile.wgsl has names for. */
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

function threadsOf(
  { rows, cols, unitRows, unitCols }: MatrixTile,
  { subgroupMaxSize }: Pick<Machine, 'subgroupMaxSize'>,
): number {
  return (rows / unitRows) * (cols / unitCols) * subgroupMaxSize;
}

function fits(
  tile: MatrixTile,
  config: MatrixConfig,
  { limits, subgroupMaxSize }: Machine,
  staged: boolean,
): boolean {
  const { rows, cols, unitRows, unitCols, depth } = tile;
  const subgroups = (rows / unitRows) * (cols / unitCols);
  const threads = threadsOf(tile, { subgroupMaxSize });
  const bandBytes = subgroups * config.M * (unitCols + 8) * 4;
  // As in matrix-promoted.wgsl, and in stage.wgsl.
  const scaleBytes = 4 * (rows + cols) + (staged ? 20 * rows : 0);
  return (
    [unitRows % config.M, unitCols % config.N, depth % config.K].every((rest) => rest === 0) &&
    Math.max(unitRows / config.M, unitCols / config.N) <= mostMatrices &&
    depth / config.K <= mostSteps &&
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

/**
 * matrix-tile.wgsl with all that it needs, and the constants of this tiling on this machine.
 * @param staged as for matrixTilings()
 */
export function matrixPart(
  problem: GemmProblem,
  tiling: MatrixTiling,
  machine: Machine,
  staged = false,
): ShaderPart {
  const { a, b, grouping } = problem;
  const config = matrixConfig(machine) as MatrixConfig;
  const { M, N, K, componentType } = config;
  const operands = operandsPart(a, b);
  const halves = halvesPart(tiling.scaling, machine.unpacksSubnormals);
  const fetch = fetchRowPart(mayPassEnd(problem, tiling.depth));
  const fill = componentType === 'f16' ? matrixFillF16Wgsl : matrixFillF32Wgsl;
  const { decode } = tiling;
  const codes = decode === 'pass' ? [] : [...halves.files, ...fetch.files, codeRowsWgsl, fill];
  const decoded = decode === 'inline' ? [] : [decodedPlaceWgsl, chunkRowsWgsl];
  const main =
    decode === 'inline' ? matrixCodesWgsl : decode === 'pass' ? matrixDecodedWgsl : matrixMixedWgsl;
  return {
    files: [
      ...operands.files,
      ...placeFiles(grouping),
      matrixUnitWgsl,
      matrixSumsWgsl,
      matrixTileWgsl,
      ...codes,
      ...decoded,
      main,
    ],
    constants: {
      ...operands.constants,
      ...(decode === 'pass' ? { TAIL: grouping?.kind === 'k' } : { ...halves.constants, ...fetch.constants }),
      TILE_ROWS: tiling.rows,
      TILE_COLS: tiling.cols,
      UNIT_ROWS: tiling.unitRows,
      UNIT_COLS: tiling.unitCols,
      DEPTH: tiling.depth,
      SUBGROUP_SIZE: machine.subgroupMaxSize,
      ...(decode === 'inline' ? {} : { ROW_CHUNKS: rowChunks(problem, tiling) }),
      A_STAGED: staged,
      STEPS_AT_ONCE: stepsAtOnce(problem, tiling, staged),
      Component: new Alias(componentType),
      MATRIX_M: M,
      MATRIX_N: N,
      MATRIX_K: K,
    },
  };
}

/** Four, where K, each part of it and each promotion interval are multiples of so many steps; two only where A is staged. */
function stepsAtOnce({ a, b, k, grouping }: GemmProblem, { depth }: MatrixTiling, staged: boolean): number {
  if (grouping?.kind === 'k') return 1;
  const interval = promotionInterval(a, b);
  const divides = (steps: number) => [k, interval].every((length) => length % (steps * depth) === 0);
  return (staged ? [4, 2] : [4]).find(divides) ?? 1;
}

/** WGSL extensions of a matrix kernel's shader. */
export const matrixEnables = ['f16', 'subgroups', 'chromium_experimental_subgroup_matrix'] as const;
