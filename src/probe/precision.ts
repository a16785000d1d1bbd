/** @file The two precisions that shaders compute in, for oracles in double precision. */

import { type Direction, type Range, roundToBits } from '../accumulate/round.js';
import { twoSumError } from '../arithmetic/exact-sum.js';
import { f32Bits, f32FromBits } from '../arithmetic/f32.js';
import { roundToOdd } from '../arithmetic/round-odd.js';
import { decode } from '../format/decode.js';
import { encode } from '../format/encode.js';
import { formats } from '../format/formats.js';
import { hexBits } from './finding.js';

export interface Precision extends Range {
  readonly name: 'f32' | 'f16';
  readonly width: 32 | 16;
  readonly fractionBits: number;
  /** The bits of a value of this precision; of any NaN, the usual one's. */
  toBits(value: number): number;
  fromBits(bits: number): number;
}

export const f32Precision: Precision = {
  name: 'f32',
  width: 32,
  fractionBits: 23,
  minExponent: -126,
  maxExponent: 127,
  toBits: f32Bits,
  fromBits: f32FromBits,
};

export const f16Precision: Precision = {
  name: 'f16',
  width: 16,
  fractionBits: 10,
  minExponent: -14,
  maxExponent: 15,
  toBits: (value) => encode(formats.f16, value, { overflow: 'ieee' }),
  fromBits: (bits) => decode(formats.f16, bits),
};

/** The smallest positive number. */
export function smallest({ minExponent, fractionBits }: Precision): number {
  return 2 ** (minExponent - fractionBits);
}

/** The largest finite number. */
export function largest({ maxExponent, fractionBits }: Precision): number {
  return (2 - 2 ** -fractionBits) * 2 ** maxExponent;
}

/** A double rounded to the precision. Exact values that are no doubles come rounded to odd. */
export function rounded(precision: Precision, value: number, direction: Direction = 'nearest-even'): number {
  return roundToBits(value, precision.fractionBits, direction, precision);
}

/** a + b, rounded to odd: rounding it to f32 or shorter is rounding the exact sum. */
export function oddSum(a: number, b: number): number {
  const sum = a + b;
  return roundToOdd(sum, twoSumError(a, b, sum));
}

export function isNaNBits({ width, fractionBits }: Precision, bits: number): boolean {
  const magnitude = bits & (2 ** (width - 1) - 1);
  return magnitude > (2 ** (width - 1 - fractionBits) - 1) * 2 ** fractionBits;
}

/** Bits for people to read: the value, and for a NaN its bits, which are all there is to it. */
export function describeBits(precision: Precision, bits: number): string {
  if (isNaNBits(precision, bits)) return `NaN ${hexBits(bits, precision.width)}`;
  const value = precision.fromBits(bits);
  return Object.is(value, -0) ? '-0' : String(value);
}
