/** @file From values to codes and scales on the GPU, equal to the oracle in every bit. */

import { ArgumentError } from '../errors.js';
import type { Dispatch, Gpu } from '../gpu/gpu.js';
import { type GpuMatrix, GpuQuantizedMatrix } from '../gpu-matrix.js';
import { nativeArithmetic } from '../probe/native.js';
import { chunkCount, chunkParams, operationsPerChunk, overItems } from './chunks.js';
import { onePassDispatches, onePassFits } from './one-pass.js';
import { chooseQuantization, type Quantization, type QuantizeOptions } from './options.js';
import { quantizeShaders } from './shader.js';
import { quantizedTraits } from './traits.js';

/** Rough integer operations: to read an element; for a word of scales; to scale and encode an element. */
const operations = { amax: 10, scales: 1000, encode: 150 } as const;

/** Scratch buffers of quantising, one word a tile each. */
export interface QuantizeScratch {
  /** Zero before the first run; every run leaves it zero. */
  readonly amax: GPUBuffer;
  readonly factors: GPUBuffer;
}

/**
 * Quantises a matrix on the GPU: the same codes and scales as `quantize` gives, in every bit.
 * @returns a matrix that the caller owns; nothing else stays allocated, also when an error is thrown
 * @throws ArgumentError naming what does not fit; UnsupportedError if a buffer would be too large
 */
export async function quantizeOnGpu(
  gpu: Gpu,
  source: GpuMatrix,
  options: QuantizeOptions,
): Promise<GpuQuantizedMatrix> {
  source.requireAlive('source');
  if (source.gpu !== gpu) throw new ArgumentError('source', source, 'a matrix on this context');
  const quantization = chooseQuantization(options);

  const native = onePassFits(quantization) ? await nativeArithmetic(gpu) : undefined;

  let target: GpuQuantizedMatrix | undefined;
  let scratch: QuantizeScratch | undefined;
  try {
    const { made, dispatches } = await gpu.guard('making room for codes and scales', async () => {
      const { rows, cols } = source;
      const { format, granularity } = quantization;
      const traits = quantizedTraits(quantization);
      const made = GpuQuantizedMatrix.create(gpu, rows, cols, format, granularity, 'quantised', traits);
      target = made;
      if (native) return { made, dispatches: onePassDispatches(source, made, quantization, native) };
      scratch = quantizeScratch(gpu, made);
      return { made, dispatches: quantizeDispatches(source, made, scratch, quantization) };
    });
    await gpu.run('quantising', dispatches);
    return made;
  } catch (error) {
    target?.dispose();
    throw error;
  } finally {
    scratch?.amax.destroy();
    scratch?.factors.destroy();
  }
}

/** Scratch buffers for quantising into `target`. The caller owns them. */
export function quantizeScratch(gpu: Gpu, target: GpuQuantizedMatrix): QuantizeScratch {
  const bytes = target.scaleRows * target.scaleCols * 4;
  const amax = gpu.buffer('largest magnitudes', bytes);
  try {
    return { amax, factors: gpu.buffer('factors', bytes) };
  } catch (error) {
    amax.destroy();
    throw error;
  }
}

/**
 * The dispatches that quantise `source` into `target` in tiles of any kind, which may run any number of times: the
 * largest magnitude of each tile, the scales, the codes.
 */
export function quantizeDispatches(
  source: GpuMatrix,
  target: GpuQuantizedMatrix,
  scratch: QuantizeScratch,
  quantization: Quantization,
): Dispatch[] {
  const { rows, cols } = source;
  const { granularity } = quantization;
  const shaders = quantizeShaders(quantization, source.dtype);
  const { amax, factors } = scratch;
  const params = chunkParams(granularity, rows, cols);
  const chunks = chunkCount(rows, cols);
  const tiles = target.scaleRows * target.scaleCols;
  const scaleWords = Math.ceil(tiles / (granularity.scaleFormat === 'e8m0' ? 4 : 1));
  return [
    ...overItems(
      { shader: shaders.amax, buffers: [source.buffer, amax], params },
      chunks,
      operationsPerChunk(operations.amax),
    ),
    ...overItems(
      { shader: shaders.scales, buffers: [amax, target.scales, factors], params: [tiles] },
      scaleWords,
      operations.scales,
    ),
    ...overItems(
      { shader: shaders.encode, buffers: [source.buffer, factors, target.codes], params },
      chunks,
      operationsPerChunk(operations.encode),
    ),
  ];
}
