/** @file D = A · Bᵀ (+ C) on the CPU: the oracles. */

import type { Dtype, Matrix } from '../matrix.js';
import type { QuantizedMatrix } from '../quantize/quantized-matrix.js';

export interface ReferenceOptions {
  readonly c?: Matrix;
  readonly out?: Dtype;
  /** exact (default): every product and sum exact, one rounding at the end. f32: every operation rounded, in the stated order. */
  readonly arithmetic?: 'exact' | 'f32';
}

export function referenceGemm(
  _a: QuantizedMatrix,
  _b: QuantizedMatrix,
  _options: ReferenceOptions = {},
): Matrix {
  throw new Error('being written');
}
