/** @file The fused multiply-add of f32, rounded once. */

import { twoSumError } from './exact-sum.js';
import { roundToOdd } from './round-odd.js';

/**
 * r(a · b + c) for f32s, rounded once to nearest even.
 *
 * The product of two f32s has 48 bits at most and is exact in a double. Its sum with c may need more than 53:
 * the double nearest to it and the error of that are exact together, and rounded to odd they lose nothing that
 * the rounding to f32 needs.
 */
export function fma(a: number, b: number, c: number): number {
  const product = a * b;
  const sum = product + c;
  return Math.fround(roundToOdd(sum, twoSumError(product, c, sum)));
}
