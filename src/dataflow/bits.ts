/** @file Numbers as the bits they are made of, for drawing. */

import { f32Bits } from '../arithmetic/f32.js';
import type { Format } from '../format/format.js';
import type { TermTrace } from './steps.js';

/** A code, part by part: strings of 0 and 1, the highest bit first. */
export interface CodeBits {
  readonly sign: string;
  readonly exponent: string;
  readonly mantissa: string;
}

export function codeBits(format: Format, code: number): CodeBits {
  const { signBits, exponentBits, mantissaBits } = format;
  const all = code.toString(2).padStart(signBits + exponentBits + mantissaBits, '0');
  return {
    sign: all.slice(0, signBits),
    exponent: all.slice(signBits, signBits + exponentBits),
    mantissa: all.slice(signBits + exponentBits),
  };
}

/** The parts of an f32. */
export function f32CodeBits(value: number): CodeBits {
  const all = f32Bits(value).toString(2).padStart(32, '0');
  return { sign: all.slice(0, 1), exponent: all.slice(1, 9), mantissa: all.slice(9) };
}

/** A bit of a number, standing for bit · 2^weight. */
export interface WeightedBit {
  readonly weight: number;
  readonly bit: 0 | 1;
}

/**
 * The bits of a whole number whose lowest stands for 2^lowest, the highest first.
 * @param width at least this many, with zeros in front
 */
export function weightedBits(magnitude: number, lowest: number, width = 1): WeightedBit[] {
  const digits = magnitude.toString(2).padStart(width, '0');
  return Array.from(digits, (digit, i) => ({
    weight: lowest + digits.length - 1 - i,
    bit: digit === '1' ? 1 : 0,
  }));
}

/** The bits of a term's significand: two before the binary point for a product, one for a sum. */
export function termBits({ k, significand, exponent, fractionBits }: TermTrace): WeightedBit[] {
  const width = fractionBits + (k === 'sum' ? 1 : 2);
  return weightedBits(Math.abs(significand), exponent - fractionBits, width);
}
