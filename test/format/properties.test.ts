/** @file Properties of encoding that hold for every format and every value. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeTable } from '../../src/format/decode.js';
import { encode, roundings } from '../../src/format/encode.js';
import { codeCount } from '../../src/format/format.js';
import { formats, maxFinite } from '../../src/format/formats.js';
import { bitsOf, isNaNBits, numberOf } from './bits.js';

describe.each(Object.entries(formats))('%s, for every value', (_, format) => {
  const values = decodeTable(format);
  const anyBits = fc.oneof(
    fc.integer({ min: 0, max: 0xffffffff }),
    // Around the format's own magnitudes, where most patterns of f32 are not.
    fc.float({ min: -Math.fround(maxFinite(format)), max: Math.fround(maxFinite(format)) }).map(bitsOf),
    // Beside the values and the ties.
    fc
      .tuple(fc.nat({ max: codeCount(format) - 2 }), fc.constantFrom(0, 0.5), fc.integer({ min: -2, max: 2 }))
      .map(([code, part, ulps]) => {
        const [low, high] = [values[code] as number, values[code + 1] as number];
        return (bitsOf(low + (Number.isFinite(high) ? part * (high - low) : 0)) + ulps) >>> 0;
      }),
  );
  const anyNumber = anyBits.filter((bits) => !isNaNBits(bits)).map(numberOf);

  test('decoding and encoding again gives the code back', () => {
    const codes = Array.from(values.keys());
    for (const rounding of roundings) {
      const options = { rounding, overflow: 'ieee', random: 0 } as const;
      const changed = codes.filter((code) => {
        const value = values[code] as number;
        const back = encode(format, value, options);
        // Of a format's several NaNs one is written.
        return Number.isNaN(value) ? !Number.isNaN(values[back]) : back !== code;
      });
      expect(changed).toEqual([]);
    }
  });

  test('encoding is monotone', () => {
    fc.assert(
      fc.property(
        anyNumber,
        anyNumber,
        fc.constantFrom(...roundings),
        fc.nat({ max: 0xffffffff }),
        (x, y, rounding, random) => {
          // e8m0 has no negative values.
          if (format.signBits === 0) [x, y] = [Math.abs(x), Math.abs(y)];
          const [low, high] = x < y ? [x, y] : [y, x];
          const of = (value: number) => values[encode(format, value, { rounding, random })] as number;
          expect(of(low)).toBeLessThanOrEqual(of(high));
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('nearest-even is nearest among the neighbours, and even between two', () => {
    fc.assert(
      fc.property(anyNumber, (x) => {
        const value = format.signBits === 0 ? Math.abs(x) : x;
        if (Math.abs(value) > maxFinite(format)) return;
        const code = encode(format, value);
        const distance = (c: number) => Math.abs((values[c] ?? Number.NaN) - value);
        for (const neighbour of [code - 1, code + 1]) {
          // A NaN distance (beyond the last code, an infinity or a NaN) is no neighbour.
          if (!Number.isFinite(distance(neighbour))) continue;
          expect(distance(code)).toBeLessThanOrEqual(distance(neighbour));
          if (distance(code) === distance(neighbour) && format.hasZero) expect(code % 2).toBe(0);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('toward-zero never grows a value and leaves less than a step', () => {
    fc.assert(
      fc.property(anyNumber, (x) => {
        const value = format.signBits === 0 ? Math.abs(x) : x;
        if (Math.abs(value) > maxFinite(format) || (!format.hasZero && value < (values[0] as number))) return;
        const code = encode(format, value, { rounding: 'toward-zero' });
        expect(Math.abs(values[code] as number)).toBeLessThanOrEqual(Math.abs(value));
        const next = values[code + 1] ?? Number.NaN;
        if (Number.isFinite(next) && code % (codeCount(format) / 2) !== codeCount(format) / 2 - 1)
          expect(Math.abs(next)).toBeGreaterThan(Math.abs(value));
      }),
      { numRuns: 2000 },
    );
  });
});
