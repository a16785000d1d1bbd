/**
 * @file The formats by their definitions, written a second time and without src/format: exact values as whole
 * multiples of 2^-149 (every finite f32 is one), and the f32 patterns where rounding turns from one code to
 * the next, with the codes they must give.
 */

import type { FormatName } from '../../src/format/formats.js';
import { bitsOf } from './bits.js';

/** value = 2^(e - bias) · 1.m for e > 0, 2^(1 - bias) · 0.m for e = 0. */
export interface Definition {
  readonly exponentBits: number;
  readonly mantissaBits: number;
  readonly bias: number;
  /** Code of the largest finite value. */
  readonly maxCode: number;
  /** What overflow rule `ieee` makes of positive values beyond it. */
  readonly beyond: number;
}

/** Every format that has a zero; e8m0 is in encode.test.ts. */
export const definitions: Readonly<Record<Exclude<FormatName, 'e8m0'>, Definition>> = {
  e4m3: { exponentBits: 4, mantissaBits: 3, bias: 7, maxCode: 0x7e, beyond: 0x7f },
  e5m2: { exponentBits: 5, mantissaBits: 2, bias: 15, maxCode: 0x7b, beyond: 0x7c },
  e5m6: { exponentBits: 5, mantissaBits: 6, bias: 15, maxCode: 0x7bf, beyond: 0x7c0 },
  e3m2: { exponentBits: 3, mantissaBits: 2, bias: 3, maxCode: 0x1f, beyond: 0x1f },
  e2m3: { exponentBits: 2, mantissaBits: 3, bias: 1, maxCode: 0x1f, beyond: 0x1f },
  e2m1: { exponentBits: 2, mantissaBits: 1, bias: 1, maxCode: 0x07, beyond: 0x07 },
  e3m4: { exponentBits: 3, mantissaBits: 4, bias: 3, maxCode: 0x6f, beyond: 0x70 },
  e4m3fnuz: { exponentBits: 4, mantissaBits: 3, bias: 8, maxCode: 0x7f, beyond: 0x80 },
  e5m2fnuz: { exponentBits: 5, mantissaBits: 2, bias: 16, maxCode: 0x7f, beyond: 0x80 },
  bf16: { exponentBits: 8, mantissaBits: 7, bias: 127, maxCode: 0x7f7f, beyond: 0x7f80 },
  f16: { exponentBits: 5, mantissaBits: 10, bias: 15, maxCode: 0x7bff, beyond: 0x7c00 },
};

/** The value of a positive code in units of 2^-149; the code after maxCode counts as if it were finite. */
export function exactValue(definition: Definition, code: number): bigint {
  const { mantissaBits, bias } = definition;
  const e = code >> mantissaBits;
  const m = BigInt(code) & ((1n << BigInt(mantissaBits)) - 1n);
  const significand = e === 0 ? m : m + (1n << BigInt(mantissaBits));
  return significand << BigInt(149 + Math.max(e, 1) - bias - mantissaBits);
}

/** The f32 bits of a value in units of 2^-149 that is an f32. */
export function bitsOfExact(value: bigint): number {
  return bitsOf(Number(value) * 2 ** -149);
}

/** An f32 and the codes it must become. */
export interface Case {
  readonly bits: number;
  readonly nearest: number;
  readonly towardZero: number;
}

/**
 * Around every positive code: its value, the last f32 before it, and the midpoint to the next code with the
 * f32s on both sides. Results beyond maxCode are `maxCode + 1`, for the overflow rule to replace.
 */
export function boundaryCases(definition: Definition): Case[] {
  const cases: Case[] = [];
  for (let code = 0; code <= definition.maxCode; code++) {
    const value = exactValue(definition, code);
    const next = exactValue(definition, code + 1);
    const exact = bitsOfExact(value);
    const midpoint = bitsOfExact((value + next) / 2n);
    const even = code % 2 === 0 ? code : code + 1;
    cases.push(
      { bits: exact, nearest: code, towardZero: code },
      { bits: midpoint - 1, nearest: code, towardZero: code },
      { bits: midpoint, nearest: even, towardZero: code },
      { bits: midpoint + 1, nearest: code + 1, towardZero: code },
    );
    // bf16's largest exponent is f32's: what follows its last code is infinity.
    const following = bitsOfExact(next);
    cases.push({ bits: following - 1, nearest: code + 1, towardZero: code });
  }
  return cases;
}
