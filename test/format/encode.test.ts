/** @file Encoding: literal cases, the three roundings, and bad input. */

import { describe, expect, test } from 'vitest';
import { encodeOnGpu } from '../../src/format/convert.js';
import { decode, decodeTable } from '../../src/format/decode.js';
import { encode, encodeAll, encodeBits, overflows } from '../../src/format/encode.js';
import { type FormatName, formats } from '../../src/format/formats.js';
import { unpack } from '../../src/format/pack.js';
import { openTestGpu } from '../adapter.js';
import { bitsOf, hex } from './bits.js';
import { literals } from './literals.js';

const gpu = await openTestGpu();

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
