/** @file A value beside a format: what becomes of it in each rounding, and which numbers lie around it. */

import { decode } from '../format/decode.js';
import { encode, type Overflow } from '../format/encode.js';
import {
  codeCount,
  type Format,
  infinityCode,
  magnitudeMask,
  maxCode,
  minExponent,
  nanCode,
  signBit,
} from '../format/format.js';

/** A code and its value. */
export interface Coded {
  readonly code: number;
  readonly value: number;
}

/** The two results that stochastic rounding has, and how probable the one away from zero is. */
export interface Stochastic {
  readonly toward: Coded;
  readonly away: Coded;
  /** From 0 to 1. */
  readonly probability: number;
}

export interface Explanation {
  readonly nearest: Coded;
  readonly towardZero: Coded;
  /** undefined where the value is one of the format's, or beyond its largest. */
  readonly stochastic: Stochastic | undefined;
}

/** What becomes of a value. */
export function explain(format: Format, value: number, overflow: Overflow): Explanation {
  const coded = (code: number): Coded => ({ code, value: decode(format, code) });
  const towardZero = coded(encode(format, value, { rounding: 'toward-zero', overflow }));
  return {
    nearest: coded(encode(format, value, { overflow })),
    towardZero,
    stochastic: stochasticResults(format, value, towardZero),
  };
}

function stochasticResults(format: Format, value: number, toward: Coded): Stochastic | undefined {
  const magnitude = toward.code & magnitudeMask(format);
  if (!Number.isFinite(value) || !Number.isFinite(toward.value) || Math.abs(toward.value) >= Math.abs(value))
    return undefined;
  if (magnitude >= maxCode(format)) return undefined;
  // A small negative value has lost its sign in a format without -0.
  const negative = value < 0 && format.signBits === 1;
  const code = magnitude + 1 + (negative ? signBit(format) : 0);
  const away: Coded = { code, value: decode(format, code) };
  const probability =
    (Math.abs(value) - Math.abs(toward.value)) / (Math.abs(away.value) - Math.abs(toward.value));
  return { toward, away, probability };
}

/** Finite numbers of a format in ascending order, `count` to each side of a code's; zeros count once. */
export function neighbours(format: Format, code: number, count: number): Coded[] {
  const negative = (code & signBit(format)) !== 0;
  const magnitude = Math.min(code & magnitudeMask(format), maxCode(format));
  const place = negative ? -magnitude : magnitude;
  const most = maxCode(format);
  const least = format.signBits === 1 ? -most : 0;
  const first = Math.max(least, place - count);
  const last = Math.min(most, place + count);
  return Array.from({ length: last - first + 1 }, (_, i) => {
    const at = first + i;
    const own = at < 0 ? -at + signBit(format) : at;
    return { code: own, value: decode(format, own) };
  });
}

/** What a code is. */
export type Kind = 'zero' | 'subnormal' | 'normal' | 'infinity' | 'NaN';

export function kindOf(format: Format, code: number): Kind {
  const value = decode(format, code);
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return 'infinity';
  if (value === 0) return 'zero';
  const field = (code & magnitudeMask(format)) >> format.mantissaBits;
  return field === 0 && format.hasZero ? 'subnormal' : 'normal';
}

/** A code worth knowing, by its name. */
export interface Landmark extends Coded {
  readonly name: string;
}

/** The codes of a format that are worth knowing. */
export function landmarks(format: Format): Landmark[] {
  const normal = 2 ** format.mantissaBits;
  const one = encode(format, 1);
  const named: [string, number | undefined][] = [
    ['zero', format.hasZero ? 0 : undefined],
    ['smallest subnormal', format.hasZero && format.mantissaBits > 0 ? 1 : undefined],
    ['largest subnormal', format.hasZero && format.mantissaBits > 0 ? normal - 1 : undefined],
    [format.hasZero ? 'smallest normal' : 'smallest', format.hasZero ? normal : 0],
    ['one', decode(format, one) === 1 ? one : undefined],
    ['next after one', decode(format, one) === 1 ? one + 1 : undefined],
    ['largest', maxCode(format)],
    ['infinity', infinityCode(format)],
    ['NaN', nanCode(format)],
    [
      'negative zero',
      format.signBits === 1 && format.specials !== 'negative-zero-nan' ? signBit(format) : undefined,
    ],
  ];
  return named.flatMap(([name, code]) =>
    code === undefined || code >= codeCount(format) ? [] : [{ name, code, value: decode(format, code) }],
  );
}

/** value = (-1)^sign · 2^exponent · significand of a finite code, in its parts. */
export function partsOf(
  format: Format,
  code: number,
): { readonly negative: boolean; readonly exponent: number; readonly significand: number } {
  const magnitude = code & magnitudeMask(format);
  const field = magnitude >> format.mantissaBits;
  const subnormal = field === 0 && format.hasZero;
  const mantissa = magnitude - field * 2 ** format.mantissaBits;
  return {
    negative: (code & signBit(format)) !== 0,
    exponent: subnormal ? minExponent(format) : field - format.bias,
    significand: (subnormal ? 0 : 1) + mantissa * 2 ** -format.mantissaBits,
  };
}
