/** @file Matrices that a quantiser may stumble over, and the scalings to try on them. */

import { f32Bits } from '../../src/arithmetic/f32.js';
import { encodeBits } from '../../src/format/encode.js';
import { formats } from '../../src/format/formats.js';
import { type Dtype, type Matrix, matrix } from '../../src/matrix.js';
import { dialectNames } from '../../src/quantize/dialect.js';
import { granularityNames } from '../../src/quantize/granularity.js';
import type { QuantizeOptions } from '../../src/quantize/options.js';
import { randomWords } from '../random.js';

/**
 * - ordinary: magnitudes from 2^-12 to 2^12, zeros of both signs, and here and there an outlier
 * - finite: runs of 32 elements that are zero, subnormal, tiny, ordinary, beside one huge value, or any finite bits
 * - infinite: ordinary, with one infinity in the second row (the first, where there is one row only)
 * - special: ordinary, with NaNs of both signs and infinities in some places
 */
export const kinds = ['ordinary', 'finite', 'infinite', 'special'] as const;
export type Kind = (typeof kinds)[number];

/** A matrix of a kind, the same in every run. */
export function awkward(rows: number, cols: number, dtype: Dtype, kind: Kind, seed = 1): Matrix {
  const next = randomWords(seed);
  const bits = new Uint32Array(rows * cols);
  for (let row = 0; row < rows; row++)
    for (let start = 0; start < cols; start += 32) {
      const run = kind === 'finite' ? next() % 6 : 3;
      const end = Math.min(start + 32, cols);
      for (let col = start; col < end; col++) bits[row * cols + col] = finiteBits(run, next);
      if (run === 4) bits[row * cols + start + (next() % (end - start))] = f32Bits(3e38);
    }
  const put = (row: number, col: number, value: number) => {
    if (row < rows && col < cols) bits[row * cols + col] = value;
  };
  if (kind === 'infinite') put(Math.min(1, rows - 1), cols - 1, 0xff800000);
  if (kind === 'special') {
    put(0, 0, 0x7fc00000);
    put(3, 5, 0xffc12345);
    put(3, 130, 0x7f800000);
    put(4, 33, 0xff800000);
    put(130, 129, 0xff800000);
    put(130, 131, 0x7f800000);
  }
  return fromBits(rows, cols, bits, dtype);
}

/** A matrix of f32 bits; for bf16 and f16 rounded, finite values to finite ones and NaNs with their signs. */
export function fromBits(rows: number, cols: number, bits: Uint32Array, dtype: Dtype): Matrix {
  if (dtype === 'f32') return matrix(rows, cols, new Float32Array(bits.buffer as ArrayBuffer));
  const infinite = (word: number) => (word & 0x7fffffff) === 0x7f800000;
  const halves = Uint16Array.from(bits, (word) =>
    encodeBits(formats[dtype], word, { overflow: infinite(word) ? 'ieee' : 'saturate' }),
  );
  return matrix(rows, cols, halves, dtype);
}

function finiteBits(run: number, next: () => number): number {
  const word = next();
  const sign = (word & 0x80000000) >>> 0;
  switch (run) {
    case 0:
      return sign;
    case 1:
      return (sign | (word & 0x7fffff)) >>> 0;
    case 2:
      return (sign | (((word >>> 23) & 31) << 23) | (word & 0x7fffff)) >>> 0;
    case 5: {
      const bits = next();
      return (bits & 0x7f800000) === 0x7f800000 ? sign : bits;
    }
    default: {
      const lot = next() % 64;
      if (lot === 0) return sign;
      const exponent = lot === 1 ? 16 : (next() % 24) - 12;
      return (sign | ((exponent + 127) << 23) | (word & 0x7fffff)) >>> 0;
    }
  }
}

type ScalingOptions = Required<Pick<QuantizeOptions, 'granularity' | 'dialect' | 'powerOfTwo'>>;

/** Every granularity with every dialect that fits it, with f32 scales and with powers of two. */
export const scalings: readonly ScalingOptions[] = granularityNames.flatMap((granularity) =>
  dialectNames.flatMap((dialect): ScalingOptions[] => {
    if (granularity === '1x32') return [{ granularity, dialect, powerOfTwo: true }];
    if (dialect === 'mx') return [];
    return [false, true].map((powerOfTwo) => ({ granularity, dialect, powerOfTwo }));
  }),
);
