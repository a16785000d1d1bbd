/**
 * @file D = A · Bᵀ (+ C) of plain values A and quantised B: each 1×128 tile of A is quantised on its way into workgroup
 * memory, so that its codes never travel. DeepSeek-V3's report asks hardware for this fusion (arXiv 2412.19437, section
 * 3.5.2). The kernel is portable's with shaders/gemm/fused.wgsl in place of the way A comes in, and gives the bits that
 * quantising first gives with the same parts of K.
 */

import fusedWgsl from '../../shaders/gemm/fused.wgsl?raw';
import eightWgsl from '../../shaders/quantize/eight.wgsl?raw';
import encodeWordsWgsl from '../../shaders/quantize/encode-words.wgsl?raw';
import plainEightWgsl from '../../shaders/quantize/plain-eight.wgsl?raw';
import scaleWgsl from '../../shaders/quantize/scale.wgsl?raw';
import { arithmeticShaders } from '../arithmetic/shader.js';
import { ArgumentError, UnsupportedError } from '../errors.js';
import { width } from '../format/format.js';
import { elementFormats, formats } from '../format/formats.js';
import { measuredMachine } from '../format/native-halves.js';
import { formatConstant, formatShaders } from '../format/shader.js';
import type { Dispatch, Gpu } from '../gpu/gpu.js';
import type { Machine } from '../gpu/machine.js';
import type { Shader } from '../gpu/shader.js';
import type { GpuMatrix, GpuQuantizedMatrix } from '../gpu-matrix.js';
import { type Dtype, dtypes } from '../matrix.js';
import { type NativeArithmetic, nativeArithmetic } from '../probe/native.js';
import type { TileOptions } from '../quantize/block.js';
import { dialects, type Scaling } from '../quantize/dialect.js';
import { granularityByName } from '../quantize/granularity.js';
import { chooseQuantization } from '../quantize/options.js';
import { dtypeConstants, scaleConstants } from '../quantize/shader.js';
import { type GemmOptions, requireMatrices, requireUsable, runProduct } from './gemm.js';
import type { GemmMatrices } from './kernel.js';
import { partialsBytes } from './parts.js';
import {
  orderedTilings,
  type PortableTiling,
  portable,
  portableShader,
  threads,
  tileBytes,
} from './portable.js';
import { type Addend, type GemmProblem, gemmProblem, type Operand } from './problem.js';
import { tiledDispatches } from './tiled.js';

/** How A is quantised, what is added, and the output's type. */
export interface QuantizeAndGemmOptions extends TileOptions, Pick<GemmOptions, 'c' | 'out'> {}

/** A product whose A is made of values of a type, by a scaling. */
export interface FusedProblem extends GemmProblem {
  readonly values: Dtype;
  readonly scaling: Scaling;
}

/** How a product will be computed, and what that takes: as GemmPlan, with A in plain values. */
export interface FusedPlan {
  readonly tiling: PortableTiling;
  readonly scratchBytes: readonly number[];
  dispatches(
    matrices: FusedMatrices,
    scratch?: readonly GPUBuffer[],
    operationsPerDispatch?: number,
  ): Dispatch[];
}

type FusedMatrices = Omit<GemmMatrices, 'a'> & { readonly a: GpuMatrix };

/** Bits of the widest codes: a byte each is staged. */
const widestCode = 8;

/** Wide ones first: a tile of A is quantised once for each column of tiles. */
const tiles = [
  { rows: 128, cols: 128, depth: 16, threadRows: 8 },
  { rows: 64, cols: 128, depth: 16, threadRows: 8 },
  { rows: 32, cols: 128, depth: 16, threadRows: 8 },
  { rows: 32, cols: 64, depth: 16, threadRows: 8 },
] as const;

/**
 * The problem that values and a quantised matrix pose.
 * @throws ArgumentError naming what does not fit
 */
export function fusedProblem(a: Addend, b: Operand, options: QuantizeAndGemmOptions = {}): FusedProblem {
  const { c, out = 'f32', ...rest } = options;
  const { format, granularity, scaling } = chooseQuantization({ ...rest, granularity: '1x128' });
  if (width(format) > widestCode)
    throw new ArgumentError(
      'format',
      `${format.name} of ${width(format)} bits`,
      `a format of at most ${widestCode} bits; others in two steps, by quantize() and gemm()`,
    );
  const { rows, cols, dtype } = a;
  return { ...gemmProblem({ rows, cols, format, granularity }, b, c, out), values: dtype, scaling };
}

/** The tilings that a machine can run, the one to take first. */
export function fusedTilings(problem: FusedProblem, { limits }: Machine): PortableTiling[] {
  const fitting = tiles.filter(
    (tile) =>
      tileBytes(tile) + 128 * (tile.rows + 1) + 20 * tile.rows <= limits.maxComputeWorkgroupStorageSize &&
      threads(tile) <= limits.maxComputeInvocationsPerWorkgroup,
  );
  return orderedTilings(problem, fitting);
}

/**
 * Chooses a tiling.
 * @throws UnsupportedError if the device or B's format does not let it run
 */
export async function planFused(
  gpu: Gpu,
  problem: FusedProblem,
  wanted?: PortableTiling,
): Promise<FusedPlan> {
  const unfit = portable.unfit(problem);
  if (unfit !== undefined) throw new UnsupportedError(`a fused product cannot compute this: ${unfit}`);
  const tiling = wanted ?? fusedTilings(problem, gpu.machine)[0];
  if (!tiling)
    throw new UnsupportedError(
      `a fused product needs 11008 bytes of workgroup memory and 32 threads; ${gpu.adapter.name} has less`,
    );
  const native = await nativeArithmetic(gpu);
  const machine = await measuredMachine(gpu);
  const { rows: tileRows, cols: tileCols, parts } = tiling;
  const shader = fusedShader(problem, tiling, native, machine);
  return {
    tiling,
    scratchBytes: partialsBytes(problem, parts),
    dispatches({ a, b, c, d }, scratch = [], operationsPerDispatch = machine.operationsPerDispatch) {
      requireMatrices(gpu, problem, { a, b, c, d });
      const { granularity } = problem.a;
      // What lies where the codes would. Scales are not read, but the shader can be given no less than a buffer.
      const wordPitch = a.dtype === 'f32' ? a.pitch : a.pitch / 2;
      const values = {
        codes: a.buffer,
        scales: a.buffer,
        rows: a.rows,
        wordPitch,
        scaleCols: 0,
        granularity,
      };
      const job = { problem, machine, tiling, scratch, operationsPerDispatch };
      return tiledDispatches(
        { shader, tileRows, tileCols, operationsPerProduct: 4, parts },
        { ...job, matrices: { a: values, b, c, d } },
      );
    },
  };
}

/** The shader of a tiling, on an adapter with this arithmetic. */
export function fusedShader(
  problem: FusedProblem,
  tiling: PortableTiling,
  native: NativeArithmetic,
  machine: Pick<Machine, 'unpacksSubnormals'>,
): Shader {
  const { a, values, scaling } = problem;
  const { encode } = formatShaders;
  const { normalize, round, product, multiply, divide } = arithmeticShaders;
  const divides = scaling.dialect.codeRule === 'divide';
  const rounds = native.add && native.multiply && (native.fma || !divides);
  return portableShader(problem, tiling, machine, {
    name: `of ${values} quantised`,
    files: [
      ...[encode, normalize, round, product, multiply, divide],
      ...[scaleWgsl, encodeWordsWgsl, eightWgsl, plainEightWgsl, fusedWgsl],
    ],
    constants: {
      FORMAT: formatConstant(a.format),
      DIVIDE_VALUES: divides,
      // In f32 arithmetic the sign goes to the eighth bit.
      NATIVE: rounds && width(a.format) === widestCode,
      ...scaleConstants(a.format, scaling),
      ...dtypeConstants(values),
    },
  });
}

/** Shaders that between them hold every piece of WGSL that a fused product can be made of. */
export function fusedVariants(): Shader[] {
  const granularity = granularityByName('1x128');
  const kind = (name: keyof typeof formats) => ({ format: formats[name], granularity });
  const scaling: Scaling = { dialect: dialects.deepgemm, powerOfTwo: false };
  const e4m3 = kind('e4m3');
  const problem: FusedProblem = {
    ...{ m: 1, n: 1, k: 1, a: e4m3, b: e4m3, c: undefined, out: 'f32', values: 'f32', scaling },
  };
  const [tile] = tiles.filter(({ rows }) => rows === 32);
  const whole = { ...(tile as (typeof tiles)[number]), parts: 1 };
  const keeps = { unpacksSubnormals: true };
  const narrow = elementFormats.filter((name) => width(formats[name]) <= widestCode);
  const { mx: _, ...plainDialects } = dialects;
  const all = { add: true, multiply: true, fma: true };
  const none = { add: false, multiply: false, fma: false };
  return [
    ...narrow.map((name) => fusedShader({ ...problem, a: kind(name) }, whole, all, keeps)),
    ...Object.values(plainDialects).flatMap((dialect) =>
      [false, true].flatMap((powerOfTwo) =>
        [all, none].map((native) =>
          fusedShader({ ...problem, scaling: { dialect, powerOfTwo } }, whole, native, keeps),
        ),
      ),
    ),
    ...dtypes.flatMap((values) =>
      dtypes.map((out) => fusedShader({ ...problem, values, out, c: values }, whole, all, keeps)),
    ),
    fusedShader(problem, { rows: 32, cols: 64, depth: 16, threadRows: 8, parts: 2 }, all, keeps),
  ];
}

/**
 * Quantises A and multiplies, in one pass over A. Arguments are checked before anything is allocated; the result is the
 * caller's to dispose of, and on an error nothing is left behind.
 * @throws ArgumentError if shapes or options do not fit, UnsupportedError if the device cannot run it, DisposedError if a
 *   matrix has been disposed of
 */
export async function quantizeAndGemmOnGpu(
  gpu: Gpu,
  a: GpuMatrix,
  b: GpuQuantizedMatrix,
  options: QuantizeAndGemmOptions = {},
): Promise<GpuMatrix> {
  const problem = fusedProblem(a, b, options);
  for (const [name, one] of Object.entries({ a, b, c: options.c }))
    if (one && 'gpu' in one) requireUsable(gpu, name, one);
  const plan = await planFused(gpu, problem);
  return runProduct(gpu, problem, options.c, plan.scratchBytes, (made, scratch) =>
    plan.dispatches({ a, b, ...made }, scratch),
  );
}
