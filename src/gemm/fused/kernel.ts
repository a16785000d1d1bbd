/** @file What a kernel that quantises A itself is, and what such kernels share: shaders/gemm/fused/stage.wgsl. */

import stageWgsl from '../../../shaders/gemm/fused/stage.wgsl?raw';
import eightWgsl from '../../../shaders/quantize/eight.wgsl?raw';
import encodeWordsWgsl from '../../../shaders/quantize/encode-words.wgsl?raw';
import plainEightWgsl from '../../../shaders/quantize/plain-eight.wgsl?raw';
import scaleWgsl from '../../../shaders/quantize/scale.wgsl?raw';
import { arithmeticShaders } from '../../arithmetic/shader.js';
import { width } from '../../format/format.js';
import { elementFormats, formats } from '../../format/formats.js';
import { formatConstant, formatShaders } from '../../format/shader.js';
import type { Dispatch } from '../../gpu/dispatch.js';
import type { Machine } from '../../gpu/machine.js';
import type { Shader, ShaderPart } from '../../gpu/shader.js';
import type { GpuMatrix } from '../../gpu-matrix.js';
import { dtypes } from '../../matrix.js';
import type { NativeArithmetic } from '../../probe/native.js';
import { dialects } from '../../quantize/dialect.js';
import { granularityByName } from '../../quantize/granularity.js';
import { dtypeConstants, scaleConstants } from '../../quantize/shader.js';
import type { GemmJob, GemmMatrices, Kernel, Tiling } from '../kernel.js';
import { type TiledOperand, type TiledShader, tiledDispatches } from '../tiled.js';
import { type FusedProblem, widestCode } from './problem.js';

/** The matrices of D = A · Bᵀ (+ C), with A in plain values. */
export type FusedMatrices = Omit<GemmMatrices, 'a'> & { readonly a: GpuMatrix };

/** What a fused kernel is to compute, on an adapter with this arithmetic. */
export interface FusedJob extends Omit<GemmJob, 'matrices' | 'problem'> {
  readonly problem: FusedProblem;
  readonly matrices: FusedMatrices;
  readonly native: NativeArithmetic;
}

/** A kernel for codes whose A may as well be made of values: what it does differently then. */
export interface FusedKernel {
  /** The kernel that, given codes, gives the same bits on the same tiling. */
  readonly kernel: Kernel;
  /** Whether it is no slower than quantising in a pass before it, by measurement: docs/performance.md. */
  pays(problem: FusedProblem, machine: Machine): boolean;
  /** Why it cannot compute this problem on this machine, as "it …"; undefined if it can. */
  unfit(problem: FusedProblem, machine: Machine): string | undefined;
  /** As Kernel has it. */
  tilings(problem: FusedProblem, machine: Machine): readonly Tiling[];
  /** As Kernel has it; for sums of parts of K last. */
  scratchBytes(problem: FusedProblem, tiling: Tiling): readonly number[];
  /** As Kernel has it. */
  dispatches(job: FusedJob): Dispatch[];
  /** As Kernel has it. */
  variants(): Shader[];
}

/** Values as an operand. Scales are not read, but where a shader reads them it can be given no less than a buffer. */
export function operandOf(
  { problem, matrices: { a } }: FusedJob,
  scales = a.buffer,
  scaleCols = 0,
): TiledOperand {
  const { granularity } = problem.a;
  const wordPitch = a.dtype === 'f32' ? a.pitch : a.pitch / 2;
  return { codes: a.buffer, scales, rows: a.rows, wordPitch, scaleCols, granularity };
}

/** The dispatches that compute D by a shader that quantises A on its way into workgroup memory. */
export function stagedDispatches(tiled: TiledShader, job: FusedJob): Dispatch[] {
  return tiledDispatches(tiled, { ...job, matrices: { ...job.matrices, a: operandOf(job) } });
}

/** stage.wgsl with what it needs beyond the kernel, and a name for values of this type. */
export function stagePart(
  { k, a, values, scaling }: FusedProblem,
  native: NativeArithmetic,
): ShaderPart & { readonly name: string } {
  const { encode } = formatShaders;
  const { normalize, round, product, multiply, divide } = arithmeticShaders;
  const divides = scaling.dialect.codeRule === 'divide';
  const rounds = native.add && native.multiply && (native.fma || !divides);
  return {
    name: `of ${values} quantised`,
    files: [
      ...[encode, normalize, round, product, multiply, divide],
      ...[scaleWgsl, encodeWordsWgsl, eightWgsl, plainEightWgsl, stageWgsl],
    ],
    constants: {
      FORMAT: formatConstant(a.format),
      DIVIDE_VALUES: divides,
      // In f32 arithmetic the sign goes to the eighth bit.
      NATIVE: rounds && width(a.format) === widestCode,
      TILE_TAIL: k % a.granularity.tileCols !== 0,
      ...scaleConstants(a.format, scaling),
      ...dtypeConstants(values),
    },
  };
}

const granularity = granularityByName('1x128');
const e4m3 = { format: formats.e4m3, granularity };
const sampleProblem: FusedProblem = {
  ...{ m: 512, n: 512, k: 512, a: e4m3, b: e4m3, c: undefined, out: 'f32', values: 'f32' },
  scaling: { dialect: dialects.deepgemm, powerOfTwo: false },
};
const all = { add: true, multiply: true, fma: true };
const none = { add: false, multiply: false, fma: false };

type MakeShader = (problem: FusedProblem, native: NativeArithmetic) => Shader;

/** A problem and an adapter's arithmetic, where it does not matter which. */
export const sample = { problem: sampleProblem, native: all } as const;

/** Every format, dialect, arithmetic and type of values, C and output. */
export function stageVariants(make: MakeShader): Shader[] {
  const problem = sampleProblem;
  const narrow = elementFormats.filter((name) => width(formats[name]) <= widestCode);
  const { mx: _, ...plainDialects } = dialects;
  return [
    make(problem, all),
    make({ ...problem, k: 500 }, all),
    ...narrow.map((name) => make({ ...problem, a: { format: formats[name], granularity } }, all)),
    ...Object.values(plainDialects).flatMap((dialect) =>
      [false, true].flatMap((powerOfTwo) =>
        [all, none].map((native) => make({ ...problem, scaling: { dialect, powerOfTwo } }, native)),
      ),
    ),
    ...dtypes.flatMap((values) => dtypes.map((out) => make({ ...problem, values, out, c: values }, all))),
  ];
}
