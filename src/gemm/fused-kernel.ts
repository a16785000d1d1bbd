/** @file What a kernel that quantises A itself is, and what such kernels share: shaders/gemm/stage.wgsl. */

import stageWgsl from '../../shaders/gemm/stage.wgsl?raw';
import eightWgsl from '../../shaders/quantize/eight.wgsl?raw';
import encodeWordsWgsl from '../../shaders/quantize/encode-words.wgsl?raw';
import plainEightWgsl from '../../shaders/quantize/plain-eight.wgsl?raw';
import scaleWgsl from '../../shaders/quantize/scale.wgsl?raw';
import { arithmeticShaders } from '../arithmetic/shader.js';
import { width } from '../format/format.js';
import { elementFormats, formats } from '../format/formats.js';
import { formatConstant, formatShaders } from '../format/shader.js';
import type { Machine } from '../gpu/machine.js';
import type { Shader, ShaderPart } from '../gpu/shader.js';
import { dtypes } from '../matrix.js';
import type { NativeArithmetic } from '../probe/native.js';
import { dialects } from '../quantize/dialect.js';
import { granularityByName } from '../quantize/granularity.js';
import { dtypeConstants, scaleConstants } from '../quantize/shader.js';
import { type FusedProblem, widestCode } from './fused-problem.js';
import type { Kernel, Tiling } from './kernel.js';
import type { TiledShader } from './tiled.js';

/** A kernel for codes whose A may as well be made of values: what it does differently then. */
export interface FusedKernel {
  /** The kernel that, given codes, gives the same bits on the same tiling. */
  readonly kernel: Kernel;
  /** As Kernel has it. */
  unfit(problem: FusedProblem): string | undefined;
  /** As Kernel has it. */
  tilings(problem: FusedProblem, machine: Machine): readonly Tiling[];
  /** What computes D on an adapter with this arithmetic. */
  tiled(problem: FusedProblem, tiling: Tiling, machine: Machine, native: NativeArithmetic): TiledShader;
  /** As Kernel has it. */
  variants(): Shader[];
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
