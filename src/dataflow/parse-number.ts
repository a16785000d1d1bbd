/** @file Numbers as people write them: decimal, hexadecimal with an exponent, or bit by bit. */

import { f32FromBits } from '../arithmetic/f32.js';
import { ArgumentError } from '../errors.js';
import { decode } from '../format/decode.js';
import { type Format, width } from '../format/format.js';

const specials: Readonly<Record<string, number>> = {
  nan: NaN,
  inf: Infinity,
  infinity: Infinity,
  '∞': Infinity,
};

/** What was written, and what it stands for. */
export interface WrittenNumber {
  readonly value: number;
  /** The code, where bits of the format itself were written. */
  readonly code?: number;
}

/**
 * Reads a number: `0.1`, `-3e-5`, `inf`, `nan`, `0x1.8p-7`, or `0b` and as many bits as the format has, or 32 for an
 * f32. Blanks, underscores and full stops may stand between bits.
 * @throws ArgumentError saying what is allowed
 */
export function parseNumber(text: string, format: Format): WrittenNumber {
  const written = text.trim().toLowerCase().replaceAll('−', '-');
  if (written.startsWith('0b')) return fromBits(written, text, format);
  const [, sign = '', rest = ''] = /^([+-]?)(.*)$/s.exec(written) ?? [];
  const magnitude = specials[rest] ?? (rest.startsWith('0x') ? fromHex(rest) : fromDecimal(rest));
  if (magnitude === undefined)
    throw new ArgumentError(
      'value',
      text,
      `a decimal number, inf, nan, hexadecimal such as 0x1.8p-7, or 0b and ${width(format)} or 32 bits`,
    );
  return { value: sign === '-' ? -magnitude : magnitude };
}

function fromBits(written: string, text: string, format: Format): WrittenNumber {
  const bits = written.slice(2).replace(/[\s_.]/g, '');
  if (/^[01]+$/.test(bits)) {
    const word = Number.parseInt(bits, 2);
    if (bits.length === width(format)) return { value: decode(format, word), code: word };
    if (bits.length === 32) return { value: f32FromBits(word) };
  }
  throw new ArgumentError(
    'value',
    text,
    `0b and ${width(format)} bits of ${format.name}, or 32 bits of an f32`,
  );
}

function fromDecimal(text: string): number | undefined {
  return /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/.test(text) ? Number(text) : undefined;
}

/** Rounded to a double if there are more bits than one holds. */
function fromHex(text: string): number | undefined {
  const [, whole = '', fraction = '', exponent = '0'] =
    /^0x([\da-f]*)(?:\.([\da-f]*))?(?:p([+-]?\d+))?$/.exec(text) ?? [];
  const digits = whole + fraction;
  if (digits === '' || digits.length > 32) return undefined;
  const significand = Number(BigInt(`0x${digits}`));
  return significand * 2 ** (Number(exponent) - 4 * fraction.length);
}
