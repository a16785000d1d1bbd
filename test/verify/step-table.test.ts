/** @file The step table is encodeBits: at every boundary, beside it, and in between. */

import { expect, test } from 'vitest';
import { encodeBits, overflows } from '../../src/format/encode.js';
import { codeCount } from '../../src/format/format.js';
import { formats } from '../../src/format/formats.js';
import { patternCount, type Step, stepTable } from '../../src/verify/step-table.js';

/** The code that the table gives to a pattern. */
function lookUp(steps: readonly Step[], bits: number): number | undefined {
  let [low, high] = [0, steps.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((steps[middle] as Step).start <= bits) low = middle;
    else high = middle;
  }
  return steps[low]?.code;
}

for (const format of Object.values(formats))
  for (const overflow of overflows)
    test(`${format.name}, ${overflow}`, () => {
      const steps = stepTable(format, overflow);
      expect(steps[0]?.start).toBe(0);
      const wrong = (bits: number) => lookUp(steps, bits) !== encodeBits(format, bits, { overflow });

      const boundaries = steps.flatMap(({ start }) => [start - 1, start, start + 1]);
      expect(boundaries.filter((bits) => bits >= 0 && bits < patternCount && wrong(bits))).toEqual([]);

      // Multiples of an odd number visit all 2^32 patterns before any again, evenly spread all the while.
      const samples = Array.from({ length: 50_000 }, (_, i) => Math.imul(i, 0x9e3779b1) >>> 0);
      expect(samples.filter(wrong)).toEqual([]);
    });

test('saturating e4m3 has one step for each code', () => {
  // 0 to 448 and NaN, with both signs; the infinities continue the steps of 448 and -448.
  const { e4m3, e8m0 } = formats;
  expect(stepTable(e4m3, 'saturate')).toHaveLength(codeCount(e4m3));
  expect(stepTable(e4m3, 'saturate').slice(0, 3)).toEqual([
    { start: 0, code: 0 },
    // 2^-10 is the tie, which goes to 0.
    { start: 0x3a800001, code: 1 },
    { start: 0x3b400000, code: 2 },
  ]);
  expect(stepTable(e8m0, 'saturate').at(-1)).toEqual({ start: 0x7f800001, code: 255 });
});
