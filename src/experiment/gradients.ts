/** @file Data like the gradients of a training step. */

import { type Matrix, matrix } from '../matrix.js';
import { randomValue } from '../verify/random.js';
import { distributions, streamSeed } from './data.js';

/** Streams after those of the distributions: one value's numerator, three for its denominator, one for tokens. */
const firstStream = 2 * distributions.length;

/** Size of a typical gradient. */
const size = 1e-7;
/** Octaves and more lie between tokens: the deviation of the logarithm of their sizes. */
const tokenSpread = 2;

/**
 * Student's t of 3 degrees of freedom (a normal value over the root of the mean of three squared ones), times a
 * small size, times a log-normal factor that the values of a token share.
 */
export function gradients(tokens: number, outputs: number, seed: number): Matrix {
  const data = new Float32Array(tokens * outputs);
  const normal = (index: number, stream: number) =>
    randomValue(index, streamSeed(seed, firstStream + stream), 'normal');
  for (let token = 0; token < tokens; token++) {
    const factor = size * Math.exp(tokenSpread * normal(token, 4));
    for (let i = token * outputs; i < (token + 1) * outputs; i++) {
      const squares = normal(i, 1) ** 2 + normal(i, 2) ** 2 + normal(i, 3) ** 2;
      data[i] = (factor * normal(i, 0)) / Math.sqrt(squares / 3);
    }
  }
  return matrix(tokens, outputs, data);
}
