/** @file The exact product on the CPU, row by row, so that its progress can be seen. */

import { ExactProduct, roundTo } from '../gemm/exact.js';
import { type Dtype, type Matrix, matrix } from '../matrix.js';
import type { QuantizedMatrix } from '../quantize/quantized-matrix.js';
import type { Tick } from './progress.js';

/**
 * D = A · Bᵀ (+ C), every product and sum exact, rounded once to `out`: what referenceGemm gives.
 * @param tick called after each row of D
 */
export async function exactGemm(
  a: QuantizedMatrix,
  b: QuantizedMatrix,
  c: Matrix | undefined,
  out: Dtype,
  tick: Tick,
): Promise<Matrix> {
  const [m, n] = [a.rows, b.rows];
  const product = new ExactProduct(a, b, c);
  const data = out === 'f32' ? new Float32Array(m * n) : new Uint16Array(m * n);
  for (let row = 0; row < m; row++) {
    for (let col = 0; col < n; col++) data[row * n + col] = roundTo(out, product.entry(row, col));
    tick();
    // Lets signals in.
    await new Promise(setImmediate);
  }
  return matrix(m, n, data, out);
}
