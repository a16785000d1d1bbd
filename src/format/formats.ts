/** @file The formats octile knows, as values. */

import { ArgumentError } from '../errors.js';
import { requireFormat } from './check.js';
import { decode } from './decode.js';
import { type Format, maxCode } from './format.js';

function define(
  name: string,
  [signBits, exponentBits, mantissaBits]: [0 | 1, number, number],
  bias: number,
  specials: Format['specials'],
  hasZero = true,
): Format {
  return Object.freeze({ name, signBits, exponentBits, mantissaBits, bias, specials, hasZero });
}

/** OCP FP8 E4M3 ("fn"): largest value 448, NaN at S.1111.111, no infinity. */
export const e4m3 = /* @__PURE__ */ define('e4m3', [1, 4, 3], 7, 'all-ones-nan');
/** OCP FP8 E5M2: IEEE infinities and NaNs, largest value 57344. */
export const e5m2 = /* @__PURE__ */ define('e5m2', [1, 5, 2], 15, 'ieee');
/** Twelve bits, for stored activations. DeepSeek-V3's report names E5M6; this definition (IEEE) is octile's. */
export const e5m6 = /* @__PURE__ */ define('e5m6', [1, 5, 6], 15, 'ieee');
/** OCP MX FP6 E3M2: largest value 28, no specials. */
export const e3m2 = /* @__PURE__ */ define('e3m2', [1, 3, 2], 3, 'none');
/** OCP MX FP6 E2M3: largest value 7.5, no specials. */
export const e2m3 = /* @__PURE__ */ define('e2m3', [1, 2, 3], 1, 'none');
/** OCP MX FP4 E2M1: largest value 6, no specials. */
export const e2m1 = /* @__PURE__ */ define('e2m1', [1, 2, 1], 1, 'none');
/** OCP MX scale E8M0: 2^-127 to 2^127, NaN at 255, no zero, no sign. */
export const e8m0 = /* @__PURE__ */ define('e8m0', [0, 8, 0], 127, 'all-ones-nan', false);
/** IEEE-like E3M4, as in ml_dtypes. */
export const e3m4 = /* @__PURE__ */ define('e3m4', [1, 3, 4], 3, 'ieee');
/** E4M3 with NaN in place of -0 (AMD, Graphcore). */
export const e4m3fnuz = /* @__PURE__ */ define('e4m3fnuz', [1, 4, 3], 8, 'negative-zero-nan');
/** E5M2 with NaN in place of -0 (AMD, Graphcore). */
export const e5m2fnuz = /* @__PURE__ */ define('e5m2fnuz', [1, 5, 2], 16, 'negative-zero-nan');
/** bfloat16. */
export const bf16 = /* @__PURE__ */ define('bf16', [1, 8, 7], 127, 'ieee');
/** IEEE 754 binary16. */
export const f16 = /* @__PURE__ */ define('f16', [1, 5, 10], 15, 'ieee');

/** Every format, by its name. */
export const formats = {
  e4m3,
  e5m2,
  e5m6,
  e3m2,
  e2m3,
  e2m1,
  e8m0,
  e3m4,
  e4m3fnuz,
  e5m2fnuz,
  bf16,
  f16,
} as const;

export type FormatName = keyof typeof formats;

/** The formats that matrix elements are quantised to: all but the scale format. */
export const elementFormats: readonly FormatName[] = /* @__PURE__ */ (
  Object.keys(formats) as FormatName[]
).filter((name) => name !== 'e8m0');

/**
 * The format of that name.
 * @throws ArgumentError naming `argument` if there is none
 */
export function formatByName(name: string, argument = 'format'): Format {
  const format = (formats as Record<string, Format | undefined>)[name];
  if (!format || !Object.hasOwn(formats, name))
    throw new ArgumentError(argument, name, Object.keys(formats).join(', '));
  return format;
}

/**
 * A format given as itself or by its name.
 * @throws ArgumentError naming `argument`, or its field, if there is none of that name or it describes no format
 */
export function asFormat(format: Format | string, argument = 'format'): Format {
  if (typeof format === 'string') return formatByName(format, argument);
  requireFormat(format, argument);
  return format;
}

/**
 * Whether a format's largest value is 1 to 2^16, as those of formats to quantise to are. Scales of f32 values are then
 * finite unless a value is not, and so are the factors on the way to codes.
 */
export function hasOrdinaryRange(format: Format): boolean {
  return maxFinite(format) >= 1 && maxFinite(format) <= 2 ** 16;
}

/** The largest finite value of a format. */
export function maxFinite(format: Format): number {
  return decode(format, maxCode(format));
}
