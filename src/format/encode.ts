/** @file From value to code: the oracle, written to be read. The shader is shaders/format/encode.wgsl. */

import { floorLog2 } from '../arithmetic/floor-log2.js';
import { ArgumentError } from '../errors.js';
import {
  type Format,
  infinityCode,
  magnitudeMask,
  maxCode,
  minExponent,
  nanCode,
  signBit,
  width,
} from './format.js';

/** Where a value between two codes goes. */
export const roundings = ['nearest-even', 'toward-zero', 'stochastic'] as const;
export type Rounding = (typeof roundings)[number];

/**
 * What becomes of a value beyond the largest finite one. `saturate`: the largest finite value, infinities
 * included (NVIDIA's satfinite conversions). `ieee`: infinity, or NaN in a format without infinity (ml_dtypes,
 * PyTorch); the largest finite value in a format that has neither.
 */
export const overflows = ['saturate', 'ieee'] as const;
export type Overflow = (typeof overflows)[number];

export interface EncodeOptions {
  /** Default nearest-even. */
  readonly rounding?: Rounding;
  /** Default saturate. */
  readonly overflow?: Overflow;
  /** 32 uniformly random bits, needed by stochastic rounding. */
  readonly random?: number;
}

/**
 * Throws unless both are what they claim to be.
 * @throws ArgumentError naming the one that is not
 */
export function requireRules(rounding: Rounding, overflow: Overflow): void {
  if (!roundings.includes(rounding)) throw new ArgumentError('rounding', rounding, roundings.join(', '));
  if (!overflows.includes(overflow)) throw new ArgumentError('overflow', overflow, overflows.join(', '));
}

/**
 * The code of a value.
 *
 * A value is divided by the distance between neighbouring codes at its magnitude, and the quotient is rounded
 * to a whole number of steps; nearest-even takes the even number of two equally near. Stochastic rounding goes
 * up with the probability of the quotient's fraction, cut off to 32 bits: `fraction·2^32 > random`.
 *
 * NaN stays NaN with its sign; where a format has no NaN it becomes zero of the opposite sign, as ml_dtypes has
 * it. -0 keeps its sign where there is a -0. In a format of magnitudes (e8m0) negative values and -0 become
 * NaN, and what is below the smallest value, 0 included, becomes the smallest. Toward-zero never leaves the
 * finite range, except from infinity.
 *
 * `value` may be any double: it is rounded once, exactly.
 * @throws ArgumentError if stochastic rounding is asked for without random bits, or a rule does not exist
 */
export function encode(format: Format, value: number, options: EncodeOptions = {}): number {
  const { rounding = 'nearest-even', overflow = 'saturate', random } = options;
  requireRules(rounding, overflow);
  const negative = value < 0 || Object.is(value, -0);
  if (Number.isNaN(value)) return encodeNaN(format, false);
  if (negative && format.signBits === 0) return encodeNaN(format, false);

  const magnitude = Math.abs(value);
  const steps = magnitude / quantum(format, magnitude);
  let code: number;
  if (magnitude === Infinity) {
    code = overflowCode(format, overflow);
  } else {
    const rounded = round(steps, rounding, random);
    // Counting steps from zero is counting codes from zero while the exponent stays that of the smallest
    // normal; each exponent above adds 2^mantissaBits codes. A carry into the next exponent needs no care.
    code = codeOfSteps(format, rounded, magnitude);
    if (code > maxCode(format))
      code = rounding === 'toward-zero' ? maxCode(format) : overflowCode(format, overflow);
  }
  return withSign(format, code, negative);
}

/** The code of a NaN of the given sign; JavaScript's own NaN has none, a NaN's bits do. */
export function encodeNaN(format: Format, negative: boolean): number {
  const code = nanCode(format);
  if (code === undefined) return negative ? 0 : signBit(format);
  return format.specials === 'negative-zero-nan' || !negative ? code : code + signBit(format);
}

/**
 * The code of an f32 given by its bits, NaNs with their signs.
 */
export function encodeBits(format: Format, bits: number, options: EncodeOptions = {}): number {
  word[0] = bits;
  const value = float[0] as number;
  return Number.isNaN(value) ? encodeNaN(format, bits >>> 31 === 1) : encode(format, value, options);
}

/**
 * The codes of `values`, in their order, in the smallest array type that holds them.
 * @throws ArgumentError as encode does, and if `random` has not one word a value
 */
export function encodeAll(
  format: Format,
  values: ArrayLike<number>,
  options: Omit<EncodeOptions, 'random'> & { readonly random?: ArrayLike<number> } = {},
): Uint8Array | Uint16Array {
  const { random, ...rest } = options;
  if (random && random.length !== values.length)
    throw new ArgumentError('random.length', random.length, `one word a value: ${values.length}`);
  const codes = width(format) <= 8 ? new Uint8Array(values.length) : new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const one = random ? { ...rest, random: random[i] as number } : rest;
    codes[i] = encode(format, values[i] as number, one);
  }
  return codes;
}

const word = new Uint32Array(1);
const float = new Float32Array(word.buffer);

/** floor(log2(magnitude)), at least the exponent of the format's smallest normal. */
function exponentOf(format: Format, magnitude: number): number {
  return magnitude === Infinity ? minExponent(format) : Math.max(floorLog2(magnitude), minExponent(format));
}

/** The distance between neighbouring codes around `magnitude`. */
function quantum(format: Format, magnitude: number): number {
  return 2 ** (exponentOf(format, magnitude) - format.mantissaBits);
}

function round(steps: number, rounding: Rounding, random: number | undefined): number {
  const down = Math.floor(steps);
  const fraction = steps - down;
  switch (rounding) {
    case 'toward-zero':
      return down;
    case 'nearest-even':
      return fraction > 0.5 || (fraction === 0.5 && down % 2 === 1) ? down + 1 : down;
    case 'stochastic':
      if (random === undefined)
        throw new ArgumentError('random', random, '32 random bits, a whole number from 0 to 2^32 - 1');
      return Math.floor(fraction * 2 ** 32) > random >>> 0 ? down + 1 : down;
  }
}

function codeOfSteps(format: Format, steps: number, magnitude: number): number {
  const exponentsAbove = exponentOf(format, magnitude) - minExponent(format);
  const code = steps + exponentsAbove * 2 ** format.mantissaBits;
  // Without a zero the codes start at the smallest power of two, one step from nothing.
  return format.hasZero ? code : Math.max(code - 1, 0);
}

function overflowCode(format: Format, overflow: Overflow): number {
  if (overflow === 'saturate') return maxCode(format);
  return infinityCode(format) ?? nanCode(format) ?? maxCode(format);
}

function withSign(format: Format, code: number, negative: boolean): number {
  if (!negative) return code;
  // Neither NaN nor zero has a sign where -0 is the NaN.
  if (format.specials === 'negative-zero-nan' && (code === 0 || code > magnitudeMask(format))) return code;
  return code + signBit(format);
}
