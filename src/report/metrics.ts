/**
 * @file How far a result is from its reference: the metrics octile reports, all summed in f64.
 *
 * `actual` and `reference` are two lists of the same length, at least 1 (ArgumentError otherwise). A NaN or an infinity
 * in either makes every metric NaN: a result that cannot be compared must not look like a good one. Values of f32's
 * size can neither overflow nor vanish in the sums.
 */

import { ArgumentError } from '../errors.js';

/** Every metric at once. */
export interface Metrics {
  readonly calcDiff: number;
  /** In decibels. */
  readonly sqnr: number;
  readonly cosine: number;
  readonly maxAbsolute: number;
  readonly maxRelative: number;
  readonly maxOverRms: number;
}

/** All metrics of one comparison. */
export function compare(actual: ArrayLike<number>, reference: ArrayLike<number>): Metrics {
  return {
    calcDiff: calcDiff(actual, reference),
    sqnr: sqnr(actual, reference),
    cosine: cosine(actual, reference),
    maxAbsolute: maxAbsolute(actual, reference),
    maxRelative: maxRelative(actual, reference),
    maxOverRms: maxOverRms(actual, reference),
  };
}

/**
 * DeepGEMM's calc_diff (deepseek-ai/DeepGEMM, deep_gemm/testing/numeric.py): 1 - 2·Σxy / Σ(x² + y²). Symmetric;
 * 0 for equal lists, 1 where nothing agrees, 2 for opposite signs. Summed as Σ(x - y)² / Σ(x² + y²), which is
 * the same number without the cancellation, so that equal lists give exactly 0. Two lists of zeros give 0.
 */
export function calcDiff(actual: ArrayLike<number>, reference: ArrayLike<number>): number {
  const { error, actualPower, referencePower } = powers(actual, reference);
  const both = actualPower + referencePower;
  return both === 0 ? 0 : error / both;
}

/**
 * Signal to quantisation noise in decibels: 10·log10(Σy² / Σ(x - y)²), with y the reference (Widrow and Kollár,
 * "Quantization Noise", 2008). Equal lists give Infinity, an error on a reference of zeros -Infinity.
 */
export function sqnr(actual: ArrayLike<number>, reference: ArrayLike<number>): number {
  const { error, referencePower } = powers(actual, reference);
  return error === 0 ? Infinity : 10 * Math.log10(referencePower / error);
}

/**
 * Cosine of the angle between the lists as vectors: Σxy / √(Σx² · Σy²). Two lists of zeros agree (1); one list
 * of zeros has no direction in common with anything (0).
 */
export function cosine(actual: ArrayLike<number>, reference: ArrayLike<number>): number {
  const { product, actualPower, referencePower } = powers(actual, reference);
  if (actualPower === 0 && referencePower === 0) return 1;
  if (actualPower === 0 || referencePower === 0) return 0;
  // One root, so that equal lists give exactly 1; clamped, because rounding may exceed 1 elsewhere.
  const value = product / Math.sqrt(actualPower * referencePower);
  return Math.min(1, Math.max(-1, value));
}

/** The largest |x - y|. */
export function maxAbsolute(actual: ArrayLike<number>, reference: ArrayLike<number>): number {
  return largest(actual, reference, (x, y) => Math.abs(x - y));
}

/** The largest |x - y| / |y|, y the reference: 0 where both are equal, Infinity where only y is 0. */
export function maxRelative(actual: ArrayLike<number>, reference: ArrayLike<number>): number {
  return largest(actual, reference, (x, y) => (x === y ? 0 : Math.abs(x - y) / Math.abs(y)));
}

/**
 * The largest |x - y| over the reference's root mean square: a relative error that elements near zero do not
 * blow up. 0 for equal lists, Infinity for an error on a reference of zeros.
 */
export function maxOverRms(actual: ArrayLike<number>, reference: ArrayLike<number>): number {
  const worst = maxAbsolute(actual, reference);
  return worst === 0 ? 0 : worst / rootMeanSquare(reference);
}

/** √(Σx² / n). */
export function rootMeanSquare(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i] as number) ** 2;
  return Math.sqrt(sum / values.length);
}

function powers(actual: ArrayLike<number>, reference: ArrayLike<number>) {
  requireSameLength(actual, reference);
  let error = 0;
  let product = 0;
  let actualPower = 0;
  let referencePower = 0;
  for (let i = 0; i < reference.length; i++) {
    const x = actual[i] as number;
    const y = reference[i] as number;
    error += (x - y) ** 2;
    product += x * y;
    actualPower += x * x;
    referencePower += y * y;
  }
  // A NaN or an infinity in a list reaches the sums; the squares of finite f32 values cannot overflow f64.
  if (!Number.isFinite(actualPower + referencePower))
    return { error: NaN, product: NaN, actualPower: NaN, referencePower: NaN };
  return { error, product, actualPower, referencePower };
}

/** The largest value of `measure` over all pairs. */
function largest(
  actual: ArrayLike<number>,
  reference: ArrayLike<number>,
  measure: (x: number, y: number) => number,
): number {
  requireSameLength(actual, reference);
  let most = 0;
  for (let i = 0; i < reference.length; i++) {
    const x = actual[i] as number;
    const y = reference[i] as number;
    if (!Number.isFinite(x) || !Number.isFinite(y)) return NaN;
    most = Math.max(most, measure(x, y));
  }
  return most;
}

function requireSameLength(actual: ArrayLike<number>, reference: ArrayLike<number>): void {
  if (reference.length === 0) throw new ArgumentError('reference.length', 0, 'at least 1');
  if (actual.length !== reference.length)
    throw new ArgumentError(
      'actual.length',
      actual.length,
      `the length of the reference, ${reference.length}`,
    );
}
