import type { Gpu } from '../gpu/gpu.js';
import type { GpuMatrix, GpuQuantizedMatrix } from '../gpu-matrix.js';
import type { QuantizeOptions } from './quantize.js';
/** Quantises a matrix on the GPU. */
export async function quantizeOnGpu(
  _gpu: Gpu,
  _source: GpuMatrix,
  _options: QuantizeOptions,
): Promise<GpuQuantizedMatrix> {
  throw new Error('being written');
}
