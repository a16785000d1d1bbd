/** @file Codes of literal values, with ties, subnormals, zeros, overflow, infinities and NaNs of each format. */

import type { FormatName } from '../../src/format/formats.js';
import { bitsOf } from './bits.js';

const positiveNaN = 0x7fc00000;
const negativeNaN = 0xffc00000;
const infinity = 0x7f800000;
const negativeInfinity = 0xff800000;
const negativeZero = 0x80000000;
const smallestF32 = 0x00000001;
const largestF32 = 0x7f7fffff;

/** f32 bits, the code under overflow rule `saturate`, the code under `ieee`. */
export type Row = readonly [bits: number, saturate: number, ieee: number];

export const literals: Readonly<Record<FormatName, readonly Row[]>> = {
  e4m3: [
    [bitsOf(0), 0x00, 0x00],
    [negativeZero, 0x80, 0x80],
    [bitsOf(1), 0x38, 0x38],
    [bitsOf(-1), 0xb8, 0xb8],
    // Ties: 1.0625 lies between 1 (even) and 1.125, 1.1875 between 1.125 and 1.25 (even).
    [bitsOf(1.0625), 0x38, 0x38],
    [bitsOf(1.1875), 0x3a, 0x3a],
    [bitsOf(2 ** -6), 0x08, 0x08],
    // Subnormals are multiples of 2^-9; half of one is a tie with 0.
    [bitsOf(7 * 2 ** -9), 0x07, 0x07],
    [bitsOf(2 ** -9), 0x01, 0x01],
    [bitsOf(2 ** -10), 0x00, 0x00],
    [bitsOf(2 ** -10) + 1, 0x01, 0x01],
    [bitsOf(1.5 * 2 ** -9), 0x02, 0x02],
    [bitsOf(-(2 ** -10)), 0x80, 0x80],
    // Between the largest subnormal and the smallest normal.
    [bitsOf(7.5 * 2 ** -9), 0x08, 0x08],
    [smallestF32, 0x00, 0x00],
    [bitsOf(448), 0x7e, 0x7e],
    // 464 is the tie with 480, which would be the next value: 448 is even.
    [bitsOf(464), 0x7e, 0x7e],
    [bitsOf(464) + 1, 0x7e, 0x7f],
    [bitsOf(-464) + 1, 0xfe, 0xff],
    [largestF32, 0x7e, 0x7f],
    [infinity, 0x7e, 0x7f],
    [negativeInfinity, 0xfe, 0xff],
    [positiveNaN, 0x7f, 0x7f],
    [negativeNaN, 0xff, 0xff],
    [0x7f800001, 0x7f, 0x7f],
    [0xffffffff, 0xff, 0xff],
  ],
  e5m2: [
    [negativeZero, 0x80, 0x80],
    [bitsOf(1), 0x3c, 0x3c],
    [bitsOf(1.125), 0x3c, 0x3c],
    [bitsOf(1.375), 0x3e, 0x3e],
    [bitsOf(2 ** -16), 0x01, 0x01],
    [bitsOf(2 ** -17), 0x00, 0x00],
    [bitsOf(2 ** -17) + 1, 0x01, 0x01],
    [bitsOf(57344), 0x7b, 0x7b],
    [bitsOf(61440) - 1, 0x7b, 0x7b],
    // 61440 is the tie with 65536, which would be the next value and is even.
    [bitsOf(61440), 0x7b, 0x7c],
    [bitsOf(-61440), 0xfb, 0xfc],
    [infinity, 0x7b, 0x7c],
    [negativeInfinity, 0xfb, 0xfc],
    [positiveNaN, 0x7e, 0x7e],
    [negativeNaN, 0xfe, 0xfe],
  ],
  e5m6: [
    [negativeZero, 0x800, 0x800],
    [bitsOf(1), 0x3c0, 0x3c0],
    [bitsOf(1 + 2 ** -7), 0x3c0, 0x3c0],
    [bitsOf(1 + 3 * 2 ** -7), 0x3c2, 0x3c2],
    [bitsOf(2 ** -20), 0x001, 0x001],
    [bitsOf(2 ** -21), 0x000, 0x000],
    [bitsOf(65024), 0x7bf, 0x7bf],
    [bitsOf(65280) - 1, 0x7bf, 0x7bf],
    [bitsOf(65280), 0x7bf, 0x7c0],
    [negativeInfinity, 0xfbf, 0xfc0],
    [positiveNaN, 0x7e0, 0x7e0],
    [negativeNaN, 0xfe0, 0xfe0],
  ],
  e3m2: [
    [negativeZero, 0x20, 0x20],
    [bitsOf(1), 0x0c, 0x0c],
    [bitsOf(2 ** -4), 0x01, 0x01],
    [bitsOf(2 ** -5), 0x00, 0x00],
    [bitsOf(28), 0x1f, 0x1f],
    // No infinity and no NaN: the largest value under both rules, and NaN becomes zero of the opposite sign.
    [bitsOf(1000), 0x1f, 0x1f],
    [negativeInfinity, 0x3f, 0x3f],
    [positiveNaN, 0x20, 0x20],
    [negativeNaN, 0x00, 0x00],
  ],
  e2m3: [
    [bitsOf(-1), 0x28, 0x28],
    [bitsOf(0.125), 0x01, 0x01],
    [bitsOf(0.0625), 0x00, 0x00],
    [bitsOf(0.1875), 0x02, 0x02],
    [bitsOf(7.5), 0x1f, 0x1f],
    [infinity, 0x1f, 0x1f],
    [positiveNaN, 0x20, 0x20],
  ],
  e2m1: [
    [bitsOf(0.25), 0x0, 0x0],
    [bitsOf(0.5), 0x1, 0x1],
    [bitsOf(0.75), 0x2, 0x2],
    [bitsOf(2.5), 0x4, 0x4],
    [bitsOf(3.5), 0x6, 0x6],
    [bitsOf(5), 0x6, 0x6],
    [bitsOf(-5) + 1, 0xf, 0xf],
    [bitsOf(6), 0x7, 0x7],
    [infinity, 0x7, 0x7],
    [negativeInfinity, 0xf, 0xf],
    [positiveNaN, 0x8, 0x8],
    [negativeNaN, 0x0, 0x0],
  ],
  e8m0: [
    // Neither zero nor sign: small values become the smallest, negative ones and -0 NaN.
    [0, 0, 0],
    [smallestF32, 0, 0],
    [bitsOf(2 ** -127), 0, 0],
    // Ties go up: without mantissa bits every significand is 1, which is odd.
    [bitsOf(1.5 * 2 ** -127), 1, 1],
    [bitsOf(1.5 * 2 ** -127) - 1, 0, 0],
    [bitsOf(2 ** -126), 1, 1],
    [bitsOf(1), 127, 127],
    [bitsOf(1.5) - 1, 127, 127],
    [bitsOf(1.5), 128, 128],
    [bitsOf(2), 128, 128],
    [bitsOf(3), 129, 129],
    [bitsOf(2 ** 127), 254, 254],
    [bitsOf(1.5 * 2 ** 127) - 1, 254, 254],
    [bitsOf(1.5 * 2 ** 127), 254, 255],
    [infinity, 254, 255],
    [bitsOf(-1), 255, 255],
    [negativeZero, 255, 255],
    [positiveNaN, 255, 255],
    [negativeNaN, 255, 255],
  ],
  e3m4: [
    [bitsOf(1), 0x30, 0x30],
    [bitsOf(2 ** -6), 0x01, 0x01],
    [bitsOf(15.5), 0x6f, 0x6f],
    [bitsOf(15.75) - 1, 0x6f, 0x6f],
    [bitsOf(15.75), 0x6f, 0x70],
    [negativeInfinity, 0xef, 0xf0],
    [negativeNaN, 0xf8, 0xf8],
  ],
  e4m3fnuz: [
    [negativeZero, 0x00, 0x00],
    [bitsOf(1), 0x40, 0x40],
    // What rounds to zero from below is +0: there is no -0.
    [bitsOf(-(2 ** -11)), 0x00, 0x00],
    [bitsOf(-(2 ** -10)), 0x81, 0x81],
    [bitsOf(240), 0x7f, 0x7f],
    [bitsOf(248), 0x7f, 0x80],
    [bitsOf(-248), 0xff, 0x80],
    [negativeInfinity, 0xff, 0x80],
    [positiveNaN, 0x80, 0x80],
    [negativeNaN, 0x80, 0x80],
  ],
  e5m2fnuz: [
    [negativeZero, 0x00, 0x00],
    [bitsOf(1), 0x40, 0x40],
    [bitsOf(57344), 0x7f, 0x7f],
    [infinity, 0x7f, 0x80],
    [negativeNaN, 0x80, 0x80],
  ],
  bf16: [
    [negativeZero, 0x8000, 0x8000],
    [0x3f800000, 0x3f80, 0x3f80],
    [0x3f808000, 0x3f80, 0x3f80],
    [0x3f808001, 0x3f81, 0x3f81],
    [0x3f818000, 0x3f82, 0x3f82],
    // f32 subnormals are bf16 subnormals.
    [0x00010000, 0x0001, 0x0001],
    [0x00008000, 0x0000, 0x0000],
    [0x00008001, 0x0001, 0x0001],
    [0x80018000, 0x8002, 0x8002],
    [0x7f7f7fff, 0x7f7f, 0x7f7f],
    [0x7f7f8000, 0x7f7f, 0x7f80],
    [negativeInfinity, 0xff7f, 0xff80],
    [positiveNaN, 0x7fc0, 0x7fc0],
    [negativeNaN, 0xffc0, 0xffc0],
    [0x7f800001, 0x7fc0, 0x7fc0],
  ],
  f16: [
    [bitsOf(-1), 0xbc00, 0xbc00],
    [bitsOf(2 ** -24), 0x0001, 0x0001],
    [bitsOf(2 ** -25), 0x0000, 0x0000],
    [bitsOf(2 ** -14), 0x0400, 0x0400],
    [bitsOf(65504), 0x7bff, 0x7bff],
    [bitsOf(65520) - 1, 0x7bff, 0x7bff],
    [bitsOf(65520), 0x7bff, 0x7c00],
    [negativeInfinity, 0xfbff, 0xfc00],
    [positiveNaN, 0x7e00, 0x7e00],
    [negativeNaN, 0xfe00, 0xfe00],
  ],
};
