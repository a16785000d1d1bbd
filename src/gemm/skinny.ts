/** @file The kernel for products with few rows, bound by memory: shaders/gemm/skinny.wgsl. */

import skinnyWgsl from '../../shaders/gemm/skinny.wgsl?raw';
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
import { partsOf, type TiledShader, tiledDispatches } from './tiled.js';

const mostRows = 16;
/** Rows of B. */
const rowsOfThread = 4;
const mostExponentBits = 5;

/** Threads of a workgroup, those of them side by side along K, and the parts of K. */
export interface SkinnyTiling extends Tiling {
  readonly threads: number;
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

/** Threads that keep enough loads under way on today's large GPUs. */
const enoughThreads = 50_000;
const partCounts = [1, 2, 4, 8, 16];

export const skinny: Kernel = {
  name: 'skinny',
  summary: 'f32, for up to 16 rows: reads B once at the speed of memory',
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

  tilings: (problem, machine) => skinnyTilings(problem, machine),

  scratchBytes(problem, tiling) {
    return partialsBytes(problem, (tiling as SkinnyTiling).parts);
  },

  dispatches(job) {
    const { problem, machine } = job;
    const tiling = job.tiling as SkinnyTiling;
    const shader = skinnyShader(problem, tiling, decodesByHalves(problem.b, machine));
    return tiledDispatches({ shader, ...skinnyTile(problem, tiling), operationsPerProduct: 8 }, job);
  },

  variants() {
    const row = { granularity: granularityByName('row') };
    const kind = (name: keyof typeof formats) => ({ ...row, format: formats[name] });
    const plain = { m: 1, n: 1, k: 1, a: kind('e4m3'), b: kind('e4m3'), c: undefined, out: 'f32' as const };
    const whole = { ...sizes[0], parts: 1 };
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
      ...sizes.map((size) => skinnyShader(plain, { ...size, parts: 2 }, true)),
      ...[2, 4, 8, 16].map((m) => skinnyShader({ ...plain, m }, { threads: 128, lanes: 16, parts: 2 }, true)),
    ];
  },
};

/** As Kernel has it, for A in codes or in values; of these sizes, the one to take untuned first. */
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
  return fitting.flatMap((size) => {
    const workgroups = Math.ceil(problem.n / columns(size));
    const possible = [...new Set(partCounts.map((parts) => partsOf(problem, parts)))];
    const first =
      possible.find((parts) => parts * workgroups * size.threads >= enoughThreads) ?? possible.at(-1) ?? 1;
    return [first, ...possible.filter((parts) => parts !== first)].map((parts) => ({ ...size, parts }));
  });
}

/** What of a TiledShader follows from a tiling. */
export function skinnyTile(
  { m }: GemmProblem,
  tiling: SkinnyTiling,
): Pick<TiledShader, 'tileRows' | 'tileCols' | 'parts'> {
  return { tileRows: paddedRows(m), tileCols: columns(tiling), parts: tiling.parts };
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

/** The shader of a tiling. How A comes into the tile is a part of its own. */
export function skinnyShader(
  problem: GemmProblem,
  tiling: SkinnyTiling,
  halves: boolean,
  left: Left = stored,
): Shader {
  const { m, a, b, c, out } = problem;
  const { threads, lanes, parts } = tiling;
  const operands = operandsPart(a, b);
  const beforeEnd = beforeEndPart(problem);
  const epilogue = parts > 1 ? epiloguePart(undefined, 'f32') : epiloguePart(c, out);
  const files = [
    ...operands.files,
    halvesWgsl,
    ...left.files,
    ...beforeEnd.files,
    ...placeFiles(undefined),
    ...epilogue.files,
    skinnyWgsl,
  ];
  return {
    label: `gemm ${left.name} ${paddedRows(m)} ${a.format.name} x ${b.format.name} to ${out}`,
    // Quantising and rounding D may both need the file that encodes.
    files: [...new Set(files)],
    constants: {
      ...operands.constants,
      ...left.constants,
      ...beforeEnd.constants,
      ...epilogue.constants,
      ROWS: paddedRows(m),
      THREADS: threads,
      LANES: lanes,
      B_HALVES: halves,
      B_SHARED: b.granularity.tileRows >= rowsOfThread,
    },
  };
}
