import type { Gpu } from '../gpu/gpu.js';
import type { GpuMatrix, GpuQuantizedMatrix } from '../gpu-matrix.js';
import type { Dtype } from '../matrix.js';
/** Dequantises on the GPU. */
export async function dequantizeOnGpu(
  _gpu: Gpu,
  _source: GpuQuantizedMatrix,
  _dtype: Dtype,
): Promise<GpuMatrix> {
  throw new Error('being written');
}
