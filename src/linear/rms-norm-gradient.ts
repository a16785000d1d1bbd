/**
 * @file The gradients of RMSNorm, in f32, operation by operation: the oracle of shaders/linear/norm-factors.wgsl,
 * source-norm-gradient.wgsl and gain-gradient.wgsl.
 *
 * y = z · gain with z = x · inverse RMS. Every x of a row has a part in the row's inverse RMS s, ds/dx = -s² · z / n,
 * so that with dz = dy · gain: dx = s · (dz - z · mean(dz · z)). The gain's gradient is the sum of dy · z over the
 * rows.
 */

import { divide, f32Array, multiply } from '../arithmetic/f32.js';
import { fma } from '../arithmetic/fma.js';
import { ArgumentError } from '../errors.js';
import { type Matrix, matrix, toFloat32 } from '../matrix.js';
import { defaultEpsilon, inverseRms, requireNorm, sumOfRow } from './rms-norm.js';

/** The gradients of a loss with respect to RMSNorm's input and to its gain, the latter 1 × columns in f32. */
export interface NormGradients<Input = Matrix, Gain = Matrix> {
  readonly x: Input;
  readonly gain: Gain;
}

/** Rows whose part of the gain's gradient is summed apart. */
export const stripRows = 128;

/** @throws ArgumentError unless dy has the shape of x */
export function requireGradient(x: Pick<Matrix, 'rows' | 'cols'>, dy: Pick<Matrix, 'rows' | 'cols'>): void {
  if (dy.rows !== x.rows || dy.cols !== x.cols)
    throw new ArgumentError('dy', `${dy.rows}x${dy.cols}`, `a matrix of x's shape, ${x.rows}x${x.cols}`);
}

/**
 * With dy the gradient with respect to rmsNorm(x, gain, epsilon), z = r(x · inverse RMS) and dz = r(dy · gain):
 * - r(inverse RMS · r(dz - z · mean)) for x, where mean is the row's sum of dz · z, in the order of sumOfRow(), divided
 *   by the number of columns
 * - for the gain, the sum of dy · z down each column: strips of 128 rows, each in ascending order, added in ascending
 *   order
 * @param gain a value for each column
 * @throws ArgumentError if the shapes, the gain or ε do not fit
 */
export function rmsNormGradients(
  x: Matrix,
  gain: Float32Array,
  dy: Matrix,
  epsilon = defaultEpsilon,
): NormGradients {
  requireNorm(x.cols, gain, epsilon);
  requireGradient(x, dy);
  const { rows, cols } = x;
  const inverses = inverseRms(x, epsilon);
  const slopes = toFloat32(dy);
  const z = toFloat32(x).map((value, i) => multiply(value, inverses[Math.floor(i / cols)] as number));
  const dz = slopes.map((slope, i) => multiply(slope, gain[i % cols] as number));
  const means = Float32Array.from({ length: rows }, (_, row) => {
    const at = (col: number) => row * cols + col;
    const sum = sumOfRow(cols, (sum, col) => fma(dz[at(col)] as number, z[at(col)] as number, sum));
    return divide(sum, cols);
  });
  const dx = z.map((value, i) => {
    const row = Math.floor(i / cols);
    return multiply(inverses[row] as number, fma(-value, means[row] as number, dz[i] as number));
  });
  const dgain = Float32Array.from({ length: cols }, (_, col) => sumOfColumn(slopes, z, rows, cols, col));
  return { x: matrix(rows, cols, f32Array(dx)), gain: matrix(1, cols, f32Array(dgain)) };
}

function sumOfColumn(slopes: Float32Array, z: Float32Array, rows: number, cols: number, col: number): number {
  const strips = Array.from({ length: Math.ceil(rows / stripRows) }, (_, strip) => {
    let sum = 0;
    for (let row = strip * stripRows; row < Math.min((strip + 1) * stripRows, rows); row++)
      sum = fma(slopes[row * cols + col] as number, z[row * cols + col] as number, sum);
    return sum;
  });
  return strips.reduce((sum, strip) => Math.fround(sum + strip));
}
