import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ArgumentError } from '../../src/errors.js';
import {
  calcDiff,
  compare,
  cosine,
  maxAbsolute,
  maxOverRms,
  maxRelative,
  rootMeanSquare,
  sqnr,
} from '../../src/report/metrics.js';

const all = { calcDiff, sqnr, cosine, maxAbsolute, maxRelative, maxOverRms };

describe('hand-computed', () => {
  // x = (1, 2, 4), y = (1, 3, 3): Σxy = 19, Σx² = 21, Σy² = 19, Σ(x-y)² = 2.
  const x = [1, 2, 4];
  const y = [1, 3, 3];
  test('calc_diff is 1 - 2·19/40 = 0.05', () => expect(calcDiff(x, y)).toBeCloseTo(0.05, 14));
  test('SQNR is 10·log10(19/2) = 9.7772 dB', () => expect(sqnr(x, y)).toBeCloseTo(9.777236, 6));
  test('cosine is 19/√399 = 0.951190', () => expect(cosine(x, y)).toBeCloseTo(0.9511897, 7));
  test('the largest absolute error is 1', () => expect(maxAbsolute(x, y)).toBe(1));
  test('the largest relative error is 1/3', () => expect(maxRelative(x, y)).toBeCloseTo(1 / 3, 15));
  test('the largest error over the RMS of y is 1/√(19/3)', () =>
    expect(maxOverRms(x, y)).toBeCloseTo(0.3973597, 7));
  test('the RMS of (3, 4) is √12.5', () => expect(rootMeanSquare([3, 4])).toBeCloseTo(3.5355339, 7));
  test('an error of a tenth everywhere is 20 dB', () =>
    expect(sqnr([1.1, -2.2], [1, -2])).toBeCloseTo(20, 10));
});

describe('edges', () => {
  test('equal lists', () =>
    expect(compare([1, -2, 0], [1, -2, 0])).toEqual({
      calcDiff: 0,
      sqnr: Infinity,
      cosine: 1,
      maxAbsolute: 0,
      maxRelative: 0,
      maxOverRms: 0,
    }));
  test('two lists of zeros are equal', () =>
    expect(compare([0, 0], [0, -0])).toEqual({
      calcDiff: 0,
      sqnr: Infinity,
      cosine: 1,
      maxAbsolute: 0,
      maxRelative: 0,
      maxOverRms: 0,
    }));
  test('an error on a reference of zeros', () =>
    expect(compare([0, 2], [0, 0])).toEqual({
      calcDiff: 1,
      sqnr: -Infinity,
      cosine: 0,
      maxAbsolute: 2,
      maxRelative: Infinity,
      maxOverRms: Infinity,
    }));
  test('a result of zeros loses everything', () => {
    expect(calcDiff([0, 0], [3, 4])).toBe(1);
    expect(sqnr([0, 0], [3, 4])).toBe(0);
    expect(maxRelative([0, 0], [3, 4])).toBe(1);
  });
  test('opposite signs give 2 and -1', () => {
    expect(calcDiff([-3, 4], [3, -4])).toBe(2);
    expect(cosine([-3, 4], [3, -4])).toBe(-1);
  });
  for (const bad of [NaN, Infinity, -Infinity])
    test(`${bad} anywhere makes every metric NaN`, () => {
      for (const metric of Object.values(all)) {
        expect(metric([1, bad], [1, 2])).toBeNaN();
        expect(metric([1, 2], [1, bad])).toBeNaN();
        expect(metric([1, bad], [1, bad])).toBeNaN();
      }
    });
  test('lists that differ in length, and empty ones, are refused', () => {
    for (const metric of Object.values(all)) {
      expect(() => metric([1], [1, 2])).toThrow(ArgumentError);
      expect(() => metric([], [])).toThrow(ArgumentError);
    }
  });
});

describe('properties', () => {
  const value = fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((v) => (Math.abs(v) < 1e-6 ? 0 : v));
  const pair = fc
    .integer({ min: 1, max: 40 })
    .chain((n) =>
      fc.tuple(
        fc.array(value, { minLength: n, maxLength: n }),
        fc.array(value, { minLength: n, maxLength: n }),
      ),
    );

  test('calc_diff is the published formula, symmetric, and from 0 to 2', () =>
    fc.assert(
      fc.property(pair, ([x, y]) => {
        const diff = calcDiff(x, y);
        expect(calcDiff(y, x)).toBe(diff);
        expect(diff).toBeGreaterThanOrEqual(0);
        expect(diff).toBeLessThanOrEqual(2 + 1e-12);
        const product = x.reduce((sum, v, i) => sum + v * (y[i] as number), 0);
        const squares = [...x, ...y].reduce((sum, v) => sum + v * v, 0);
        // The published form cancels: its error is a few units of f64's last place of 1.
        if (squares > 0) expect(diff).toBeCloseTo(1 - (2 * product) / squares, 12);
      }),
    ));
  test('cosine and SQNR do not change when both lists are scaled', () =>
    fc.assert(
      fc.property(pair, ([x, y]) => {
        const scaled = (values: number[]) => values.map((v) => v * 1024);
        expect(cosine(scaled(x), scaled(y))).toBe(cosine(x, y));
        expect(sqnr(scaled(x), scaled(y))).toBe(sqnr(x, y));
      }),
    ));
  test('a larger error is a lower SQNR and a larger calc_diff', () =>
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 40 }), (y) => {
        fc.pre(y.some((v) => v !== 0));
        const off = (by: number) => y.map((v) => v * (1 + by));
        expect(sqnr(off(0.02), y)).toBeLessThan(sqnr(off(0.01), y));
        expect(calcDiff(off(0.02), y)).toBeGreaterThan(calcDiff(off(0.01), y));
      }),
    ));
});
