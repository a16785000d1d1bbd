/**
 * @file The sigmoid in f32, operation by operation, so that every adapter can give the same bits; WGSL promises no
 * more of exp() than 3 + 2·|x| ULP. The shader is shaders/linear/sigmoid.wgsl.
 *
 * σ(x) = 1 / (1 + e) or e / (1 + e) with e = exp(-|x|), which never overflows. With n the integer nearest to
 * t / ln 2 of t = -|x|, exp(t) = 2^n · exp(r), r = t - n·ln 2 (Cody and Waite, "Software Manual for the Elementary
 * Functions", 1980): ln 2 is taken in two parts, the first of 15 bits so that n times it is exact. exp(r), |r| at most
 * 0.35, is its Taylor polynomial of degree 7.
 *
 * The error, u = 2^-24 being half a unit in the last place of 1: the second step of r is rounded once, 2^-26; the
 * polynomial lacks 0.35^8 / 8! = 2^-27.4 and its coefficients and steps err by less than 2u in all, the step before the
 * last already counting 0.35 times; relative to exp(r), at least 0.7, that is below 5u. 1 + e adds a rounding and
 * 5u·e/(1 + e) at most, half of 5u; the division one more: below 5u + 2.5u + 2u, less than 2^-20 of the result.
 * From |x| = 87 on e counts as 0: σ is exactly 0 or 1, and errs by 2^-125 at most.
 */

import { divide, multiply } from '../arithmetic/f32.js';
import { fma } from '../arithmetic/fma.js';

const coefficients = [1 / 5040, 1 / 720, 1 / 120, 1 / 24, 1 / 6, 1 / 2, 1, 1].map(Math.fround);
const log2E = Math.fround(Math.LOG2E);
/** 15 bits of ln 2, and the rest. */
const ln2High = 0.693145751953125;
const ln2Low = Math.fround(Math.LN2 - ln2High);
/** Where exp(-x) begins to count as 0: its results stay normal numbers. */
export const large = 87;

/** σ(x) and σ(-x) of an f32 that is no NaN. */
export function sigmoids(x: number): { readonly here: number; readonly opposite: number } {
  const magnitude = Math.abs(x);
  let near = 1;
  let far = 0;
  if (magnitude < large) {
    const e = expOfNegative(-magnitude);
    const sum = Math.fround(1 + e);
    near = divide(1, sum);
    far = divide(e, sum);
  }
  const negative = x < 0 || Object.is(x, -0);
  return negative ? { here: far, opposite: near } : { here: near, opposite: far };
}

/** exp(t) for t from -87 to 0. */
function expOfNegative(t: number): number {
  const n = roundToEven(multiply(t, log2E));
  const r = fma(-n, ln2Low, fma(-n, ln2High, t));
  const p = coefficients.reduce((sum, coefficient) => fma(sum, r, coefficient));
  return p * 2 ** n;
}

/** The nearest integer, the even one of two equally near. */
function roundToEven(x: number): number {
  const down = Math.floor(x);
  const fraction = x - down;
  return fraction > 0.5 || (fraction === 0.5 && down % 2 !== 0) ? down + 1 : down;
}
