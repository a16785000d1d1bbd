/** @file A linear layer on the CPU in f64: the reference that FP8 results are compared with. */

import { multiplyInF64 } from '../arithmetic/f64-product.js';
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
