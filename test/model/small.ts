/** @file An encoder and layers of it small enough for tests, and their oracle. */

import { multiplyInF64 } from '../../src/arithmetic/f64-product.js';
import { matrix, toFloat32 } from '../../src/matrix.js';
import type { Activations, Encoder, Linear } from '../../src/model/encoder.js';
import { finish } from '../../src/model/f64-layer.js';
import type { Scheme } from '../../src/model/fp8-layer.js';
import { quantize } from '../../src/quantize/quantize.js';
import { dequantizeInF64 } from '../../src/report/statistics.js';
import { randomMatrix } from '../../src/verify/random.js';

/** N(0, 1), every seventh value five times as large. */
export function values(rows: number, cols: number, seed: number): Float32Array {
  return toFloat32(randomMatrix(rows, cols, seed, 'normal')).map((v, i) => (i % 7 === 0 ? 5 * v : v));
}

export function linear(
  name: string,
  n: number,
  k: number,
  activation: Linear['activation'] = 'none',
): Linear {
  const seed = n + k + name.length;
  // Weights of this size keep the sums near 1, as those of a trained layer do.
  const weight = values(n, k, seed).map((v) => v / Math.sqrt(4 * k));
  return { name, weight: matrix(n, k, weight), bias: values(1, n, seed + 1), activation };
}

/** A layer on the CPU: the oracle's codes, what they stand for, and the f64 output of that. */
export function codesInF64(layer: Linear, input: Activations, scheme: Scheme) {
  const { rows: n, cols: k } = layer.weight;
  const a = quantize(matrix(input.rows, k, Float32Array.from(input.data)), {
    granularity: scheme.activations,
  });
  const b = quantize(layer.weight, { granularity: scheme.weights });
  const [x, w] = [dequantizeInF64(a), dequantizeInF64(b)];
  return { a, b, x, w, outputs: finish(layer, multiplyInF64(x, w, input.rows, n, k)) };
}

/** An encoder of the real graph with small layers. */
export function smallEncoder(): Encoder {
  const norm = (width: number, seed: number) => ({
    gain: values(1, width, seed),
    shift: values(1, width, seed + 1),
  });
  const layer = (index: number, inputs: number) => ({
    attentionNorm: norm(inputs, 10 + index),
    value: linear(`layer ${index} value`, inputs, inputs),
    attentionOutput: linear(`layer ${index} attention output`, 48, inputs),
    ...(index === 0 && { dense: linear('layer 0 dense', 48, inputs) }),
    feedForwardNorm: norm(48, 20 + index),
    feedForwardIn: linear(`layer ${index} feed-forward in`, 80, 48, 'relu'),
    feedForwardOut: linear(`layer ${index} feed-forward out`, 48, 80),
  });
  return {
    tokens: 40,
    table: values(40, 32, 3),
    layers: [layer(0, 32), layer(1, 48)],
    hidden: linear('hidden', 48, 48, 'tanh'),
    normEpsilon: 1e-6,
  };
}
