/**
 * @file What stands between two linear layers, fused with the quantisation of its result: activations, SwiGLU and its
 * gradients, RMSNorm. Each gives the codes and scales that the oracle's values, quantised, have, in every bit.
 */

import type { Context } from '../context.js';
import { ArgumentError } from '../errors.js';
import type { Gpu } from '../gpu/gpu.js';
import { GpuMatrix, GpuQuantizedMatrix } from '../gpu-matrix.js';
import { nativeArithmetic } from '../probe/native.js';
import {
  type BlockSource,
  chooseTiles,
  quantizeBlocks,
  requireTileOptions,
  type TileOptions,
} from '../quantize/block.js';
import { plainOfBlocks } from '../quantize/block-plain.js';
import type { QuantizedPair } from '../quantize/with-transpose.js';
import { requireEights } from '../quantize/with-transpose-gpu.js';
import { gpuOf } from '../require-context.js';
import { type Activation, requireActivation } from './activation.js';
import {
  activationSource,
  type Gates,
  inverseRmsDispatches,
  normSource,
  paddedGains,
  swigluGradientSource,
  swigluSource,
} from './fused-sources.js';
import { defaultEpsilon, requireNorm } from './rms-norm.js';
import type { SwigluGradients } from './swiglu.js';

/** A result and its transpose, each in 1×128 tiles. The caller owns both. */
export type GpuPair = QuantizedPair<GpuQuantizedMatrix>;

export interface NormOptions extends TileOptions {
  /** Added to the mean square. Default 1e-6. */
  readonly epsilon?: number;
}

/**
 * An activation of x, quantised, in one pass: quantizeWithTranspose(activate(x, activation)).
 * @throws ArgumentError naming what does not fit
 */
export async function activateAndQuantize(
  context: Context,
  x: GpuMatrix,
  activation: Activation,
  options: TileOptions = {},
): Promise<GpuPair> {
  const gpu = gpuOf(context);
  requirePlain(gpu, 'x', x);
  requireActivation(activation);
  chooseTiles(options);
  return pair(gpu, activationSource(x, activation, await rounds(gpu)), options);
}

/** An activation of x, in f32. */
export async function activateOnGpu(
  context: Context,
  x: GpuMatrix,
  activation: Activation,
): Promise<GpuMatrix> {
  const gpu = gpuOf(context);
  requirePlain(gpu, 'x', x);
  requireActivation(activation);
  return plainOfBlocks(gpu, activationSource(x, activation, await rounds(gpu)));
}

/**
 * silu(gate) · up, quantised, in one pass: quantizeWithTranspose(swiglu(gate, up)). The inputs may be plain, in the
 * forward pass; or the codes that were kept of them, for computing the result again in the backward pass.
 * @throws ArgumentError naming what does not fit
 */
export async function swigluAndQuantize(
  context: Context,
  gate: GpuMatrix | GpuQuantizedMatrix,
  up: GpuMatrix | GpuQuantizedMatrix,
  options: TileOptions = {},
): Promise<GpuPair> {
  const gpu = gpuOf(context);
  const gates = requireGates(gpu, gate, up);
  chooseTiles(options);
  return pair(gpu, swigluSource(gates, await rounds(gpu)), options);
}

/** silu(gate) · up, in f32. */
export async function swigluOnGpu(
  context: Context,
  gate: GpuMatrix | GpuQuantizedMatrix,
  up: GpuMatrix | GpuQuantizedMatrix,
): Promise<GpuMatrix> {
  const gpu = gpuOf(context);
  const gates = requireGates(gpu, gate, up);
  return plainOfBlocks(gpu, swigluSource(gates, await rounds(gpu)));
}

/**
 * The gradients with respect to gate and up, quantised, in one pass each: what the backward passes of the linear layers
 * that made gate and up multiply.
 * @param dh the gradient with respect to silu(gate) · up
 * @throws ArgumentError naming what does not fit
 */
export async function swigluGradientsAndQuantize(
  context: Context,
  gate: GpuMatrix | GpuQuantizedMatrix,
  up: GpuMatrix | GpuQuantizedMatrix,
  dh: GpuMatrix,
  options: TileOptions = {},
): Promise<SwigluGradients<GpuPair>> {
  const gpu = gpuOf(context);
  const gates = requireGates(gpu, gate, up);
  requirePlain(gpu, 'dh', dh);
  if (dh.rows !== gate.rows || dh.cols !== gate.cols)
    throw new ArgumentError(
      'dh',
      `${dh.rows}x${dh.cols}`,
      `a matrix of gate's shape, ${gate.rows}x${gate.cols}`,
    );
  chooseTiles(options);
  const native = await rounds(gpu);
  const first = await pair(gpu, swigluGradientSource(gates, dh, 'gate', native), options);
  try {
    return { gate: first, up: await pair(gpu, swigluGradientSource(gates, dh, 'up', native), options) };
  } catch (error) {
    first.quantized.dispose();
    first.transposed.dispose();
    throw error;
  }
}

/**
 * RMSNorm of each row, quantised: quantizeWithTranspose(rmsNorm(x, gain)). One pass sums the squares of each row, a
 * second one norms and quantises; the normed matrix is never written.
 * @param gain a value for each column
 * @throws ArgumentError naming what does not fit
 */
export async function rmsNormAndQuantize(
  context: Context,
  x: GpuMatrix,
  gain: Float32Array,
  given: NormOptions = {},
): Promise<GpuPair> {
  const gpu = gpuOf(context);
  requirePlain(gpu, 'x', x);
  const { epsilon, options } = normOptions(given);
  requireNorm(x.cols, gain, epsilon);
  return withNorm(gpu, x, gain, epsilon, (source) => pair(gpu, source, options));
}

/**
 * The epsilon of options, and the others.
 * @throws ArgumentError naming the option that does not exist or does not fit
 */
export function normOptions(given: NormOptions): { epsilon: number; options: TileOptions } {
  requireTileOptions(given, { epsilon: true });
  const { epsilon = defaultEpsilon, ...options } = given;
  chooseTiles(options);
  return { epsilon, options };
}

/** RMSNorm of each row, in f32. */
export async function rmsNormOnGpu(
  context: Context,
  x: GpuMatrix,
  gain: Float32Array,
  epsilon = defaultEpsilon,
): Promise<GpuMatrix> {
  const gpu = gpuOf(context);
  requirePlain(gpu, 'x', x);
  requireNorm(x.cols, gain, epsilon);
  return withNorm(gpu, x, gain, epsilon, (source) => plainOfBlocks(gpu, source));
}

async function withNorm<T>(
  gpu: Gpu,
  x: GpuMatrix,
  gain: Float32Array,
  epsilon: number,
  work: (source: BlockSource) => Promise<T>,
): Promise<T> {
  const native = await rounds(gpu);
  const buffers = await gpu.allocate('making room for root mean squares', [
    () => gpu.buffer('inverse root mean squares', x.rows * 4),
    () => gpu.upload('gains', paddedGains(x, gain)),
  ]);
  const [inverses, gains] = buffers as [GPUBuffer, GPUBuffer];
  try {
    await gpu.run('root mean squares', inverseRmsDispatches(x, inverses, epsilon, native));
    return await work(normSource(x, inverses, gains));
  } finally {
    for (const buffer of buffers) buffer.destroy();
  }
}

/** Whether the adapter's own f32 arithmetic rounds as the oracles do. */
export async function rounds(gpu: Gpu): Promise<boolean> {
  const { add, multiply, fma } = await nativeArithmetic(gpu);
  return add && multiply && fma;
}

/** A source quantised along rows and columns. */
export async function pair(gpu: Gpu, source: BlockSource, options: TileOptions): Promise<GpuPair> {
  const ways = { rows: true, columns: true } as const;
  const { rows, columns } = await quantizeBlocks(gpu, source, ways, chooseTiles(options));
  return { quantized: rows, transposed: columns };
}

/** @throws ArgumentError unless it is a plain matrix on this GPU, DisposedError if it has been disposed of */
export function requirePlain(gpu: Gpu, argument: string, source: GpuMatrix): void {
  if (!(source instanceof GpuMatrix))
    throw new ArgumentError(argument, source, 'a GpuMatrix, as upload() gives');
  requireHere(gpu, argument, source);
}

function requireHere(gpu: Gpu, argument: string, source: GpuMatrix | GpuQuantizedMatrix): void {
  source.requireAlive(argument);
  if (source.gpu !== gpu) throw new ArgumentError(argument, source, 'a matrix on this context');
}

function requireGates(
  gpu: Gpu,
  gate: GpuMatrix | GpuQuantizedMatrix,
  up: GpuMatrix | GpuQuantizedMatrix,
): Gates {
  for (const [name, source] of Object.entries({ gate, up })) {
    if (!(source instanceof GpuMatrix || source instanceof GpuQuantizedMatrix))
      throw new ArgumentError(
        name,
        source,
        'a GpuMatrix, as context.upload() gives, or a GpuQuantizedMatrix',
      );
    requireHere(gpu, name, source);
    if (source instanceof GpuQuantizedMatrix) requireEights(name, source);
  }
  if (up.rows !== gate.rows || up.cols !== gate.cols)
    throw new ArgumentError(
      'up',
      `${up.rows}x${up.cols}`,
      `a matrix of gate's shape, ${gate.rows}x${gate.cols}`,
    );
  if (gate instanceof GpuMatrix && up instanceof GpuMatrix && gate.dtype === up.dtype) return [gate, up];
  if (
    gate instanceof GpuQuantizedMatrix &&
    up instanceof GpuQuantizedMatrix &&
    gate.format === up.format &&
    gate.granularity.name === up.granularity.name
  )
    return [gate, up];
  const kind = (one: GpuMatrix | GpuQuantizedMatrix) =>
    one instanceof GpuMatrix ? one.dtype : `${one.format.name} ${one.granularity.name}`;
  throw new ArgumentError('up', kind(up), `the kind of gate, ${kind(gate)}`);
}
