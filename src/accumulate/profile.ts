/**
 * @file Accumulation profiles: how a matrix instruction adds up products. A profile is a value, like a format;
 * a new instruction is a line. Profiles are named by instruction, because one chip has several.
 */

import { ArgumentError } from '../errors.js';

/**
 * One fused dot product takes `products` products and a running f32 value c, aligns all of them to the largest
 * exponent among them, cuts each off `fractionBits` below it, adds what is left exactly, and rounds the sum to
 * `outputBits` fraction bits. step.ts says it in five steps.
 */
export interface Profile {
  readonly name: string;
  /** Products added at once along K. Infinity: all of them. */
  readonly products: number;
  /** Fraction bits kept below the largest exponent when terms are aligned. Infinity: no loss. */
  readonly fractionBits: number;
  /** Fraction bits of the result, at most f32's 23. */
  readonly outputBits: number;
  /** How the sum becomes the result. */
  readonly outputRounding: 'toward-zero' | 'nearest-even';
  /**
   * - fused: c is one more term of the sum
   * - added: the products are summed alone, and c is added to their result in f32, nearest even
   */
  readonly chaining: 'fused' | 'added';
}

/**
 * FP8 `wgmma` on Hopper: 32 products at once, 13 fraction bits kept, 13 in the result. Reproduces captured
 * results of an H200 (test/golden); the README says how many.
 */
export const hopperWgmma: Profile = /* @__PURE__ */ Object.freeze({
  name: 'hopper-wgmma',
  products: 32,
  fractionBits: 13,
  outputBits: 13,
  outputRounding: 'toward-zero',
  chaining: 'fused',
});

/** FP8 `mma.sync` m16n8k32 on Ada: 16 products, then the other 16. */
export const adaMma: Profile = /* @__PURE__ */ Object.freeze({
  name: 'ada-mma',
  products: 16,
  fractionBits: 13,
  outputBits: 13,
  outputRounding: 'toward-zero',
  chaining: 'fused',
});

/**
 * FP8 `tcgen05` on Blackwell: 32 products with 25 fraction bits, cut to f32, added to c in f32. That the dot
 * product is cut to f32 before c is added, and that the addition rounds to nearest, follow from published
 * vectors; the 25 is of the published model, and those vectors do not pin it down.
 */
export const blackwell: Profile = /* @__PURE__ */ Object.freeze({
  name: 'blackwell',
  products: 32,
  fractionBits: 25,
  outputBits: 23,
  outputRounding: 'toward-zero',
  chaining: 'added',
});

/** Every product and sum exact, one rounding at the end of each promotion interval. */
export const exact: Profile = /* @__PURE__ */ Object.freeze({
  name: 'exact',
  products: Infinity,
  fractionBits: Infinity,
  outputBits: 23,
  outputRounding: 'nearest-even',
  chaining: 'fused',
});

/** Plain f32: one fused multiply-add after the other, in ascending order of K. */
export const f32: Profile = /* @__PURE__ */ Object.freeze({
  name: 'f32',
  products: 1,
  fractionBits: Infinity,
  outputBits: 23,
  outputRounding: 'nearest-even',
  chaining: 'fused',
});

/** The named profiles. */
export const profiles = {
  'hopper-wgmma': hopperWgmma,
  'ada-mma': adaMma,
  blackwell,
  exact,
  f32,
} as const;

export type ProfileName = keyof typeof profiles;

/**
 * A truncating profile of one's own.
 * @param products products added at once, 1 to 128
 * @param fractionBits kept below the largest exponent, 1 to 25
 * @param outputBits of the result, 1 to 23
 * @throws ArgumentError naming what is out of range
 */
export function customProfile(products: number, fractionBits: number, outputBits: number): Profile {
  requireRange('products', products, 1, 128);
  if (128 % products !== 0) throw new ArgumentError('products', products, 'a divisor of 128');
  requireRange('fractionBits', fractionBits, 1, 25);
  requireRange('outputBits', outputBits, 1, 23);
  return Object.freeze({
    name: 'custom',
    products,
    fractionBits,
    outputBits,
    outputRounding: 'toward-zero',
    chaining: 'fused',
  });
}

/**
 * The profile of that name.
 * @throws ArgumentError if there is none
 */
export function profileByName(name: string, argument = 'accumulator'): Profile {
  if (!Object.hasOwn(profiles, name))
    throw new ArgumentError(argument, name, Object.keys(profiles).join(', '));
  return profiles[name as ProfileName];
}

/**
 * The profile that a name or a profile stands for.
 * @throws ArgumentError if it is neither
 */
export function asProfile(profile: Profile | ProfileName): Profile {
  if (typeof profile === 'string') return profileByName(profile);
  const isProfile =
    typeof profile === 'object' &&
    profile !== null &&
    Object.keys(hopperWgmma).every((key) => key in profile);
  if (!isProfile)
    throw new ArgumentError('accumulator', profile, `${Object.keys(profiles).join(', ')}, or a profile`);
  return profile;
}

function requireRange(argument: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most)
    throw new ArgumentError(argument, value, `a whole number from ${least} to ${most}`);
}
