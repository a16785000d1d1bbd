/**
 * @file Codes side by side, without gaps. Code i of width w holds the bits i·w to i·w + w - 1 of a
 * little-endian bit stream, so that 8-bit codes lie four to a u32 and 4-bit codes eight, and 6- and 12-bit
 * codes may straddle two words. The shaders' readers and writers are shaders/format/pack.wgsl.
 */

import { ArgumentError } from '../errors.js';
import { codeCount, type Format, width } from './format.js';

/** Codes of one format, one to an array element. */
export type Codes = Uint8Array | Uint16Array;

/** The smallest array of `length` zero codes that holds the format's codes. */
export function makeCodes(format: Format, length: number): Codes {
  return width(format) <= 8 ? new Uint8Array(length) : new Uint16Array(length);
}

/** u32 words that `length` packed codes take. */
export function packedWords(format: Format, length: number): number {
  return Math.ceil((length * width(format)) / 32);
}

/**
 * Packs codes densely into u32 words; the last word's unused bits are 0.
 * @throws ArgumentError if an element is not a code of `format`
 */
export function pack(format: Format, codes: ArrayLike<number>): Uint32Array {
  const words = new Uint32Array(packedWords(format, codes.length));
  packInto(format, codes, words, 0);
  return words;
}

/**
 * Packs codes into `words` from bit 0 of word `firstWord` on. The words must be zero.
 * @throws ArgumentError if an element is not a code of `format`
 */
export function packInto(
  format: Format,
  codes: ArrayLike<number>,
  words: Uint32Array,
  firstWord: number,
): void {
  const bits = width(format);
  const count = codeCount(format);
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] as number;
    if (!(code < count) || code < 0 || !Number.isInteger(code))
      throw new ArgumentError(`codes[${i}]`, code, `0 to ${count - 1} for ${format.name}`);
    const first = i * bits;
    const word = firstWord + Math.floor(first / 32);
    const offset = first % 32;
    words[word] = (words[word] as number) | (code << offset);
    if (offset + bits > 32) words[word + 1] = code >>> (32 - offset);
  }
}

/**
 * Unpacks `length` codes.
 * @throws ArgumentError if `words` is too short
 */
export function unpack(format: Format, words: Uint32Array, length: number, firstWord = 0): Codes {
  const codes = makeCodes(format, length);
  if (words.length - firstWord < packedWords(format, length))
    throw new ArgumentError(
      'words.length',
      words.length,
      `at least ${firstWord + packedWords(format, length)} for ${length} codes of ${format.name}`,
    );
  const bits = width(format);
  const mask = codeCount(format) - 1;
  for (let i = 0; i < length; i++) {
    const first = i * bits;
    const word = firstWord + Math.floor(first / 32);
    const offset = first % 32;
    const low = (words[word] as number) >>> offset;
    const high = offset + bits > 32 ? (words[word + 1] as number) << (32 - offset) : 0;
    codes[i] = (low | high) & mask;
  }
  return codes;
}
