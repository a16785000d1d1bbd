/**
 * @file How far a kernel that computes in f32 may be from the exact result.
 *
 * The kernel computes Σ (s_a·a)·(s_b·b) over K, in any order and in any number of parts, adds C and rounds to the
 * output's type. Let u = 2^-23: WGSL lets an addition or multiplication give either neighbouring f32, and fma() may
 * be two operations.
 *
 * - Values. One rounding of s_a·a and one of s_b·b. A scale that many products share may be applied to their sum
 *   instead: the same roundings for each product.
 * - Products. One more.
 * - Sums. K - 1 roundings at most lie between a product and the result, whatever the order: a sum of K terms has no
 *   more additions. Adding the zeros of a padded K is exact.
 * - C. One more.
 *
 * A product has thus passed at most t = K + 3 roundings, each a factor between 1 - u and 1 + u, and two are added for
 * this bound's own arithmetic in doubles:
 *
 *     |d - D| ≤ ((1 + u)^(t + 2) - 1) · (Σ |s_a·s_b·a·b| + |C|)
 *
 * - Subnormals. WGSL lets f32 subnormals become 0, in operands and in results. A value may be lost if its code (of
 *   bf16), its scale or itself is subnormal, and with it what it is multiplied by. A product and a sum may lack
 *   2^-126 each, which is then still to be multiplied by at most 2^15·s_b where that scale is applied to a sum of
 *   products with codes in another unit (halves.wgsl).
 * - Overflow. Where magnitudes reach 2^127, in f32, or the output's largest value, nothing is promised.
 * - Infinite scales. A zero times one is NaN, and so is its output; where the scale is applied to a sum, only if the
 *   sum is zero.
 * - Output. bf16 and f16 are rounded to nearest even by integers: half a unit in the last place of the result,
 *   or half of the smallest subnormal.
 */

import { minExponent } from '../format/format.js';
import { bf16, f16, maxFinite } from '../format/formats.js';
import type { Dtype } from '../matrix.js';
import type { ExactProduct } from './exact.js';

/** The largest |result - exact| that a kernel may show at (row, col); Infinity where nothing is promised. */
export type ErrorBound = (product: ExactProduct, row: number, col: number, out: Dtype) => number;

const unitRoundoff = 2 ** -23;
/** The smallest normal f32 and the smallest subnormal one. */
const smallestNormal = 2 ** -126;
const smallestSubnormal = 2 ** -149;
/** Of halves.wgsl, for a format whose bias is 0. */
const largestUnit = 2 ** 15;
/** Half of f32's range: sums of magnitudes below it, with their errors, do not overflow. */
const safeMagnitude = 2 ** 127;

/** The bound derived above. */
export const f32ErrorBound: ErrorBound = (product, row, col, out) => {
  const { magnitude, lost, overflows } = magnitudes(product, row, col);
  const roundings = product.a.source.cols + 5;
  const relative = Math.expm1(roundings * Math.log1p(unitRoundoff));
  const bound = relative * magnitude + (1 + relative) * (lost + 2 * smallestNormal);
  return overflows ? Infinity : outputBound(product.entry(row, col), bound, out);
};

/** The bound of a result that is rounded to the output's type, given that of its f32; Infinity if it may overflow. */
export function outputBound(exact: number, bound: number, out: Dtype): number {
  const result = Math.abs(exact) + bound;
  if (result >= Math.min(safeMagnitude, largest(out))) return Infinity;
  return bound + outputRounding(out, result);
}

/** Σ |s_a·s_b·a·b| + |C|, and what flushing may take away before C is added. */
function magnitudes(product: ExactProduct, row: number, col: number) {
  const a = product.a.row(row);
  const b = product.b.row(col);
  const { interval } = product.a;
  let magnitude = Math.abs(product.addend(row, col));
  let lost = 0;
  let overflows = false;
  for (let block = 0; block < a.scales.length; block++) {
    const to = Math.min((block + 1) * interval, a.values.length);
    const scaleA = Math.abs(a.scales[block] as number);
    const scaleB = Math.abs(b.scales[block] as number);
    const lostInSum = 2 * smallestNormal * Math.max(1, largestUnit * scaleB);
    for (let k = block * interval; k < to; k++) {
      const x = Math.abs(a.values[k] as number) * scaleA;
      const y = Math.abs(b.values[k] as number) * scaleB;
      const lostX = lostOfValue(a.values[k] as number, scaleA, x);
      const lostY = lostOfValue(b.values[k] as number, scaleB, y);
      magnitude += x * y;
      lost += lostX * y + lostY * x + lostX * lostY + lostInSum;
      overflows ||= x >= safeMagnitude || y >= safeMagnitude;
    }
    overflows ||= scaleB * largestUnit >= safeMagnitude;
  }
  return { magnitude, lost, overflows: overflows || magnitude >= safeMagnitude };
}

/** What may be missing from code · scale, of this magnitude. */
function lostOfValue(code: number, scale: number, magnitude: number): number {
  const subnormal = isSubnormal(Math.abs(code)) || isSubnormal(scale) || isSubnormal(magnitude);
  return subnormal ? magnitude + smallestSubnormal : 0;
}

/** Whether an adapter may take a magnitude for 0. */
function isSubnormal(magnitude: number): boolean {
  return magnitude !== 0 && magnitude < smallestNormal;
}

function largest(out: Dtype): number {
  return out === 'f32' ? Infinity : maxFinite(out === 'bf16' ? bf16 : f16);
}

/** What rounding an f32 of at most this magnitude to the output's type may change. */
function outputRounding(out: Dtype, magnitude: number): number {
  if (out === 'f32') return 0;
  const format = out === 'bf16' ? bf16 : f16;
  return Math.max(magnitude, 2 ** minExponent(format)) * 2 ** -(format.mantissaBits + 1);
}
