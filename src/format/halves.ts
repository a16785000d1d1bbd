/** @file Which formats' codes are halves but for a shift and a power of two: shaders/format/halves.wgsl. */

import { type Format, width } from './format.js';

/**
 * Whether 2^(15 - bias), in units of which halves.wgsl gives a format's values, is a normal f32, whose exponent its
 * half_unit() can write.
 */
export function hasHalfUnit({ bias }: Format): boolean {
  return Math.abs(15 - bias) <= 126;
}

/** Whether halves.wgsl decodes a format: eight bits, whose exponents are a half's or fewer. */
export function halvesHold(format: Format): boolean {
  if (width(format) !== 8 || format.signBits === 0 || !hasHalfUnit(format)) return false;
  // Five bits of exponent are a half's own, which keeps the last one for infinity and NaN.
  return format.exponentBits < 5 || (format.exponentBits === 5 && format.specials === 'ieee');
}
