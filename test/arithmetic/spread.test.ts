import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { spread } from '../../src/arithmetic/spread.js';
import { ArgumentError } from '../../src/errors.js';

describe('spread', () => {
  test('takes what is not finite for what it is', () =>
    expect(spread([1, Infinity, 3])).toEqual({ min: 1, median: 3, max: Infinity, samples: 3 }));
  test('of an odd number is the value in the middle', () =>
    expect(spread([5, 1, 9])).toEqual({ min: 1, median: 5, max: 9, samples: 3 }));
  test('of an even number is the mean of both in the middle', () =>
    expect(spread([8, 1, 9, 2])).toEqual({ min: 1, median: 5, max: 9, samples: 4 }));
  test('of one value is that value', () =>
    expect(spread([7])).toEqual({ min: 7, median: 7, max: 7, samples: 1 }));
  test('sorts by number, not by text', () => expect(spread([10, 9, 100]).max).toBe(100));
  test('leaves its argument as it was', () => {
    const values = [3, 1, 2];
    spread(values);
    expect(values).toEqual([3, 1, 2]);
  });
  test('refuses what has no median', () => {
    expect(() => spread([])).toThrow(ArgumentError);
    expect(() => spread([1, Number.NaN])).toThrow(/values\[1\]/);
  });
  test('has as many values below the median as above', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1 }), (values) => {
        const { min, median, max } = spread(values);
        const below = values.filter((value) => value < median).length;
        const above = values.filter((value) => value > median).length;
        expect(Math.max(below, above)).toBeLessThanOrEqual(values.length / 2);
        expect(values).toContain(min);
        expect(values).toContain(max);
        expect(values.every((value) => value >= min && value <= max)).toBe(true);
      }),
    );
  });
});
