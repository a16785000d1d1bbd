/** @file D = A · Bᵀ (+ C) on the GPU. */

import type { Gpu } from '../gpu/gpu.js';
import type { GpuMatrix, GpuQuantizedMatrix } from '../gpu-matrix.js';
import type { Dtype, Matrix } from '../matrix.js';

export interface GemmOptions {
  /** M × N, added to the product in f32 before the one rounding to `out`. */
  readonly c?: Matrix | GpuMatrix;
  /** Output type. Default f32. */
  readonly out?: Dtype;
  /** A kernel's name, or auto (default) for the best that fits. */
  readonly kernel?: 'auto' | (string & {});
}

export async function gemmOnGpu(
  _gpu: Gpu,
  _a: GpuQuantizedMatrix,
  _b: GpuQuantizedMatrix,
  _options: GemmOptions = {},
): Promise<GpuMatrix> {
  throw new Error('being written');
}
