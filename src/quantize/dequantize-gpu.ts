/** @file From codes and scales back to values on the GPU, equal to the oracle in every bit. */

import { ArgumentError } from '../errors.js';
import type { Dispatch, Gpu } from '../gpu/gpu.js';
import { GpuMatrix, type GpuQuantizedMatrix } from '../gpu-matrix.js';
import type { Dtype } from '../matrix.js';
import { chunkCount, chunkParams, operationsPerChunk, overItems } from './chunks.js';
import { requireDtype } from './dequantize.js';
import { dequantizeShader } from './shader.js';

/** Rough integer operations to decode, scale and round an element. */
const operationsPerElement = 120;

/**
 * Dequantises on the GPU: the same values as `dequantize` gives, in every bit.
 * @returns a matrix that the caller owns; nothing else stays allocated, also when an error is thrown
 * @throws ArgumentError naming what does not fit; UnsupportedError if the buffer would be too large
 */
export async function dequantizeOnGpu(
  gpu: Gpu,
  source: GpuQuantizedMatrix,
  dtype: Dtype,
): Promise<GpuMatrix> {
  source.requireAlive('source');
  if (source.gpu !== gpu) throw new ArgumentError('source', source, 'a matrix on this context');
  requireDtype(dtype);

  let target: GpuMatrix | undefined;
  try {
    const made = await gpu.guard('making room for values', async () => {
      target = GpuMatrix.create(gpu, source.rows, source.cols, dtype, 'dequantised');
      return target;
    });
    await gpu.run('dequantising', dequantizeDispatches(source, made));
    return made;
  } catch (error) {
    target?.dispose();
    throw error;
  }
}

/** The dispatches that dequantise `source` into `target`, which has its shape; they may run any number of times. */
export function dequantizeDispatches(source: GpuQuantizedMatrix, target: GpuMatrix): Dispatch[] {
  const { rows, cols, format, granularity } = source;
  return overItems(
    {
      shader: dequantizeShader(format, granularity, target.dtype),
      buffers: [source.codes, source.scales, target.buffer],
      params: chunkParams(granularity, rows, cols),
    },
    chunkCount(rows, cols),
    operationsPerChunk(operationsPerElement),
  );
}
