import type { Dtype, Matrix } from '../matrix.js';
import type { QuantizedMatrix } from './quantized-matrix.js';
/** Dequantises on the CPU. */
export function dequantize(_source: QuantizedMatrix, _dtype: Dtype = 'f32'): Matrix {
  throw new Error('being written');
}
