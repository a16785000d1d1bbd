/** @file Every f32 there is, encoded into the two FP8 formats under both overflow rules, as checks. */

import { overflows } from '../format/encode.js';
import { e4m3, e5m2 } from '../format/formats.js';
import type { Check } from './check.js';
import { exhaustiveEncode } from './exhaustive.js';
import { patternCount } from './step-table.js';

/** Patterns of one step: as exhaustiveEncode takes them by default. */
const slice = 2 ** 24;

/** A check for each format and overflow rule: 2^32 patterns each. */
export function exhaustiveChecks(): Check[] {
  return [e4m3, e5m2].flatMap((format) =>
    overflows.map((overflow): Check => {
      return {
        name: `every f32 to ${format.name}, ${overflow}`,
        steps: patternCount / slice,
        async run(gpu, tick) {
          const { checked, mismatches, first } = await exhaustiveEncode(gpu, format, overflow, {
            slice,
            onProgress: tick,
          });
          const [wrong] = first;
          return {
            checked,
            mismatches,
            detail: wrong
              ? `first: f32 0x${wrong.bits.toString(16)} encodes to 0x${wrong.got.toString(16)}, not 0x${wrong.expected.toString(16)}`
              : 'all 2^32 bit patterns, to nearest even',
          };
        },
      };
    }),
  );
}
