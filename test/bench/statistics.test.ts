import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clockStep, durations, medianDeviation, runsPerSample } from '../../bench/statistics.js';

describe('durations', () => {
  test('count from the begin of a sample where there was a pause', () =>
    expect(durations(BigUint64Array.of(10n, 15n, 20n, 27n))).toEqual([5, 7]));
  test('count an overlap once', () =>
    expect(durations(BigUint64Array.of(10n, 15n, 11n, 20n))).toEqual([5, 5]));
  test('show a clock that ran backwards', () =>
    expect(durations(BigUint64Array.of(10n, 15n, 11n, 12n))).toEqual([5, -3]));
  test('keep their precision beyond 2^53', () =>
    expect(durations(BigUint64Array.of(2n ** 62n + 1n, 2n ** 62n + 4n))).toEqual([3]));
});

describe('the step of a clock', () => {
  test('is the greatest common divisor of the distances', () => {
    expect(clockStep(BigUint64Array.of(5n, 65541n, 131077n, 327685n))).toBe(65536);
    expect(clockStep(BigUint64Array.of(100n, 132n, 196n, 164n))).toBe(32);
    expect(clockStep(BigUint64Array.of(7n, 7n))).toBe(0);
  });
  test('divides every distance of a coarsened clock', () => {
    const ticks = fc.array(fc.bigInt({ min: 0n, max: 2n ** 36n }), { minLength: 2 });
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 100000n }), ticks, (step, list) => {
        const found = clockStep(BigUint64Array.from(list, (tick) => tick * step));
        expect(BigInt(found) % step).toBe(0n);
      }),
    );
  });
  test('is at most 1 % of a sample', () => {
    expect(runsPerSample(32, 10_000)).toBe(1);
    expect(runsPerSample(65536, 10_000)).toBe(656);
    expect(runsPerSample(0, 10)).toBe(1);
  });
});

test('the median deviation is the middle distance from the median, whatever one sample does', () => {
  expect(medianDeviation([1, 2, 3, 4, 100])).toBe(1);
  expect(medianDeviation([10, 4, 8, 6])).toBe(2);
  expect(medianDeviation([7])).toBe(0);
});
