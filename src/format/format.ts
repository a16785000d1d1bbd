/**
 * @file What a number format is: one descriptor, from which decoding, encoding, packing and the shaders'
 * constants all follow. A new format is a value of this type, not a file.
 */

/** How a format spends the codes that are not plain numbers. */
export type Specials =
  /** Infinities and NaNs where the exponent field is all ones (IEEE 754). */
  | 'ieee'
  /** One magnitude, all ones, is NaN; no infinity (OCP E4M3, E8M0). */
  | 'all-ones-nan'
  /** The code of -0 is NaN; no infinity and no -0 (the "fnuz" formats). */
  | 'negative-zero-nan'
  /** Every code is a number (OCP FP6, FP4). */
  | 'none';

/**
 * A binary floating-point format of at most 16 bits.
 *
 * value = (-1)^sign · 2^(e - bias) · 1.m for e > 0, and (-1)^sign · 2^(1 - bias) · 0.m for e = 0. A format
 * without a zero (e8m0) reads e = 0 like any other exponent.
 */
export interface Format {
  readonly name: string;
  /** 1, or 0 for a format of magnitudes. */
  readonly signBits: 0 | 1;
  readonly exponentBits: number;
  readonly mantissaBits: number;
  readonly bias: number;
  readonly specials: Specials;
  /** false for a format of bare powers of two: no zero, no subnormals. */
  readonly hasZero: boolean;
}

/** Bits of one code. */
export function width(format: Format): number {
  return format.signBits + format.exponentBits + format.mantissaBits;
}

/** How many codes there are. */
export function codeCount(format: Format): number {
  return 2 ** width(format);
}

/** The mask of a code's exponent and mantissa: a code without its sign. */
export function magnitudeMask(format: Format): number {
  return 2 ** (format.exponentBits + format.mantissaBits) - 1;
}

/** The bit of a code that holds its sign; 0 for a format of magnitudes. */
export function signBit(format: Format): number {
  return format.signBits * 2 ** (format.exponentBits + format.mantissaBits);
}

/** The exponent of the smallest normal number. */
export function minExponent(format: Format): number {
  return format.hasZero ? 1 - format.bias : -format.bias;
}

/** The code of +infinity, or undefined where there is none. */
export function infinityCode(format: Format): number | undefined {
  if (format.specials !== 'ieee') return undefined;
  return (2 ** format.exponentBits - 1) * 2 ** format.mantissaBits;
}

/** The code written for a NaN without regard to its sign, or undefined where there is none. */
export function nanCode(format: Format): number | undefined {
  switch (format.specials) {
    case 'ieee':
      return (2 ** format.exponentBits - 1) * 2 ** format.mantissaBits + 2 ** (format.mantissaBits - 1);
    case 'all-ones-nan':
      return magnitudeMask(format);
    case 'negative-zero-nan':
      return signBit(format);
    case 'none':
      return undefined;
  }
}

/** The code of the largest finite number. */
export function maxCode(format: Format): number {
  switch (format.specials) {
    case 'ieee':
      return (2 ** format.exponentBits - 1) * 2 ** format.mantissaBits - 1;
    case 'all-ones-nan':
      return magnitudeMask(format) - 1;
    case 'negative-zero-nan':
    case 'none':
      return magnitudeMask(format);
  }
}
