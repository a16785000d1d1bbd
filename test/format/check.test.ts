/** @file Descriptors that users bring: each field that does not fit is named. */

import { describe, expect, test } from 'vitest';
import { ArgumentError } from '../../src/errors.js';
import type { Format } from '../../src/format/format.js';
import { asFormat, formats } from '../../src/format/formats.js';

test.each(Object.values(formats))('$name is one', (format) => {
  expect(asFormat({ ...format })).toEqual(format);
});

describe('refused, naming the field', () => {
  const { e4m3, e8m0, e2m1, bf16 } = formats;
  test.each<[string, object]>([
    ['name', { ...e4m3, name: '' }],
    ['signBits', { ...e4m3, signBits: 2 }],
    ['name', {}],
    ['exponentBits', { ...e4m3, exponentBits: 0 }],
    ['exponentBits', { ...e4m3, exponentBits: 9 }],
    ['exponentBits', { ...e4m3, exponentBits: 4.5 }],
    ['mantissaBits', { ...e4m3, mantissaBits: -1 }],
    ['mantissaBits', { ...e4m3, mantissaBits: 12 }],
    ['mantissaBits', { ...e4m3, mantissaBits: undefined }],
    ['bias', { ...e4m3, bias: 7.5 }],
    // Largest 1.75 * 2^128, smallest 2^-150: one binade beyond f32 on either side.
    ['bias', { ...e4m3, bias: 15 - 128 }],
    ['bias', { ...e4m3, bias: 1 - 3 + 150 }],
    ['bias', { ...e8m0, bias: 126 }],
    ['bias', { ...bf16, bias: 126 }],
    ['hasZero', { ...e4m3, hasZero: undefined }],
    ['hasZero', { ...e4m3, hasZero: false }],
    ['specials', { ...e4m3, specials: 'fnuz' }],
    ['specials', { ...e4m3, mantissaBits: 0, specials: 'ieee' }],
    ['specials', { ...e4m3, signBits: 0, specials: 'negative-zero-nan' }],
    ['specials', { ...e2m1, exponentBits: 1, mantissaBits: 0, specials: 'all-ones-nan' }],
  ])('%s of %j', (field, format) => {
    expect(() => asFormat(format as Format, 'format')).toThrow(ArgumentError);
    expect(() => asFormat(format as Format, 'format')).toThrow(`format.${field} is `);
  });

  test.each([null, undefined, 7])('%s is none', (format) => {
    expect(() => asFormat(format as unknown as Format)).toThrow(/^format is .*; allowed: a format's name/);
  });
});

test('the widest ranges that f32 holds are accepted', () => {
  for (const bias of [15 - 127, 1 - 3 + 149]) expect(asFormat({ ...formats.e4m3, bias }).bias).toBe(bias);
});
