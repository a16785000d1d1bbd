/** @file Every f32 there is, encoded into the two FP8 formats under both overflow rules, as checks. */

import { type Overflow, overflows } from '../format/encode.js';
import type { Format } from '../format/format.js';
import { e4m3, e5m2 } from '../format/formats.js';
import { type Check, hex } from './check.js';
import { exhaustiveEncode } from './exhaustive.js';
import { patternCount } from './step-table.js';

/** Patterns of one step: as exhaustiveEncode takes them by default. */
const slice = 2 ** 24;

/** A check for each format and overflow rule: 2^32 patterns each. */
export function exhaustiveChecks(): Check[] {
  return [e4m3, e5m2].flatMap((format) => overflows.map((overflow) => exhaustiveCheck(format, overflow)));
}

/** Encodes f32 bit patterns, unless told otherwise all of them. */
export function exhaustiveCheck(
  format: Format,
  overflow: Overflow,
  { from, count } = { from: 0, count: patternCount },
): Check {
  return {
    name: `every f32 to ${format.name}, ${overflow}`,
    steps: Math.ceil(count / slice),
    async run(gpu, tick) {
      const options = { from, count, slice, onProgress: tick };
      const { checked, mismatches, first } = await exhaustiveEncode(gpu, format, overflow, options);
      const [wrong] = first;
      return {
        checked,
        mismatches,
        detail: wrong
          ? `first: f32 ${hex(wrong.bits)} encodes to ${hex(wrong.got)}, not ${hex(wrong.expected)}`
          : `f32 ${hex(from)} to ${hex(from + count - 1)}, to nearest even`,
      };
    },
  };
}
