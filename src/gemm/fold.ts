/** @file How scales are folded into halves: relative to a power of two near a row's largest, and lifted. */

import type { Format } from '../format/format.js';
import { maxFinite } from '../format/formats.js';
import { foldableExponent } from '../quantize/traits.js';

/** The exponent of the largest half. */
export const largestHalfExponent = 15;

/** The exponent of the largest value that half.wgsl multiplies: 16 products of such values do not overflow a half. */
export const halfExponent = 4;

/** The smallest normal half: of smaller ones an adapter may make zeros. */
export const smallestHalf = 2 ** -14;

/** By what power of two, as an exponent, a format's values are multiplied so that the largest has this exponent. */
export function lift(format: Format, exponent: number): number {
  return exponent - Math.floor(Math.log2(maxFinite(format)));
}

/** The least power of two that a row's largest finite scale does not exceed: what fold-pass.wgsl computes. */
export function scaleReference(scales: ArrayLike<number>): number {
  const largest = Array.from(scales, Math.abs)
    .filter(Number.isFinite)
    .reduce((a, b) => Math.max(a, b), 0);
  const exponent = largest === 0 ? -Infinity : Math.ceil(Math.log2(largest));
  return 2 ** Math.min(Math.max(exponent, -foldableExponent), foldableExponent);
}
