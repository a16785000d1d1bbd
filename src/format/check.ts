/** @file Whether a descriptor that a user brings describes a format: consistent, of at most 16 bits, within f32. */

import { ArgumentError } from '../errors.js';
import { type Format, maxCode, minExponent, type Specials, width } from './format.js';

const specials: readonly Specials[] = ['ieee', 'all-ones-nan', 'negative-zero-nan', 'none'];

/** Exponents of f32's largest binade and of its smallest subnormal. */
const f32Exponents = [-149, 127] as const;

/** The most bits of a code: two codes to a word on the GPU. */
const widest = 16;

/**
 * Throws unless the descriptor is one that every part of octile can work with: decoded values are f32 numbers,
 * exactly, and codes fit 16 bits.
 * @throws ArgumentError naming the field that does not fit
 */
export function requireFormat(format: Format, argument: string): void {
  if (typeof format !== 'object' || format === null)
    throw new ArgumentError(argument, format, "a format's name or descriptor");
  const refuse = (field: keyof Format, allowed: string): never => {
    throw new ArgumentError(`${argument}.${field}`, format[field], allowed);
  };
  const { name, signBits, exponentBits, mantissaBits, bias, hasZero } = format;

  if (typeof name !== 'string' || name === '') refuse('name', 'a name');
  if (signBits !== 0 && signBits !== 1) refuse('signBits', '0 or 1');
  if (!Number.isInteger(exponentBits) || exponentBits < 1 || exponentBits > 8)
    refuse('exponentBits', 'a whole number from 1 to 8, the exponent bits of f32');
  const room = widest - signBits - exponentBits;
  if (!Number.isInteger(mantissaBits) || mantissaBits < 0 || width(format) > widest)
    refuse('mantissaBits', `a whole number from 0 to ${room}: a code has at most ${widest} bits`);
  if (!Number.isInteger(bias)) refuse('bias', 'a whole number');
  if (typeof hasZero !== 'boolean') refuse('hasZero', 'true or false');
  if (!hasZero && mantissaBits > 0) refuse('hasZero', 'true for a format with mantissa bits');

  if (!specials.includes(format.specials)) refuse('specials', specials.join(', '));
  if (format.specials === 'ieee' && mantissaBits === 0)
    refuse('specials', 'another than ieee, whose NaN needs a mantissa bit');
  if (format.specials === 'negative-zero-nan' && (signBits === 0 || !hasZero))
    refuse('specials', 'another than negative-zero-nan, which needs a sign and a zero');
  if (maxCode(format) < 1) refuse('specials', 'such that a code is left for a finite number');

  const field = Math.floor(maxCode(format) / 2 ** mantissaBits);
  const highest = hasZero ? Math.max(field, 1) - bias : field - bias;
  const lowest = minExponent(format) - mantissaBits;
  if (highest > f32Exponents[1] || lowest < f32Exponents[0])
    refuse(
      'bias',
      `such that numbers lie within f32, from 2^${f32Exponents[0]} to below 2^${f32Exponents[1] + 1}; these go from 2^${lowest} to 2^${highest} and beyond`,
    );
}
