/** @file The gradients of RMSNorm on the GPU: plain, or quantised on their way out. */

import gainGradientWgsl from '../../shaders/linear/gain-gradient.wgsl?raw';
import gainStripsWgsl from '../../shaders/linear/gain-strips.wgsl?raw';
import normFactorsWgsl from '../../shaders/linear/norm-factors.wgsl?raw';
import sourceNormGradientWgsl from '../../shaders/linear/source-norm-gradient.wgsl?raw';
import stepsWgsl from '../../shaders/linear/steps.wgsl?raw';
import eightWgsl from '../../shaders/quantize/eight.wgsl?raw';
import { f32Bits } from '../arithmetic/f32.js';
import { arithmeticShaders } from '../arithmetic/shader.js';
import type { Context } from '../context.js';
import { ArgumentError, requireOptions } from '../errors.js';
import { formatShaders } from '../format/shader.js';
import type { Dispatch, Gpu } from '../gpu/gpu.js';
import type { Shader, ShaderPart } from '../gpu/shader.js';
import { GpuMatrix } from '../gpu-matrix.js';
import { type Dtype, dtypes } from '../matrix.js';
import type { BlockSource } from '../quantize/block.js';
import { plainOfBlocks } from '../quantize/block-plain.js';
import { overItems } from '../quantize/chunks.js';
import { plainAtPart } from '../quantize/shader.js';
import { overTiles } from '../quantize/tiles.js';
import { gpuOf } from '../require-context.js';
import { type GpuPair, type NormOptions, normOptions, pair, requirePlain, rounds } from './fused.js';
import { gradientPart, inverseRmsDispatches, paddedGains } from './fused-sources.js';
import { defaultEpsilon, requireNorm } from './rms-norm.js';
import { type NormGradients, requireGradient, stripRows } from './rms-norm-gradient.js';

export interface NormGradientOptions {
  /** That of the forward pass. Default 1e-6. */
  readonly epsilon?: number;
  /** Type of the gradient with respect to x, rounded once. Default f32. */
  readonly out?: Dtype;
}

/**
 * The gradients of rmsNorm(x, gain) with respect to x and, 1 × columns in f32, to the gain.
 * @param gain a value for each column
 * @param dy the gradient with respect to RMSNorm's result
 * @throws ArgumentError naming what does not fit
 */
export async function rmsNormGradientsOnGpu(
  context: Context,
  x: GpuMatrix,
  gain: Float32Array,
  dy: GpuMatrix,
  options: NormGradientOptions = {},
): Promise<NormGradients<GpuMatrix, GpuMatrix>> {
  const gpu = gpuOf(context);
  requireOptions('options', options, { epsilon: true, out: true });
  const { epsilon = defaultEpsilon, out = 'f32' } = options;
  requireInputs(gpu, x, gain, dy, epsilon);
  if (!dtypes.includes(out)) throw new ArgumentError('out', out, dtypes.join(', '));
  return withGradients(gpu, { x, gain, dy, epsilon }, (source) => plainOfBlocks(gpu, source, out));
}

/**
 * The same with the gradient with respect to x quantised in one pass: quantizeWithTranspose(rmsNormGradients(…).x),
 * what the backward pass of the linear layer before multiplies.
 * @throws ArgumentError naming what does not fit
 */
export async function rmsNormGradientsAndQuantize(
  context: Context,
  x: GpuMatrix,
  gain: Float32Array,
  dy: GpuMatrix,
  given: NormOptions = {},
): Promise<NormGradients<GpuPair, GpuMatrix>> {
  const gpu = gpuOf(context);
  const { epsilon, options } = normOptions(given);
  requireInputs(gpu, x, gain, dy, epsilon);
  return withGradients(gpu, { x, gain, dy, epsilon }, (source) => pair(gpu, source, options));
}

function requireInputs(gpu: Gpu, x: GpuMatrix, gain: Float32Array, dy: GpuMatrix, epsilon: number): void {
  requirePlain(gpu, 'x', x);
  requirePlain(gpu, 'dy', dy);
  requireGradient(x, dy);
  requireNorm(x.cols, gain, epsilon);
}

interface Inputs {
  readonly x: GpuMatrix;
  readonly gain: Float32Array;
  readonly dy: GpuMatrix;
  readonly epsilon: number;
}

/** @param work makes of the source of dx what is wanted */
async function withGradients<T>(
  gpu: Gpu,
  { x, gain, dy, epsilon }: Inputs,
  work: (source: BlockSource) => Promise<T>,
): Promise<NormGradients<T, GpuMatrix>> {
  const native = await rounds(gpu);
  const { rows, cols, pitch } = x;
  const strips = Math.ceil(rows / stripRows);
  const buffers = await gpu.allocate("making room for a norm's sums", [
    () => gpu.buffer('inverse root mean squares', rows * 4),
    () => gpu.buffer('factors of rows', rows * 8),
    () => gpu.buffer("strips of a gain's gradient", strips * pitch * 4),
    () => gpu.upload('gains', paddedGains(x, gain)),
  ]);
  const [inverses, factors, sums, gains] = buffers as [GPUBuffer, GPUBuffer, GPUBuffer, GPUBuffer];
  let made: GpuMatrix | undefined;
  try {
    const slope = await gpu.guard("making room for a gain's gradient", async () => {
      made = GpuMatrix.create(gpu, 1, cols, 'f32', "gain's gradient");
      return made;
    });
    await gpu.run("a norm's sums", [
      ...inverseRmsDispatches(x, inverses, epsilon, native),
      ...factorDispatches({ x, dy, native }, inverses, gains, factors),
      ...gainDispatches({ x, dy, native }, inverses, sums, slope),
    ]);
    return { x: await work(normGradientSource({ x, dy, native }, factors, gains)), gain: slope };
  } catch (error) {
    made?.dispose();
    throw error;
  } finally {
    for (const buffer of buffers) buffer.destroy();
  }
}

/** What the shaders read, and whether the adapter's own f32 arithmetic rounds as the oracle's. */
interface Sources {
  readonly x: GpuMatrix;
  readonly dy: GpuMatrix;
  readonly native: boolean;
}

/** Types of x and dy, and the arithmetic: what the shaders depend on. */
export interface NormGradientKind {
  readonly dtype: Dtype;
  readonly gradient: Dtype;
  readonly native: boolean;
}

function kindOf({ x, dy, native }: Sources): NormGradientKind {
  return { dtype: x.dtype, gradient: dy.dtype, native };
}

/** The shader of what a row's gradients share. */
export function normFactorsShader({ dtype, gradient, native }: NormGradientKind): Shader {
  return sumsShader(`factors of RMSNorm's gradient, ${dtype} and ${gradient}`, {
    dtype,
    part: gradientPart(4, gradient),
    native,
    main: normFactorsWgsl,
  });
}

/** The shader of the gain's gradient, strip by strip. */
export function gainGradientShader({ dtype, gradient, native }: NormGradientKind): Shader {
  const { files, constants } = gradientPart(3, gradient);
  return sumsShader(`gradient of RMSNorm's gain, ${dtype} and ${gradient}`, {
    dtype,
    part: { files, constants: { ...constants, STRIP_ROWS: stripRows } },
    native,
    main: gainGradientWgsl,
  });
}

function sumsShader(
  label: string,
  {
    dtype,
    part,
    native,
    main,
  }: {
    readonly dtype: Dtype;
    readonly part: ShaderPart;
    readonly native: boolean;
    readonly main: string;
  },
): Shader {
  const { normalize, round, product, multiply, divide, fma } = arithmeticShaders;
  const plain = plainAtPart(dtype);
  return {
    label,
    files: [
      ...[formatShaders.format, formatShaders.decode, normalize, round, product, multiply, divide, fma],
      ...[eightWgsl, ...plain.files, ...part.files, stepsWgsl, main],
    ],
    constants: { ...plain.constants, ...part.constants, NATIVE: native },
  };
}

/** The shader that adds up strips. */
export function gainStripsShader(native: boolean): Shader {
  const { normalize, round, product, fma } = arithmeticShaders;
  return {
    label: "strips of the gradient of RMSNorm's gain",
    files: [formatShaders.format, normalize, round, product, fma, stepsWgsl, gainStripsWgsl],
    constants: { NATIVE: native },
  };
}

/** The part that gives dx. */
export function normGradientPart({ dtype, gradient, native }: NormGradientKind): BlockSource['part'] {
  const plain = plainAtPart(dtype);
  const { files, constants } = gradientPart(4, gradient);
  return {
    files: [...plain.files, ...files, arithmeticShaders.fma, stepsWgsl, sourceNormGradientWgsl],
    constants: { ...plain.constants, ...constants, NATIVE: native },
  };
}

function factorDispatches(
  sources: Sources,
  inverses: GPUBuffer,
  gains: GPUBuffer,
  factors: GPUBuffer,
): Dispatch[] {
  const { x, dy } = sources;
  return overTiles(
    {
      shader: normFactorsShader(kindOf(sources)),
      buffers: [x.buffer, inverses, gains, dy.buffer, factors],
      params: [x.cols, x.pitch, dy.pitch, f32Bits(x.cols)],
    },
    x.rows,
    x.cols * 140 + 3000,
  );
}

function gainDispatches(
  sources: Sources,
  inverses: GPUBuffer,
  strips: GPUBuffer,
  result: GpuMatrix,
): Dispatch[] {
  const { x, dy, native } = sources;
  const across = x.pitch / 8;
  const count = Math.ceil(x.rows / stripRows);
  return [
    ...overItems(
      {
        shader: gainGradientShader(kindOf(sources)),
        buffers: [x.buffer, inverses, dy.buffer, strips],
        params: [across, x.rows, x.pitch, dy.pitch],
      },
      count * across,
      stripRows * 8 * 80,
    ),
    ...overItems(
      {
        shader: gainStripsShader(native),
        buffers: [strips, result.buffer],
        params: [x.pitch, count],
      },
      x.cols,
      count * 20,
    ),
  ];
}

function normGradientSource(sources: Sources, factors: GPUBuffer, gains: GPUBuffer): BlockSource {
  const { x, dy } = sources;
  return {
    label: "gradient of RMSNorm's input",
    rows: x.rows,
    cols: x.cols,
    part: normGradientPart(kindOf(sources)),
    buffers: [x.buffer, factors, gains, dy.buffer],
    params: [x.pitch, dy.pitch],
    operationsPerElement: 250,
  };
}
