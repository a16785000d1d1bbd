/** @file From code to value: the oracle, written to be read. The shader is shaders/format/decode.wgsl. */

import { ArgumentError } from '../errors.js';
import {
  codeCount,
  type Format,
  infinityCode,
  magnitudeMask,
  maxCode,
  minExponent,
  signBit,
} from './format.js';

/**
 * The value of a code, exactly. Every value of every format is an f32 (e8m0's 2^-127 is a subnormal one).
 * @throws ArgumentError if `code` is not a code of `format`
 */
export function decode(format: Format, code: number): number {
  if (!Number.isInteger(code) || code < 0 || code >= codeCount(format))
    throw new ArgumentError('code', code, `0 to ${codeCount(format) - 1} for ${format.name}`);

  const magnitude = code & magnitudeMask(format);
  const negative = (code & signBit(format)) !== 0;

  if (format.specials === 'negative-zero-nan' && negative && magnitude === 0) return Number.NaN;
  if (magnitude === infinityCode(format)) return negative ? -Infinity : Infinity;
  if (magnitude > maxCode(format)) return Number.NaN;

  const exponentField = magnitude >> format.mantissaBits;
  const mantissa = magnitude - exponentField * 2 ** format.mantissaBits;
  const subnormal = exponentField === 0 && format.hasZero;
  const exponent = subnormal ? minExponent(format) : exponentField - format.bias;
  const significand = (subnormal ? 0 : 1) + mantissa * 2 ** -format.mantissaBits;
  const value = significand * 2 ** exponent;
  return negative ? -value : value;
}

/** Every code's value, indexed by code. */
export function decodeTable(format: Format): Float32Array {
  return Float32Array.from({ length: codeCount(format) }, (_, code) => decode(format, code));
}

/**
 * The values of `codes`, in their order.
 * @throws ArgumentError naming the first that is not a code of `format`
 */
export function decodeAll(format: Format, codes: ArrayLike<number>): Float32Array {
  const table = decodeTable(format);
  const values = new Float32Array(codes.length);
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] as number;
    const value = table[code];
    if (value === undefined)
      throw new ArgumentError(`codes[${i}]`, code, `0 to ${table.length - 1} for ${format.name}`);
    values[i] = value;
  }
  return values;
}
