/**
 * @file Random test data that is the same everywhere: word i of a stream is a hash of (i, seed), so that a
 * value can be had without the ones before it, and shaders/bench/random.wgsl makes the same words on the GPU.
 *
 * The hash is pcg3d of Mark Jarzynski and Marc Olano, "Hash Functions for GPU Rendering", Journal of Computer
 * Graphics Techniques 9(3), 2020. Not for cryptography.
 */

import { requireCount } from '../errors.js';
import { type Matrix, matrix } from '../matrix.js';

/**
 * - normal: N(0, 1), by Box and Muller
 * - uniform: evenly in [0, 1), where sums of products grow and nothing cancels
 * - outliers: N(0, 1), one value in 1024 times 10,000, as activations of large models have them
 */
export const distributions = ['normal', 'uniform', 'outliers'] as const;
export type Distribution = (typeof distributions)[number];

/** One value in this many is an outlier, and this much larger: also in random.wgsl. */
const outlierEvery = 1024;
const outlierScale = 1e4;

const words = new Uint32Array(3);

/** Three random words for (index, seed), each a whole number below 2^32. Overwritten by the next call. */
export function randomWords(index: number, seed: number): Uint32Array {
  let x = (Math.imul(index, 1664525) + 1013904223) | 0;
  let y = (Math.imul(seed, 1664525) + 1013904223) | 0;
  let z = 1013904223;
  const mix = () => {
    x = (x + Math.imul(y, z)) | 0;
    y = (y + Math.imul(z, x)) | 0;
    z = (z + Math.imul(x, y)) | 0;
  };
  mix();
  x ^= x >>> 16;
  y ^= y >>> 16;
  z ^= z >>> 16;
  mix();
  words[0] = x;
  words[1] = y;
  words[2] = z;
  return words;
}

/** `count` random words. */
export function randomWordList(count: number, seed: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, i) => randomWords(i, seed)[0] as number);
}

/** Value `index` of a stream, before its rounding to f32. */
export function randomValue(index: number, seed: number, distribution: Distribution): number {
  const [a = 0, b = 0, c = 0] = randomWords(index, seed);
  if (distribution === 'uniform') return (a >>> 8) * 2 ** -24;
  // In (0, 1], so that the logarithm is finite.
  const radius = Math.sqrt(-2 * Math.log(((a >>> 8) + 1) * 2 ** -24));
  const normal = radius * Math.cos(2 * Math.PI * ((b >>> 8) * 2 ** -24 - 0.5));
  return distribution === 'outliers' && c % outlierEvery === 0 ? normal * outlierScale : normal;
}

/**
 * A random f32 matrix. Another seed gives another matrix, the same seed the same one.
 * @throws ArgumentError if a dimension is no whole number of at least 1
 */
export function randomMatrix(
  rows: number,
  cols: number,
  seed: number,
  distribution: Distribution = 'normal',
): Matrix {
  requireCount('rows', rows);
  requireCount('cols', cols);
  const data = new Float32Array(rows * cols);
  for (let i = 0; i < data.length; i++) data[i] = randomValue(i, seed, distribution);
  return matrix(rows, cols, data);
}
