/**
 * @file RMSNorm, y = x / √(mean(x²) + ε) · gain (Zhang and Sennrich, "Root Mean Square Layer Normalization", 2019), in
 * f32, operation by operation: the oracle of shaders/linear/inverse-rms.wgsl and source-norm.wgsl.
 */

import { divide, f32Array, multiply } from '../arithmetic/f32.js';
import { fma } from '../arithmetic/fma.js';
import { ArgumentError } from '../errors.js';
import { type Matrix, matrix, toFloat32 } from '../matrix.js';

/** Sums that are kept apart, and consecutive columns that go to one of them. */
const lanes = 64;
const group = 8;

export const defaultEpsilon = 1e-6;
/** Beside it the squares that an adapter may flush to zero do not count. */
const leastEpsilon = 1e-12;

/** @throws ArgumentError unless ε is large enough for f32 and the gain has a value for each column */
export function requireNorm(cols: number, gain: Float32Array, epsilon: number): void {
  if (typeof epsilon !== 'number' || !(epsilon >= leastEpsilon && epsilon < Infinity))
    throw new ArgumentError('epsilon', epsilon, `a number of at least ${leastEpsilon}`);
  if (!(gain instanceof Float32Array)) throw new ArgumentError('gain', gain, 'a Float32Array');
  if (gain.length !== cols)
    throw new ArgumentError('gain.length', gain.length, `a value for each of ${cols} columns`);
}

/**
 * A sum over the columns of a row: column c goes to sum floor(c / 8) mod 64, columns in ascending order, and the sums
 * are added in pairs, 32 apart, 16 apart, and so on.
 * @param add the sum with column c added to it
 */
export function sumOfRow(cols: number, add: (sum: number, col: number) => number): number {
  const sums = new Float32Array(lanes);
  for (let col = 0; col < cols; col++) {
    const lane = Math.floor(col / group) % lanes;
    sums[lane] = add(sums[lane] as number, col);
  }
  for (let apart = lanes / 2; apart >= 1; apart /= 2)
    for (let lane = 0; lane < apart; lane++)
      sums[lane] = Math.fround((sums[lane] as number) + (sums[lane + apart] as number));
  return sums[0] as number;
}

/** 1 / √(mean(x²) + ε) of each row. A row with a NaN gives NaN, one with an infinity 0. */
export function inverseRms(source: Matrix, epsilon = defaultEpsilon): Float32Array {
  const { rows, cols } = source;
  const values = toFloat32(source);
  return f32Array(
    Array.from({ length: rows }, (_, row) => {
      const squares = sumOfRow(cols, (sum, col) => {
        const x = values[row * cols + col] as number;
        return fma(x, x, sum);
      });
      const mean = divide(squares, cols);
      // The root of a double rounded to f32 is the root rounded once: 53 bits are more than 2 · 24 + 2.
      return divide(1, Math.fround(Math.sqrt(Math.fround(mean + Math.fround(epsilon)))));
    }),
  );
}

/**
 * RMSNorm of each row: r(r(x · inverse RMS) · gain).
 * @param gain a value for each column
 * @throws ArgumentError if the gain or ε do not fit
 */
export function rmsNorm(source: Matrix, gain: Float32Array, epsilon = defaultEpsilon): Matrix {
  requireNorm(source.cols, gain, epsilon);
  const inverses = inverseRms(source, epsilon);
  const { rows, cols } = source;
  const values = toFloat32(source).map((x, i) =>
    multiply(multiply(x, inverses[Math.floor(i / cols)] as number), gain[i % cols] as number),
  );
  return matrix(rows, cols, f32Array(values));
}
