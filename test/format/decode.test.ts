/** @file Decoding: literal cases and bad input. Every code is decoded in golden.test.ts and definition.test.ts. */

import { describe, expect, test } from 'vitest';
import { decodeOnGpu } from '../../src/format/convert.js';
import { decode, decodeAll, decodeTable } from '../../src/format/decode.js';
import { codeCount } from '../../src/format/format.js';
import { type FormatName, formatByName, formats, maxFinite } from '../../src/format/formats.js';
import { openTestGpu } from '../adapter.js';

const gpu = await openTestGpu();

const literals: Record<FormatName, readonly (readonly [code: number, value: number])[]> = {
  e4m3: [
    [0x00, 0],
    [0x80, -0],
    [0x01, 2 ** -9],
    [0x07, 0.013671875],
    [0x08, 0.015625],
    [0x38, 1],
    [0xb9, -1.125],
    [0x7e, 448],
    [0x7f, Number.NaN],
    [0xff, Number.NaN],
  ],
  e5m2: [
    [0x80, -0],
    [0x01, 2 ** -16],
    [0x3d, 1.25],
    [0x7b, 57344],
    [0x7c, Infinity],
    [0xfc, -Infinity],
    [0x7d, Number.NaN],
    [0xff, Number.NaN],
  ],
  e5m6: [
    [0x800, -0],
    [0x001, 2 ** -20],
    [0x03f, 63 * 2 ** -20],
    [0x040, 2 ** -14],
    [0x3c1, 1.015625],
    [0x7bf, 65024],
    [0x7c0, Infinity],
    [0x7c1, Number.NaN],
    [0xfff, Number.NaN],
  ],
  e3m2: [
    [0x01, 0.0625],
    [0x04, 0.25],
    [0x1f, 28],
    [0x3f, -28],
    [0x20, -0],
  ],
  e2m3: [
    [0x01, 0.125],
    [0x08, 1],
    [0x1f, 7.5],
    [0x3f, -7.5],
  ],
  e2m1: [
    [0x0, 0],
    [0x1, 0.5],
    [0x2, 1],
    [0x3, 1.5],
    [0x4, 2],
    [0x5, 3],
    [0x6, 4],
    [0x7, 6],
    [0x8, -0],
    [0xf, -6],
  ],
  e8m0: [
    [0, 2 ** -127],
    [1, 2 ** -126],
    [127, 1],
    [254, 2 ** 127],
    [255, Number.NaN],
  ],
  e3m4: [
    [0x01, 2 ** -6],
    [0x30, 1],
    [0x6f, 15.5],
    [0x70, Infinity],
    [0xf1, Number.NaN],
  ],
  e4m3fnuz: [
    [0x80, Number.NaN],
    [0x81, -(2 ** -10)],
    [0x40, 1],
    [0x7f, 240],
    [0xff, -240],
  ],
  e5m2fnuz: [
    [0x80, Number.NaN],
    [0x40, 1],
    [0x7f, 57344],
  ],
  bf16: [
    [0x3f80, 1],
    [0x8000, -0],
    [0x0001, 2 ** -133],
    [0xff80, -Infinity],
    [0x7fc0, Number.NaN],
  ],
  f16: [
    [0x3c00, 1],
    [0x0001, 2 ** -24],
    [0x7bff, 65504],
    [0xfc00, -Infinity],
    [0x7c01, Number.NaN],
  ],
};

test.each(Object.entries(literals))('%s, literally', (name, cases) => {
  for (const [code, value] of cases)
    expect([code, decode(formats[name as FormatName], code)]).toEqual([code, value]);
});

test.each([
  ['e4m3', 448],
  ['e5m2', 57344],
  ['e5m6', 65024],
  ['e3m2', 28],
  ['e2m3', 7.5],
  ['e2m1', 6],
  ['e8m0', 2 ** 127],
] as const)('the largest finite %s is %d', (name, largest) => {
  expect(maxFinite(formats[name])).toBe(largest);
});

test('lists of codes are decoded in their order', () => {
  expect(decodeAll(formats.e2m1, [7, 0, 9])).toEqual(Float32Array.of(6, 0, -0.5));
  expect(decodeTable(formats.e2m1)).toHaveLength(16);
});

describe('bad input', () => {
  test.each([-1, 16, 1.5, Number.NaN])('code %d of e2m1 is refused', (code) => {
    expect(() => decode(formats.e2m1, code)).toThrow(`code is ${code}; allowed: 0 to 15 for e2m1`);
    expect(() => decodeAll(formats.e2m1, [0, code])).toThrow(
      `codes[1] is ${code}; allowed: 0 to 15 for e2m1`,
    );
  });

  test('a format that does not exist is named, with those there are', () => {
    const allowed = Object.keys(formats).join(', ');
    expect(() => formatByName('e6m1')).toThrow(`format is "e6m1"; allowed: ${allowed}`);
    expect(() => formatByName('toString', 'a-format')).toThrow(`a-format is "toString"; allowed: ${allowed}`);
  });

  test('the GPU refuses too few words and no codes', async () => {
    await expect(decodeOnGpu(gpu, formats.e5m6, new Uint32Array(3), 9)).rejects.toThrow(
      'words.length is 3; allowed: 4 for 9 codes of e5m6',
    );
    await expect(decodeOnGpu(gpu, formats.e5m6, new Uint32Array(3), 0)).rejects.toThrow(
      'count is 0; allowed: a whole number of at least 1',
    );
  });
});

test('a format has as many codes as its bits allow', () => {
  expect(Object.values(formats).map((format) => [format.name, codeCount(format)])).toEqual([
    ['e4m3', 256],
    ['e5m2', 256],
    ['e5m6', 4096],
    ['e3m2', 64],
    ['e2m3', 64],
    ['e2m1', 16],
    ['e8m0', 256],
    ['e3m4', 256],
    ['e4m3fnuz', 256],
    ['e5m2fnuz', 256],
    ['bf16', 65536],
    ['f16', 65536],
  ]);
});
