/** @file Which formats' codes are halves but for a shift and a power of two: shaders/format/halves.wgsl. */

import { type Format, width } from './format.js';

/** Whether halves.wgsl decodes a format: eight bits, whose exponents are a half's or fewer. */
export function halvesHold(format: Format): boolean {
  if (width(format) !== 8 || format.signBits === 0) return false;
  // Five bits of exponent are a half's own, which keeps the last one for infinity and NaN.
  return format.exponentBits < 5 || (format.exponentBits === 5 && format.specials === 'ieee');
}
