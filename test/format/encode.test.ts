/** @file Encoding: literal cases, the three roundings, and properties that hold for every format and value. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeOnGpu } from '../../src/format/convert.js';
import { decode, decodeTable } from '../../src/format/decode.js';
import { encode, encodeAll, encodeBits, overflows, roundings } from '../../src/format/encode.js';
import { codeCount } from '../../src/format/format.js';
import { type FormatName, formats, maxFinite } from '../../src/format/formats.js';
import { unpack } from '../../src/format/pack.js';
import { openTestGpu } from '../adapter.js';
import { bitsOf, hex, isNaNBits, numberOf } from './bits.js';

const gpu = await openTestGpu();

const positiveNaN = 0x7fc00000;
const negativeNaN = 0xffc00000;
const infinity = 0x7f800000;
const negativeInfinity = 0xff800000;
const negativeZero = 0x80000000;
const smallestF32 = 0x00000001;
const largestF32 = 0x7f7fffff;

/** f32 bits, the code under overflow rule `saturate`, the code under `ieee`. */
type Row = readonly [bits: number, saturate: number, ieee: number];

const literals: Record<FormatName, readonly Row[]> = {
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

describe.each(Object.entries(literals))('%s, literally', (name, rows) => {
  const format = formats[name as FormatName];
  const inputs = Uint32Array.from(rows, ([bits]) => bits);
  for (const overflow of overflows) {
    const expected = rows.map(([bits, saturate, ieee]) => [hex(bits), overflow === 'ieee' ? ieee : saturate]);
    test(`the oracle (${overflow})`, () => {
      expect(rows.map(([bits]) => [hex(bits), encodeBits(format, bits, { overflow })])).toEqual(expected);
    });
    test(`the GPU (${overflow})`, async () => {
      const codes = unpack(format, await encodeOnGpu(gpu, format, inputs, { overflow }), rows.length);
      expect(rows.map(([bits], i) => [hex(bits), codes[i]])).toEqual(expected);
    });
  }
});

test('saturate and nearest-even unless told otherwise; JavaScript NaN is positive', () => {
  expect(encode(formats.e4m3, 1e9)).toBe(0x7e);
  expect(encode(formats.e4m3, 1.0624)).toBe(0x38);
  expect(encode(formats.e4m3, 1.0626)).toBe(0x39);
  expect(encode(formats.e4m3, Number.NaN)).toBe(0x7f);
});

test('a double is rounded once', () => {
  // Above the tie by less than an f32 can hold: rounding to f32 first would make it a tie, and 1 of it.
  expect(encode(formats.e4m3, 1.0625 + 2 ** -40)).toBe(0x39);
  // The last double before 2: its log2 rounds to 1.
  expect(encode(formats.e4m3, 2 - 2 ** -52, { rounding: 'toward-zero' })).toBe(0x3f);
  expect(encode(formats.bf16, 1e-60)).toBe(0);
  expect(encode(formats.bf16, 1e60, { overflow: 'ieee' })).toBe(0x7f80);
});

describe('toward zero', () => {
  test.each([
    [1.124, 0x38],
    [-1.124, 0xb8],
    [1.125, 0x39],
    [2 ** -9 - 2 ** -30, 0x00],
    [-(2 ** -10), 0x80],
    [447, 0x7d],
    [1e30, 0x7e],
    [-479, 0xfe],
  ])('%d becomes %d in e4m3 and stays finite', (value, code) => {
    for (const overflow of overflows)
      expect(encode(formats.e4m3, value, { rounding: 'toward-zero', overflow })).toBe(code);
  });

  test('an infinity follows the overflow rule', () => {
    expect(encode(formats.e5m2, Infinity, { rounding: 'toward-zero', overflow: 'ieee' })).toBe(0x7c);
    expect(encode(formats.e5m2, Infinity, { rounding: 'toward-zero' })).toBe(0x7b);
  });
});

describe('stochastic', () => {
  const stochastic = (value: number, random: number, format = formats.e4m3) =>
    encode(format, value, { rounding: 'stochastic', random });

  test('goes up where fraction · 2^32 > random', () => {
    // 1.03125 is a quarter of the way from 1 (0x38) to 1.125 (0x39).
    expect(stochastic(1.03125, 0)).toBe(0x39);
    expect(stochastic(1.03125, 2 ** 30 - 1)).toBe(0x39);
    expect(stochastic(1.03125, 2 ** 30)).toBe(0x38);
    expect(stochastic(1.03125, 2 ** 32 - 1)).toBe(0x38);
    expect(stochastic(-1.03125, 2 ** 30 - 1)).toBe(0xb9);
    // A quarter of the smallest subnormal, and a fraction of less than 2^-32, which is cut off.
    expect(stochastic(2 ** -11, 2 ** 30 - 1)).toBe(0x01);
    expect(stochastic(2 ** -11, 2 ** 30)).toBe(0x00);
    expect(stochastic(2 ** -42, 0)).toBe(0x00);
    expect(stochastic(2 ** -41, 0)).toBe(0x01);
  });

  test('the GPU follows the same rule', async () => {
    const cases = [
      [1.03125, 0, 0x39],
      [1.03125, 2 ** 30 - 1, 0x39],
      [1.03125, 2 ** 30, 0x38],
      [-1.03125, 2 ** 30 - 1, 0xb9],
      [2 ** -11, 2 ** 30 - 1, 0x01],
      [2 ** -11, 2 ** 30, 0x00],
      [2 ** -42, 0, 0x00],
      [2 ** -41, 0, 0x01],
      [447, 0, 0x7e],
    ] as const;
    const words = await encodeOnGpu(
      gpu,
      formats.e4m3,
      Uint32Array.from(cases, ([value]) => bitsOf(value)),
      {
        rounding: 'stochastic',
        random: Uint32Array.from(cases, ([, random]) => random),
      },
    );
    expect([...unpack(formats.e4m3, words, cases.length)]).toEqual(cases.map(([, , code]) => code));
  });

  test('is unbiased', () => {
    const draws = 1 << 16;
    for (const value of [1.0390625, -300, 0.3 * 2 ** -9, 5e-3]) {
      const low = decode(formats.e4m3, encode(formats.e4m3, value, { rounding: 'toward-zero' }));
      const code = encode(formats.e4m3, value, { rounding: 'toward-zero' });
      const step = Math.abs(decode(formats.e4m3, code + 1) - low);
      const p = Math.abs(value - low) / step;
      let sum = 0;
      let state = 1;
      for (let i = 0; i < draws; i++) {
        // Numerical Recipes' linear congruential generator; fixed seed, so that the outcome is too.
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        sum += decode(formats.e4m3, stochastic(value, state));
      }
      // The mean of n draws deviates by step · sqrt(p(1 - p) / n); five times that is one in two million.
      const tolerance = 5 * step * Math.sqrt((p * (1 - p)) / draws);
      expect(Math.abs(sum / draws - value)).toBeLessThan(tolerance);
      // The tolerance tells stochastic from nearest and toward zero.
      expect(tolerance).toBeLessThan(Math.min(p, 1 - p) * step);
    }
  });

  test.each(Object.entries(formats))('never changes a value of %s', (_, format) => {
    const values = decodeTable(format);
    const codes = Array.from(values.keys()).filter((code) => !Number.isNaN(values[code]));
    for (const random of [0, 0x80000000, 0xffffffff]) {
      const options = { rounding: 'stochastic', overflow: 'ieee', random } as const;
      expect(codes.filter((code) => encode(format, values[code] as number, options) !== code)).toEqual([]);
    }
  });
});

describe.each(Object.entries(formats))('%s, for every value', (_, format) => {
  const values = decodeTable(format);
  const anyBits = fc.oneof(
    fc.integer({ min: 0, max: 0xffffffff }),
    // Around the format's own magnitudes, where most patterns of f32 are not.
    fc.float({ min: -Math.fround(maxFinite(format)), max: Math.fround(maxFinite(format)) }).map(bitsOf),
    // Beside the values and the ties.
    fc
      .tuple(fc.nat({ max: codeCount(format) - 2 }), fc.constantFrom(0, 0.5), fc.integer({ min: -2, max: 2 }))
      .map(([code, part, ulps]) => {
        const [low, high] = [values[code] as number, values[code + 1] as number];
        return (bitsOf(low + (Number.isFinite(high) ? part * (high - low) : 0)) + ulps) >>> 0;
      }),
  );
  const anyNumber = anyBits.filter((bits) => !isNaNBits(bits)).map(numberOf);

  test('decoding and encoding again gives the code back', () => {
    const codes = Array.from(values.keys());
    for (const rounding of roundings) {
      const options = { rounding, overflow: 'ieee', random: 0 } as const;
      const changed = codes.filter((code) => {
        const value = values[code] as number;
        const back = encode(format, value, options);
        // Of a format's several NaNs one is written.
        return Number.isNaN(value) ? !Number.isNaN(values[back]) : back !== code;
      });
      expect(changed).toEqual([]);
    }
  });

  test('encoding is monotone', () => {
    fc.assert(
      fc.property(
        anyNumber,
        anyNumber,
        fc.constantFrom(...roundings),
        fc.nat({ max: 0xffffffff }),
        (x, y, rounding, random) => {
          // e8m0 has no negative values.
          if (format.signBits === 0) [x, y] = [Math.abs(x), Math.abs(y)];
          const [low, high] = x < y ? [x, y] : [y, x];
          const of = (value: number) => values[encode(format, value, { rounding, random })] as number;
          expect(of(low)).toBeLessThanOrEqual(of(high));
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('nearest-even is nearest among the neighbours, and even between two', () => {
    fc.assert(
      fc.property(anyNumber, (x) => {
        const value = format.signBits === 0 ? Math.abs(x) : x;
        if (Math.abs(value) > maxFinite(format)) return;
        const code = encode(format, value);
        const distance = (c: number) => Math.abs((values[c] ?? Number.NaN) - value);
        for (const neighbour of [code - 1, code + 1]) {
          // A NaN distance (beyond the last code, an infinity or a NaN) is no neighbour.
          if (!Number.isFinite(distance(neighbour))) continue;
          expect(distance(code)).toBeLessThanOrEqual(distance(neighbour));
          if (distance(code) === distance(neighbour) && format.hasZero) expect(code % 2).toBe(0);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('toward-zero never grows a value and leaves less than a step', () => {
    fc.assert(
      fc.property(anyNumber, (x) => {
        const value = format.signBits === 0 ? Math.abs(x) : x;
        if (Math.abs(value) > maxFinite(format) || (!format.hasZero && value < (values[0] as number))) return;
        const code = encode(format, value, { rounding: 'toward-zero' });
        expect(Math.abs(values[code] as number)).toBeLessThanOrEqual(Math.abs(value));
        const next = values[code + 1] ?? Number.NaN;
        if (Number.isFinite(next) && code % (codeCount(format) / 2) !== codeCount(format) / 2 - 1)
          expect(Math.abs(next)).toBeGreaterThan(Math.abs(value));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('bad input', () => {
  test('stochastic rounding without random bits names them', () => {
    expect(() => encode(formats.e4m3, 1.01, { rounding: 'stochastic' })).toThrow(
      'random is undefined; allowed: 32 random bits, a whole number from 0 to 2^32 - 1',
    );
    expect(() =>
      encodeAll(formats.e4m3, [1.01, 1.01], { rounding: 'stochastic', random: Uint32Array.of(1) }),
    ).toThrow('random.length is 1; allowed: one word a value: 2');
  });

  test('an unknown rounding or overflow rule is named, with those there are', () => {
    expect(() => encode(formats.e4m3, 1, { rounding: 'up' as 'stochastic' })).toThrow(
      'rounding is "up"; allowed: nearest-even, toward-zero, stochastic',
    );
    expect(() => encode(formats.e4m3, 1, { overflow: 'wrap' as 'ieee' })).toThrow(
      'overflow is "wrap"; allowed: saturate, ieee',
    );
  });

  test('the GPU refuses the same before it allocates', async () => {
    const bits = Uint32Array.of(0, 1, 2);
    await expect(encodeOnGpu(gpu, formats.e4m3, bits, { rounding: 'stochastic' })).rejects.toThrow(
      'random.length is undefined; allowed: one word a value: 3',
    );
    await expect(encodeOnGpu(gpu, formats.e4m3, bits, { rounding: 'up' as 'stochastic' })).rejects.toThrow(
      'rounding is "up"; allowed: nearest-even, toward-zero, stochastic',
    );
    await expect(encodeOnGpu(gpu, formats.e4m3, bits, { overflow: 'wrap' as 'ieee' })).rejects.toThrow(
      'overflow is "wrap"; allowed: saturate, ieee',
    );
    await expect(encodeOnGpu(gpu, formats.e4m3, new Uint32Array())).rejects.toThrow(
      'bits.length is 0; allowed: a whole number of at least 1',
    );
  });
});
