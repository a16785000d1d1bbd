/** @file Packing: the layout stated literally, round trips of every width and length, and the shaders' readers. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeOnGpu, encodeOnGpu } from '../../src/format/convert.js';
import { decodeTable } from '../../src/format/decode.js';
import { codeCount, type Format, width } from '../../src/format/format.js';
import { type FormatName, formats } from '../../src/format/formats.js';
import { pack, packedWords, packInto, unpack } from '../../src/format/pack.js';
import { openTestGpu } from '../adapter.js';

const gpu = await openTestGpu();

/** One format of every width. */
const widths = [formats.e2m1, formats.e3m2, formats.e4m3, formats.e5m6, formats.bf16];

const layouts: readonly (readonly [FormatName, string, number[], number[]])[] = [
  [
    'e4m3',
    '8-bit codes four to a word, the first lowest',
    [0x11, 0x22, 0x33, 0x44, 0x55],
    [0x44332211, 0x55],
  ],
  [
    'e2m1',
    '4-bit codes eight to a word, the first lowest',
    [1, 2, 3, 4, 5, 6, 7, 8, 9],
    [0x87654321, 0x00000009],
  ],
  [
    'e3m2',
    '6-bit codes densely, sixteen to three words',
    // The sixth code's low two bits end the first word, its high four begin the second; likewise the eleventh.
    [0x01, 0x02, 0x03, 0x04, 0x05, 0x3e, 0x3f, 0, 0, 0, 0x15, 0, 0, 0, 0, 0x3f],
    [0x85103081, 0x500003ff, 0xfc000001],
  ],
  [
    'e5m6',
    '12-bit codes densely, eight to three words',
    [0x123, 0x456, 0x789, 0xabc, 0xdef, 0x012, 0x345, 0x678],
    [0x89456123, 0x2defabc7, 0x67834501],
  ],
  ['f16', '16-bit codes two to a word', [0x1234, 0x5678, 0x9abc], [0x56781234, 0x9abc]],
];

test.each(layouts)('%s: %s', (name, _, codes, words) => {
  const format = formats[name];
  expect([...pack(format, codes)]).toEqual(words);
  expect([...unpack(format, Uint32Array.from(words), codes.length)]).toEqual(codes);
});

test('a chunk of 32 codes takes as many words as a code has bits', () => {
  for (const format of widths) expect(packedWords(format, 32)).toBe(width(format));
});

const anyCodes = (format: Format) => fc.array(fc.nat({ max: codeCount(format) - 1 }), { maxLength: 300 });

describe.each(widths.map((format) => [width(format), format] as const))(
  'codes of %d bits',
  (bits, format) => {
    test('are the bits of one little-endian stream', () => {
      fc.assert(
        fc.property(anyCodes(format), (codes) => {
          const stream = codes.reduceRight((rest, code) => (rest << BigInt(bits)) | BigInt(code), 0n);
          const words = pack(format, codes);
          expect(words.length).toBe(Math.ceil((codes.length * bits) / 32));
          expect(words.reduceRight((rest, word) => (rest << 32n) | BigInt(word), 0n)).toBe(stream);
        }),
      );
    });

    test('come back from packing', () => {
      fc.assert(
        fc.property(anyCodes(format), fc.nat({ max: 3 }), (codes, first) => {
          const words = new Uint32Array(first + packedWords(format, codes.length) + 1);
          packInto(format, codes, words, first);
          expect([...unpack(format, words, codes.length, first)]).toEqual(codes);
          expect([...words.subarray(0, first), words.at(-1)]).toEqual(new Array(first + 1).fill(0));
        }),
      );
    });

    test('are read and written by the shaders in the same layout, whatever the length', async () => {
      const table = new Uint32Array(decodeTable(format).buffer);
      for (const length of [1, 2, 5, 31, 32, 33, 64, 1000, 2047, 2048, 2049]) {
        // Finite positive codes, in no regular order: they encode to themselves.
        const largest = codeCount(format) / 4;
        const codes = Uint32Array.from({ length }, (_, i) => Math.imul(i + 1, 0x9e3779b1) >>> 0).map(
          (hash) => hash % largest,
        );
        const words = pack(format, codes);
        const values = codes.map((code) => table[code] as number);
        expect(await decodeOnGpu(gpu, format, words, length)).toEqual(values);
        expect(await encodeOnGpu(gpu, format, values)).toEqual(words);
      }
    });

    test('that are no codes are refused', () => {
      const largest = codeCount(format) - 1;
      for (const code of [largest + 1, -1, 0.5, Number.NaN])
        expect(() => pack(format, [0, code])).toThrow(
          `codes[1] is ${code}; allowed: 0 to ${largest} for ${format.name}`,
        );
    });
  },
);

test('too few words are refused', () => {
  expect(() => unpack(formats.e5m6, new Uint32Array(3), 9)).toThrow(
    'words.length is 3; allowed: at least 4 for 9 codes of e5m6',
  );
  expect(() => unpack(formats.e5m6, new Uint32Array(3), 8, 1)).toThrow(
    'words.length is 3; allowed: at least 4 for 8 codes of e5m6',
  );
});
