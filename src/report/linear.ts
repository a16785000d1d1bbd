/** @file A linear layer on the CPU in f64: the reference that FP8 results are compared with. */

import type { Activations, Linear } from './encoder.js';

/** Adds a bias to each row and applies the activation, in place. */
export function finish(linear: Linear, products: Float64Array): Float64Array {
  const { bias, activation } = linear;
  for (let i = 0; i < products.length; i++) {
    const sum = (products[i] as number) + (bias[i % bias.length] as number);
    products[i] = activation === 'relu' ? Math.max(0, sum) : activation === 'tanh' ? Math.tanh(sum) : sum;
  }
  return products;
}

/** A layer with its own f32 weights, every operation in f64. */
export async function applyInF64(linear: Linear, input: Activations): Promise<Float64Array> {
  const { rows: n, cols: k, data } = linear.weight;
  return finish(linear, multiplyInF64(input.data, Float64Array.from(data), input.rows, n, k));
}

/**
 * a · bᵀ with f64 sums. The relative error of a sum is below k · 2^-53 of the sum of its terms' magnitudes, nine
 * digits finer than f32.
 * @param a m × k
 * @param b n × k
 * @returns m × n
 */
export function multiplyInF64(
  a: Float64Array,
  b: Float64Array,
  m: number,
  n: number,
  k: number,
): Float64Array {
  const result = new Float64Array(m * n);
  for (let row = 0; row < m; row++) {
    const x = a.subarray(row * k, (row + 1) * k);
    for (let col = 0; col < n; col++) {
      const y = b.subarray(col * k, (col + 1) * k);
      // Four sums, because one would wait for itself at every step.
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      let i = 0;
      for (; i + 3 < k; i += 4) {
        s0 += (x[i] as number) * (y[i] as number);
        s1 += (x[i + 1] as number) * (y[i + 1] as number);
        s2 += (x[i + 2] as number) * (y[i + 2] as number);
        s3 += (x[i + 3] as number) * (y[i + 3] as number);
      }
      for (; i < k; i++) s0 += (x[i] as number) * (y[i] as number);
      result[row * n + col] = s0 + s1 + (s2 + s3);
    }
  }
  return result;
}
