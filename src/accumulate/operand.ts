/** @file Operands as the tensor core sees them: a whole significand and an exponent. */

import { decode } from '../format/decode.js';
import { codeCount, type Format, magnitudeMask, minExponent, signBit } from '../format/format.js';

/** value = significand · 2^(exponent - mantissaBits); a subnormal keeps the exponent of the smallest normal. */
export interface Operands {
  readonly mantissaBits: number;
  /** Signed whole significand, by code. 0 for specials. */
  readonly significand: Int32Array;
  /** Exponent, by code. */
  readonly exponent: Int32Array;
  /** The value, by code, where infinities and NaNs show. */
  readonly value: Float32Array;
}

/** Every code of a format, taken apart. */
export function operands(format: Format): Operands {
  const count = codeCount(format);
  const significand = new Int32Array(count);
  const exponent = new Int32Array(count);
  const value = new Float32Array(count);
  for (let code = 0; code < count; code++) {
    value[code] = decode(format, code);
    const magnitude = code & magnitudeMask(format);
    const field = magnitude >> format.mantissaBits;
    const mantissa = magnitude & (2 ** format.mantissaBits - 1);
    const normal = field > 0 || !format.hasZero;
    const size = (normal ? 2 ** format.mantissaBits : 0) + mantissa;
    exponent[code] = normal ? field - format.bias : minExponent(format);
    if (Number.isFinite(value[code])) significand[code] = (code & signBit(format)) !== 0 ? -size : size;
  }
  return { mantissaBits: format.mantissaBits, significand, exponent, value };
}
