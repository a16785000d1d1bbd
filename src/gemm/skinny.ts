/** @file The kernel for products with few rows, bound by memory: shaders/gemm/skinny.wgsl. */

import skinnyWgsl from '../../shaders/gemm/skinny.wgsl?raw';
import { elementFormats, formats } from '../format/formats.js';
import { halvesHold } from '../format/halves.js';
import type { Shader } from '../gpu/shader.js';
import { dtypes } from '../matrix.js';
import { granularityByName } from '../quantize/granularity.js';
import { f32ErrorBound } from './error-bound.js';
import type { Kernel, Tiling } from './kernel.js';
import { partialsBytes } from './parts.js';
import { portable } from './portable.js';
import type { GemmProblem } from './problem.js';
import { beforeEndPart, epiloguePart, halvesWgsl, operandsPart, placeFiles } from './shader.js';
import { partsOf, tiledDispatches } from './tiled.js';

const mostRows = 16;
/** Rows of B. */
const rowsOfThread = 4;
const mostExponentBits = 5;

/** Threads of a workgroup, those of them side by side along K, and the parts of K. */
interface SkinnyTiling extends Tiling {
  readonly threads: number;
  readonly lanes: number;
  readonly parts: number;
}

const sizes = [
  { threads: 256, lanes: 32 },
  { threads: 256, lanes: 16 },
  { threads: 128, lanes: 32 },
  { threads: 128, lanes: 16 },
  { threads: 64, lanes: 16 },
  { threads: 64, lanes: 32 },
] as const;

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

  tilings(problem, { limits }) {
    const most = limits.maxComputeInvocationsPerWorkgroup;
    // A chunk of K is 256 / rows segments, and each lane takes at least one of them.
    const fitting = sizes.filter(
      ({ threads, lanes }) => threads <= most && lanes <= 256 / paddedRows(problem.m),
    );
    return fitting.flatMap((size) => {
      const workgroups = Math.ceil(problem.n / columns(size));
      const possible = [...new Set(partCounts.map((parts) => partsOf(problem, parts)))];
      const first =
        possible.find((parts) => parts * workgroups * size.threads >= enoughThreads) ?? possible.at(-1) ?? 1;
      return [first, ...possible.filter((parts) => parts !== first)].map((parts) => ({ ...size, parts }));
    });
  },

  scratchBytes(problem, tiling) {
    return partialsBytes(problem, (tiling as SkinnyTiling).parts);
  },

  dispatches(job) {
    const { problem, machine } = job;
    const tiling = job.tiling as SkinnyTiling;
    const halves = machine.unpacksSubnormals && halvesHold(problem.b.format);
    const shader = skinnyShader(problem, tiling, halves);
    const { parts } = tiling;
    const tileRows = paddedRows(problem.m);
    return tiledDispatches(
      { shader, tileRows, tileCols: columns(tiling), operationsPerProduct: 8, parts },
      job,
    );
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

/** Columns of D that a workgroup computes: each thread has four rows of B. */
function columns({ threads, lanes }: { readonly threads: number; readonly lanes: number }): number {
  return (rowsOfThread * threads) / lanes;
}

/** ROWS of the shader. */
function paddedRows(m: number): number {
  return 2 ** Math.ceil(Math.log2(m));
}

function skinnyShader(problem: GemmProblem, tiling: SkinnyTiling, halves: boolean): Shader {
  const { m, a, b, c, out } = problem;
  const { threads, lanes, parts } = tiling;
  const operands = operandsPart(a, b);
  const beforeEnd = beforeEndPart(problem);
  const epilogue = parts > 1 ? epiloguePart(undefined, 'f32') : epiloguePart(c, out);
  return {
    label: `gemm skinny ${paddedRows(m)} ${a.format.name} x ${b.format.name} to ${out}`,
    files: [
      ...operands.files,
      halvesWgsl,
      ...beforeEnd.files,
      ...placeFiles(undefined),
      ...epilogue.files,
      skinnyWgsl,
    ],
    constants: {
      ...operands.constants,
      ...beforeEnd.constants,
      ...epilogue.constants,
      ROWS: paddedRows(m),
      THREADS: threads,
      LANES: lanes,
      HALVES: halves,
      B_SHARED: b.granularity.tileRows >= rowsOfThread,
    },
  };
}
