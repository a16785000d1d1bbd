/** @file The kernel that runs on every adapter: shaders/gemm/portable.wgsl, with WebGPU's default limits. */

import octetWgsl from '../../shaders/format/octet.wgsl?raw';
import eightRowsWgsl from '../../shaders/gemm/eight-rows.wgsl?raw';
import patchWgsl from '../../shaders/gemm/patch.wgsl?raw';
import portableWgsl from '../../shaders/gemm/portable.wgsl?raw';
import storedWgsl from '../../shaders/gemm/stored.wgsl?raw';
import sumsEightRowsWgsl from '../../shaders/gemm/sums-eight-rows.wgsl?raw';
import sumsSixteenRowsWgsl from '../../shaders/gemm/sums-sixteen-rows.wgsl?raw';
import { type Format, width } from '../format/format.js';
import { elementFormats, formats } from '../format/formats.js';
import { halvesHold } from '../format/halves.js';
import type { Machine } from '../gpu/machine.js';
import type { Shader, ShaderPart } from '../gpu/shader.js';
import { dtypes } from '../matrix.js';
import { granularityByName } from '../quantize/granularity.js';
import { f32ErrorBound } from './error-bound.js';
import type { Kernel, Tiling } from './kernel.js';
import { partialsBytes } from './parts.js';
import { type GemmProblem, type Grouping, groupings, type OperandKind } from './problem.js';
import { beforeEndPart, epiloguePart, halvesWgsl, mayPassEnd, operandsPart, placeFiles } from './shader.js';
import { partsOf, tiledDispatches } from './tiled.js';

/** Rows of a patch of codes: patch.wgsl. */
const patchRows = 4;

/** Widths of codes of which 16 are whole words, and at most 8 with what precedes them in 16 bytes. */
const codeWidths = [2, 4, 6, 8, 10, 12, 16];

/** What a thread computes, by its rows of eight outputs. */
const sumsFiles = { 8: sumsEightRowsWgsl, 16: sumsSixteenRowsWgsl } as const;

/**
 * Rows and columns of D and elements of K in a workgroup's tile, rows of eight outputs a thread, and the parts of K.
 */
export interface PortableTiling extends Tiling {
  readonly rows: number;
  readonly cols: number;
  readonly depth: number;
  readonly threadRows: keyof typeof sumsFiles;
  readonly parts: number;
}

/**
 * The largest first, where there is room for it; of those of few outputs, what docs/performance.md found for its rows.
 */
const tiles = [
  { rows: 256, cols: 128, depth: 32, threadRows: 16 },
  { rows: 128, cols: 128, depth: 16, threadRows: 8 },
  { rows: 128, cols: 128, depth: 32, threadRows: 8 },
  { rows: 128, cols: 128, depth: 32, threadRows: 16 },
  { rows: 128, cols: 128, depth: 16, threadRows: 16 },
  { rows: 256, cols: 128, depth: 16, threadRows: 16 },
  { rows: 128, cols: 64, depth: 16, threadRows: 8 },
  { rows: 64, cols: 64, depth: 16, threadRows: 8 },
  { rows: 32, cols: 64, depth: 16, threadRows: 8 },
  { rows: 32, cols: 128, depth: 16, threadRows: 8 },
  { rows: 64, cols: 128, depth: 32, threadRows: 8 },
  { rows: 64, cols: 64, depth: 32, threadRows: 8 },
] as const;

type Tile = Pick<PortableTiling, 'rows' | 'cols' | 'depth' | 'threadRows'>;

/** Outputs of a tile that is worth its size only where D has so many that such tiles fill today's large GPUs twice. */
const manyOutputs = 128 * 128;
const largeOutputs = 256 * manyOutputs;
/** How many times the fewest rows a large tile may make of D's: about as much faster it is than small ones. */
const littleWaste = 1.35;
/** Workgroups that fill these GPUs: with fewer, parts of K pay. */
const enoughWorkgroups = 256;
/** The same in threads, where each part of K is long enough for its sums not to matter. */
const enoughThreads = 50_000;
const longPart = 256;
/** The parts of K that a tile of few outputs is chosen with. */
const fewParts = 4;
const partCounts = [1, 2, 4, 8, 16];

export const portable: Kernel = {
  name: 'portable',
  summary: 'f32 register tiles of up to 256 x 128, no optional feature',
  features: [],
  limits: { maxComputeWorkgroupStorageSize: 8192, maxComputeInvocationsPerWorkgroup: 64 },
  errorBound: f32ErrorBound,
  grouped: true,

  unfit({ a, b, accumulation }) {
    if (accumulation) return 'it adds up in f32, not as a matrix instruction does';
    return unfitFormat(a.format) ?? unfitFormat(b.format);
  },

  tilings(problem, machine) {
    return orderedTilings(
      problem,
      tiles.filter((tile) => fits(tile, machine)),
    );
  },

  scratchBytes(problem, tiling) {
    return partialsBytes(problem, (tiling as PortableTiling).parts);
  },

  dispatches(job) {
    const tiling = job.tiling as PortableTiling;
    const { rows: tileRows, cols: tileCols, parts } = tiling;
    const shader = portableShader(job.problem, tiling, job.machine);
    return tiledDispatches({ shader, tileRows, tileCols, operationsPerProduct: 2, parts }, job);
  },

  variants() {
    // Granularities are parameters, so that formats, C, the output and the tile are all that the WGSL depends on;
    // operands, epilogue and tile do not depend on each other.
    const row = { granularity: granularityByName('row') };
    const shape = { m: 1, n: 1, k: 1 };
    const e4m3 = { ...row, format: formats.e4m3 };
    const tellsNaN = { scaleTellsNaN: true };
    const pairs = elementFormats.flatMap((a) =>
      elementFormats.map((b) => ({ a: { ...row, format: formats[a] }, b: { ...row, format: formats[b] } })),
    );
    const epilogues = [undefined, ...dtypes].flatMap((c) => dtypes.map((out) => ({ c, out })));
    const plain = { ...shape, a: e4m3, b: e4m3, c: undefined, out: 'f32' as const };
    // WebGPU's default limit of workgroup memory.
    const small = tiles.filter((tile) => tileBytes(tile) <= 16384);
    const whole = { ...(small[0] as Tile), parts: 1 };
    const keeps = { unpacksSubnormals: true };
    return [
      ...pairs.map((operands) => portableShader({ ...plain, ...operands }, whole, keeps)),
      portableShader(plain, whole, { unpacksSubnormals: false }),
      portableShader({ ...plain, a: { ...e4m3, ...tellsNaN }, b: { ...e4m3, ...tellsNaN } }, whole, keeps),
      ...epilogues.map((epilogue) => portableShader({ ...plain, ...epilogue }, whole, keeps)),
      ...groupings.map((grouping) => portableShader({ ...plain, grouping }, whole, keeps)),
      ...small.map((tile) => portableShader(plain, { ...tile, parts: 2 }, keeps)),
    ];
  },
};

function fits(tile: Tile, { limits }: Machine): boolean {
  return (
    tileBytes(tile) <= limits.maxComputeWorkgroupStorageSize &&
    threads(tile) <= limits.maxComputeInvocationsPerWorkgroup
  );
}

/** Workgroup memory of a tile. */
export function tileBytes({ rows, cols, depth }: Tile): number {
  return 4 * depth * (rows + cols);
}

/** Threads of a tile's workgroup. */
export function threads({ rows, cols, threadRows }: Tile): number {
  return (rows * cols) / (8 * threadRows);
}

function workgroups({ m, n, grouping }: GemmProblem, { rows, cols }: Tile): number {
  return Math.ceil(m / rows) * Math.ceil(n / cols) * productsOf(grouping);
}

/** Products of m x n: groups along K have one each. */
function productsOf(grouping: Grouping | undefined): number {
  return grouping?.kind === 'k' ? grouping.groups : 1;
}

function unfitFormat(format: Format): string | undefined {
  if (format.signBits === 1 && codeWidths.includes(width(format))) return undefined;
  return `it multiplies codes with a sign and ${codeWidths.join(', ')} bits; ${format.name} has ${format.signBits === 1 ? `${width(format)} bits` : 'no sign'}`;
}

/**
 * Tiles, each with counts of parts of K, the one to take untuned first. If D is large, that is the first tile of many
 * outputs; otherwise the first of few that makes enough workgroups in a few parts of K, or the one that makes most;
 * with as many parts as pay. docs/performance.md has what each of these was measured at.
 */
export function orderedTilings(problem: GemmProblem, fitting: readonly Tile[]): PortableTiling[] {
  // Rows of a tile that D does not have are work for nothing.
  const waste = ({ rows }: Tile) => (Math.ceil(problem.m / rows) * rows) / problem.m;
  const least = Math.min(...fitting.map(waste));
  const tiles = fitting.filter((tile) => waste(tile) < Math.max(2, least * 1.01));
  const outputs = ({ rows, cols }: Tile) => rows * cols;
  const all = (tile: Tile) => workgroups(problem, tile);
  const isLarge = problem.m * problem.n * productsOf(problem.grouping) >= largeOutputs;
  const few = tiles.filter((tile) => outputs(tile) < manyOutputs);
  const many = tiles.filter((tile) => !few.includes(tile) && waste(tile) <= least * littleWaste);
  const parts = partsOf(problem, fewParts);
  const most = Math.max(...few.map(all));
  const preferred =
    (isLarge ? many[0] : undefined) ??
    few.find((tile) => parts * all(tile) >= enoughWorkgroups) ??
    few.find((tile) => all(tile) === most) ??
    tiles[0];
  if (!preferred) return [];
  const ordered = [preferred, ...tiles.filter((tile) => tile !== preferred)];
  const possible = [...new Set(partCounts.map((parts) => partsOf(problem, parts)))];
  return ordered.flatMap((tile) => {
    const pays = (parts: number, i: number) =>
      parts * all(tile) * Math.max(1, outputs(tile) / manyOutputs) <= enoughWorkgroups ||
      (few.includes(tile) &&
        problem.k / parts >= longPart &&
        (possible[i - 1] ?? 0) * all(tile) * threads(tile) < enoughThreads);
    const first = possible.findLast(pays) ?? (possible[0] as number);
    return [first, ...possible.filter((parts) => parts !== first)].map((parts) => ({ ...tile, parts }));
  });
}

/** A as codes and scales in memory. */
const stored = { name: 'portable', files: [storedWgsl], constants: {} };

/** The shader of a tiling. How A comes into the tile is a part of its own. */
export function portableShader(
  problem: GemmProblem,
  { rows, cols, depth, threadRows, parts }: PortableTiling,
  { unpacksSubnormals }: Pick<Machine, 'unpacksSubnormals'>,
  left: ShaderPart & { readonly name: string } = stored,
): Shader {
  const { a, b, c, out, grouping } = problem;
  const operands = operandsPart(a, b);
  const beforeEnd = beforeEndPart(problem);
  const epilogue = parts > 1 ? epiloguePart(undefined, 'f32') : epiloguePart(c, out);
  const addend = c === undefined ? '' : ` + ${c}`;
  const halves = ({ format }: OperandKind) => unpacksSubnormals && halvesHold(format);
  // Parts begin and end at whole steps, so that only the last step of K may pass its end.
  const tail = mayPassEnd(problem, depth);
  // A group may begin at any row.
  const isShared = ({ granularity }: OperandKind) =>
    grouping === undefined && granularity.tileRows >= patchRows;
  const shared = [halvesWgsl, octetWgsl, eightRowsWgsl, sumsFiles[threadRows]];
  const files = [
    ...operands.files,
    ...shared,
    ...left.files,
    ...beforeEnd.files,
    patchWgsl,
    ...placeFiles(grouping),
    ...epilogue.files,
    portableWgsl,
  ];
  return {
    label: `gemm ${left.name} ${rows}x${cols}x${depth} of ${threadRows}x8 ${a.format.name} x ${b.format.name}${addend} to ${out}`,
    // Quantising and rounding D may both need the file that encodes.
    files: [...new Set(files)],
    constants: {
      ...operands.constants,
      ...left.constants,
      ...beforeEnd.constants,
      ...epilogue.constants,
      TILE_ROWS: rows,
      TILE_COLS: cols,
      DEPTH: depth,
      A_HALVES: halves(a),
      B_HALVES: halves(b),
      A_SHARED: isShared(a),
      B_SHARED: isShared(b),
      TAIL: tail,
    },
  };
}
