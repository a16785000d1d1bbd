/** @file The kernel for products with few rows, bound by memory: shaders/gemm/skinny.wgsl and skinny-direct.wgsl. */

import fourRowsWgsl from '../../shaders/gemm/four-rows.wgsl?raw';
import skinnyWgsl from '../../shaders/gemm/skinny.wgsl?raw';
import skinnyDirectWgsl from '../../shaders/gemm/skinny-direct.wgsl?raw';
import skinnyStoredWgsl from '../../shaders/gemm/skinny-stored.wgsl?raw';
import { elementFormats, formats } from '../format/formats.js';
import { halvesHold } from '../format/halves.js';
import type { Machine } from '../gpu/machine.js';
import type { Shader, ShaderPart } from '../gpu/shader.js';
import { dtypes } from '../matrix.js';
import { granularityByName } from '../quantize/granularity.js';
import { f32ErrorBound } from './error-bound.js';
import type { Kernel, Tiling } from './kernel.js';
import { partialsBytes } from './parts.js';
import { portable } from './portable.js';
import type { GemmProblem, OperandKind } from './problem.js';
import { beforeEndPart, epiloguePart, halvesWgsl, operandsPart, placeFiles } from './shader.js';
import { partsOf, stepLength, type TiledShader, tiledDispatches } from './tiled.js';

const mostRows = 16;
/** Rows of B. */
const rowsOfThread = 4;
const mostExponentBits = 5;

/** Threads of a workgroup, those of them side by side along K, and the parts of K. */
export interface SkinnyTiling extends Tiling {
  /** A's values are put into workgroup memory by all threads for all, or each thread reads A's codes for itself. */
  readonly way: 'staged' | 'direct';
  readonly threads: number;
  /** Where direct, all of the threads. */
  readonly lanes: number;
  readonly parts: number;
}

export const sizes = [
  { threads: 256, lanes: 32 },
  { threads: 256, lanes: 16 },
  { threads: 128, lanes: 32 },
  { threads: 128, lanes: 16 },
  { threads: 64, lanes: 16 },
  { threads: 64, lanes: 32 },
] as const;
export type Size = (typeof sizes)[number];

/** Rows up to which threads read A for themselves. Four rows take longer so, by measurement. */
const mostDirectRows = 2;
/** Elements of K from which on that is faster, by rows: by measurement of one, between measurements of two. */
const leastDirectK: readonly number[] = [0, 1024, 5120];
/** Threads of a workgroup that do so. */
const directSizes = [256, 128, 64];
/** Elements of K from which on as many as there can be are fastest for one row, by measurement. */
const longK = 4096;
/** Columns of D that they compute: a strip. */
const directCols = 8;

/** Threads that keep enough loads under way on today's large GPUs. */
const enoughThreads = 50_000;
const partCounts = [1, 2, 4, 8, 16];

export const skinny: Kernel = {
  name: 'skinny',
  summary: 'f32, for up to 16 rows: reads B once',
  features: [],
  limits: { maxComputeWorkgroupStorageSize: 16384, maxComputeInvocationsPerWorkgroup: 64 },
  errorBound: f32ErrorBound,

  unfit(problem) {
    if (problem.m > mostRows) return `it multiplies at most ${mostRows} rows, not ${problem.m}`;
    // B's codes are added up before they meet their scales, and must not overflow.
    if (problem.b.format.exponentBits > mostExponentBits)
      return `it adds up B's codes without their scales, and those of ${problem.b.format.name} reach f32's limits`;
    return portable.unfit(problem);
  },

  tilings(problem, machine) {
    const ways = [directTilings(problem, machine), skinnyTilings(problem, machine)];
    const short = problem.k < (leastDirectK[problem.m] ?? 0);
    return (short ? ways.reverse() : ways).flat();
  },

  scratchBytes(problem, tiling) {
    return partialsBytes(problem, (tiling as SkinnyTiling).parts);
  },

  dispatches(job) {
    const { problem, machine } = job;
    const tiling = job.tiling as SkinnyTiling;
    const shader =
      tiling.way === 'direct'
        ? directShader(problem, tiling, machine)
        : skinnyShader(problem, tiling, decodesByHalves(problem.b, machine));
    return tiledDispatches({ shader, ...skinnyTile(problem, tiling), operationsPerProduct: 8 }, job);
  },

  variants() {
    const row = { granularity: granularityByName('row') };
    const kind = (name: keyof typeof formats) => ({ ...row, format: formats[name] });
    const plain = { m: 1, n: 1, k: 1, a: kind('e4m3'), b: kind('e4m3'), c: undefined, out: 'f32' as const };
    const told = { a: { ...plain.a, scaleTellsNaN: true }, b: { ...plain.b, scaleTellsNaN: true } };
    const whole = { way: 'staged', ...sizes[0], parts: 1 } as const;
    const direct = { way: 'direct', threads: 64, lanes: 64, parts: 1 } as const;
    const halves = { unpacksSubnormals: true };
    const epilogues = [undefined, ...dtypes].flatMap((c) => dtypes.map((out) => ({ c, out })));
    return [
      ...elementFormats.flatMap((name) => [
        skinnyShader({ ...plain, a: kind(name) }, whole, true),
        ...(formats[name].exponentBits <= mostExponentBits
          ? [skinnyShader({ ...plain, b: kind(name) }, whole, false)]
          : []),
        ...(halvesHold(formats[name]) ? [skinnyShader({ ...plain, b: kind(name) }, whole, true)] : []),
      ]),
      ...epilogues.map((epilogue) => skinnyShader({ ...plain, ...epilogue }, whole, true)),
      ...sizes.map((size) => skinnyShader(plain, { ...whole, ...size, parts: 2 }, true)),
      ...[2, 4, 8, 16].map((m) =>
        skinnyShader({ ...plain, m }, { way: 'staged', threads: 128, lanes: 16, parts: 2 }, true),
      ),
      ...elementFormats.flatMap((name) =>
        [true, false].map((unpacksSubnormals) =>
          directShader({ ...plain, a: kind(name) }, direct, { unpacksSubnormals }),
        ),
      ),
      ...elementFormats
        .filter((name) => formats[name].exponentBits <= mostExponentBits)
        .map((name) => directShader({ ...plain, b: kind(name) }, direct, halves)),
      ...epilogues.map((epilogue) => directShader({ ...plain, ...epilogue }, direct, halves)),
      skinnyShader({ ...plain, ...told }, whole, true),
      directShader({ ...plain, ...told }, direct, halves),
      ...directSizes.map((threads) =>
        directShader(
          { ...plain, m: mostDirectRows },
          { ...direct, threads, lanes: threads, parts: 2 },
          halves,
        ),
      ),
    ];
  },
};

function directTilings(problem: GemmProblem, { limits }: Pick<Machine, 'limits'>): SkinnyTiling[] {
  if (problem.m > mostDirectRows) return [];
  const sizes = directSizes.filter((threads) => threads <= limits.maxComputeInvocationsPerWorkgroup);
  const preferred = problem.m === 1 && problem.k >= longK ? sizes : sizes.filter((threads) => threads <= 128);
  const ordered = [...new Set([...preferred, ...sizes])];
  return ordered.flatMap((threads) =>
    inParts(problem, { way: 'direct', threads, lanes: threads }, directCols),
  );
}

/** As Kernel has it where A is staged, in codes or in values; of these sizes, the one to take untuned first. */
export function skinnyTilings(
  problem: GemmProblem,
  { limits }: Pick<Machine, 'limits'>,
  ordered: readonly Size[] = sizes,
): SkinnyTiling[] {
  const most = limits.maxComputeInvocationsPerWorkgroup;
  // Each lane takes at least one segment of a chunk of K.
  const fitting = ordered.filter(
    ({ threads, lanes }) => threads <= most && lanes * paddedRows(problem.m) <= tileSegments,
  );
  return fitting.flatMap((size) => inParts(problem, { way: 'staged', ...size }, columns(size)));
}

/**
 * A tiling for each number of parts, the one to take untuned first; a workgroup computes so many columns. Where direct,
 * no part is too short to keep its threads busy: 2112 x 7168 in one part of 256 threads was faster than in two of 128.
 */
function inParts(
  problem: GemmProblem,
  size: Pick<SkinnyTiling, 'way' | 'threads' | 'lanes'>,
  cols: number,
): SkinnyTiling[] {
  const workgroups = Math.ceil(problem.n / cols);
  const possible = [...new Set(partCounts.map((parts) => partsOf(problem, parts)))];
  const busy = (parts: number) =>
    size.way === 'staged' || problem.k >= parts * size.lanes * stepLength || parts === possible[0];
  const sensible = possible.filter(busy);
  const enough = sensible.find((parts) => parts * workgroups * size.threads >= enoughThreads);
  const first = enough ?? sensible.at(-1) ?? 1;
  return [first, ...possible.filter((parts) => parts !== first)].map((parts) => ({ ...size, parts }));
}

/** What of a TiledShader follows from a tiling. */
export function skinnyTile(
  { m }: GemmProblem,
  tiling: SkinnyTiling,
): Pick<TiledShader, 'tileRows' | 'tileCols' | 'parts'> {
  const tileCols = tiling.way === 'direct' ? directCols : columns(tiling);
  return { tileRows: paddedRows(m), tileCols, parts: tiling.parts };
}

/** Whether an operand's codes are decoded by halves on this machine: B_HALVES of the shader. */
export function decodesByHalves(
  { format }: OperandKind,
  { unpacksSubnormals }: Pick<Machine, 'unpacksSubnormals'>,
): boolean {
  return unpacksSubnormals && halvesHold(format);
}

/** Columns of D that a workgroup computes: each thread has four rows of B. */
function columns({ threads, lanes }: { readonly threads: number; readonly lanes: number }): number {
  return (rowsOfThread * threads) / lanes;
}

/** ROWS of the shader. */
export function paddedRows(m: number): number {
  return 2 ** Math.ceil(Math.log2(m));
}

/** TILE_SEGMENTS of the shader, where A is stored. */
export const tileSegments = 256;

/** How A comes into the tile. */
interface Left extends ShaderPart {
  readonly name: string;
}

/** A as codes and scales in memory. */
const stored: Left = {
  name: 'skinny',
  files: [skinnyStoredWgsl],
  constants: { TILE_SEGMENTS: tileSegments },
};

/** The shader where A is staged. How A comes into the tile is a part of its own. */
export function skinnyShader(
  problem: GemmProblem,
  tiling: SkinnyTiling,
  halves: boolean,
  left: Left = stored,
): Shader {
  const { m, a, b, out } = problem;
  const common = commonPart(problem, tiling, halves);
  return {
    label: `gemm ${left.name} ${paddedRows(m)} ${a.format.name} x ${b.format.name} to ${out}`,
    // Quantising and rounding D may both need the file that encodes.
    files: [...new Set([...common.files, ...left.files, skinnyWgsl])],
    constants: { ...common.constants, ...left.constants, LANES: tiling.lanes },
  };
}

function directShader(
  problem: GemmProblem,
  tiling: SkinnyTiling,
  machine: Pick<Machine, 'unpacksSubnormals'>,
): Shader {
  const { m, a, b, out } = problem;
  const common = commonPart(problem, tiling, decodesByHalves(b, machine));
  return {
    label: `gemm skinny direct ${paddedRows(m)} ${a.format.name} x ${b.format.name} to ${out}`,
    files: [...common.files, skinnyDirectWgsl],
    constants: { ...common.constants, A_HALVES: decodesByHalves(a, machine) },
  };
}

function commonPart(problem: GemmProblem, { threads, parts }: SkinnyTiling, halves: boolean): ShaderPart {
  const { m, a, b, c, out } = problem;
  const operands = operandsPart(a, b);
  const beforeEnd = beforeEndPart(problem);
  const epilogue = parts > 1 ? epiloguePart(undefined, 'f32') : epiloguePart(c, out);
  return {
    files: [
      ...operands.files,
      halvesWgsl,
      fourRowsWgsl,
      ...beforeEnd.files,
      ...placeFiles(undefined),
      ...epilogue.files,
    ],
    constants: {
      ...operands.constants,
      ...beforeEnd.constants,
      ...epilogue.constants,
      ROWS: paddedRows(m),
      THREADS: threads,
      B_HALVES: halves,
      B_SHARED: b.granularity.tileRows >= rowsOfThread,
    },
  };
}
