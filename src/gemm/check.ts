/** @file Whether a product is what it must be: a matrix against the exact oracle, all of it or a sample. */

import { ArgumentError } from '../errors.js';
import { type Matrix, toFloat32 } from '../matrix.js';
import type { QuantizedMatrix } from '../quantize/quantized-matrix.js';
import { type ErrorBound, f32ErrorBound } from './error-bound.js';
import { ExactProduct } from './exact.js';

/** One output beside what it should be. */
export interface CheckedOutput {
  readonly row: number;
  readonly col: number;
  readonly value: number;
  /** The exact result (rounded to odd in a double). */
  readonly exact: number;
  /** The largest |value - exact| allowed. */
  readonly bound: number;
}

export interface GemmCheck {
  readonly checked: readonly CheckedOutput[];
  /** Those that are beyond their bound, or not the NaN or infinity that the exact result is. */
  readonly wrong: readonly CheckedOutput[];
  /** The largest |value - exact| / bound among finite results; at most 1 where all is well. */
  readonly worstRatio: number;
}

export interface GemmCheckOptions {
  readonly c?: Matrix | undefined;
  /** A kernel's bound. Default that of the f32 kernels. */
  readonly errorBound?: ErrorBound;
  /** The most outputs to check. Default 4096. */
  readonly outputs?: number;
}

/**
 * Compares D with the exact product of A and B (plus C).
 * @throws ArgumentError if the shapes do not fit
 */
export function checkGemm(
  a: QuantizedMatrix,
  b: QuantizedMatrix,
  d: Matrix,
  options: GemmCheckOptions = {},
): GemmCheck {
  const { c, errorBound = f32ErrorBound, outputs = 4096 } = options;
  const product = new ExactProduct(a, b, c);
  if (d.rows !== product.rows || d.cols !== product.cols)
    throw new ArgumentError('d', `${d.rows}x${d.cols}`, `a matrix of ${product.rows}x${product.cols}`);
  const values = toFloat32(d);
  const checked = sampleOutputs(d.rows, d.cols, outputs).map(([row, col]) => ({
    row,
    col,
    value: values[row * d.cols + col] as number,
    exact: product.entry(row, col),
    bound: errorBound(product, row, col, d.dtype),
  }));
  const ratios = checked.map(ratio);
  return {
    checked,
    wrong: checked.filter((_, i) => !((ratios[i] as number) <= 1)),
    worstRatio: ratios.filter(Number.isFinite).reduce((worst, one) => Math.max(worst, one), 0),
  };
}

/** |value - exact| / bound: at most 1 if the output is right; where the exact result is no number, 0 or NaN. */
function ratio({ value, exact, bound }: CheckedOutput): number {
  if (value === exact || Object.is(value, exact)) return 0;
  if (!Number.isFinite(exact)) return Number.NaN;
  return bound === Infinity ? 0 : Math.abs(value - exact) / bound;
}

/**
 * Positions of at most `count` outputs: all of them if that is enough, otherwise the corners and positions
 * spread evenly, whose rows and columns do not repeat in step (the R2 sequence: multiples of the inverse of the
 * plastic number and of its square, modulo 1; Roberts 2018).
 */
export function sampleOutputs(rows: number, cols: number, count: number): [number, number][] {
  if (rows * cols <= count)
    return Array.from({ length: rows * cols }, (_, i) => [Math.floor(i / cols), i % cols]);
  const corners: [number, number][] = [
    [rows - 1, cols - 1],
    [0, 0],
    [0, cols - 1],
    [rows - 1, 0],
  ];
  const spread = Array.from({ length: Math.max(0, count - corners.length) }, (_, i): [number, number] => [
    Math.floor((((i + 1) * 0.7548776662466927) % 1) * rows),
    Math.floor((((i + 1) * 0.5698402909980532) % 1) * cols),
  ]);
  return [...corners.slice(0, count), ...spread];
}
