/** @file Encoding as a step function of the f32 bit pattern: which pattern is the first of each code. */

import { encodeBits, type Overflow } from '../format/encode.js';
import type { Format } from '../format/format.js';

/** f32 bit patterns there are. */
export const patternCount = 2 ** 32;

/** Patterns `start` to the next step's `start` - 1 have the code `code`. */
export interface Step {
  readonly start: number;
  readonly code: number;
}

/**
 * Regions in which patterns and magnitudes grow together and infinities and NaNs stand apart: finite values,
 * the infinity and the NaNs of each sign. Each entry is a region's first pattern.
 */
const regions = [0, 0x7f800000, 0x7f800001, 0x80000000, 0xff800000, 0xff800001, patternCount] as const;

/**
 * The steps of nearest-even encoding, from pattern 0 to the last: a few calls of the oracle for each code instead
 * of one for each of 2^32 patterns.
 *
 * This relies on encoding being monotone, which the tests of encodeBits show as a property: within a region
 * the patterns of one code are then consecutive, and the last of them is found by bisection.
 */
export function stepTable(format: Format, overflow: Overflow): Step[] {
  const steps: Step[] = [];
  const codeOf = (bits: number) => encodeBits(format, bits, { overflow });
  for (let r = 0; r + 1 < regions.length; r++) {
    const end = regions[r + 1] as number;
    let length = 1;
    for (let start = regions[r] as number; start < end; start += length) {
      const code = codeOf(start);
      if (code !== steps.at(-1)?.code) steps.push({ start, code });
      length = stepLength(codeOf, start, end, length);
    }
  }
  return steps;
}

/** How many patterns from `start` on, before `end`, have its code. `guess`: the length of the step before. */
function stepLength(codeOf: (bits: number) => number, start: number, end: number, guess: number): number {
  const code = codeOf(start);
  let [same, other] = [start, end];
  // Most steps are as long as the one before.
  for (const pattern of [start + guess - 1, start + guess])
    if (pattern < end) {
      if (codeOf(pattern) === code) same = Math.max(same, pattern);
      else other = Math.min(other, pattern);
    }
  while (other - same > 1) {
    const middle = Math.floor((same + other) / 2);
    if (codeOf(middle) === code) same = middle;
    else other = middle;
  }
  return other - start;
}
