import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fitGrowth, type GrowthPoint, grownTime, growthChart } from '../../bench/growth.js';
import { ArgumentError } from '../../src/errors.js';
import { chartFile } from '../../src/report/chart.js';

const sizes = [256, 512, 1024, 2048, 4096];
const law = (overhead: number, perUnit: number, power: number): GrowthPoint[] =>
  sizes.map((x) => ({ x, microseconds: overhead + perUnit * x ** power }));

test('a law is found again in the times that it gives, whatever their order', () => {
  const positive = { min: Math.fround(1e-3), max: 1e3, noNaN: true };
  fc.assert(
    fc.property(fc.float(positive), fc.float(positive), fc.constantFrom(1, 3), (overhead, perUnit, power) => {
      const fit = fitGrowth(law(overhead, perUnit, power).reverse(), power);
      expect(fit.perUnit / perUnit).toBeCloseTo(1, 6);
      expect(fit.relativeError).toBeLessThan(1e-6);
      for (const x of sizes) expect(grownTime(fit, x) / (overhead + perUnit * x ** power)).toBeCloseTo(1, 6);
    }),
  );
});

test('the exponent between the largest sizes shows where the law fails', () => {
  expect(fitGrowth(law(0, 1e-6, 3), 3).lastExponent).toBeCloseTo(3, 9);
  // The largest takes twice what the law says.
  const broken = law(0, 1e-6, 3).map(({ x, microseconds }, i) => ({
    x,
    microseconds: microseconds * (i === sizes.length - 1 ? 2 : 1),
  }));
  const fit = fitGrowth(broken, 3);
  expect(fit.lastExponent).toBeCloseTo(4, 9);
  expect(fit.relativeError).toBeGreaterThan(0.1);
});

test('neither overhead nor growth is below 0, and what is left fits as well as it can', () => {
  // Faster than the law allows: through the points (1, 1) and (2, 4) a line would start at -2.
  const steep = fitGrowth(
    [
      { x: 1, microseconds: 1 },
      { x: 2, microseconds: 4 },
    ],
    1,
  );
  // c minimises (c - 1)² + (c/2 - 1)²: c = 1.5 / 1.25.
  expect(steep).toMatchObject({ overhead: 0, perUnit: expect.closeTo(1.2, 12) });
  // Slower for the smaller one: t0 minimises (t0/3 - 1)² + (t0 - 1)².
  const falling = fitGrowth(
    [
      { x: 1, microseconds: 3 },
      { x: 2, microseconds: 1 },
    ],
    1,
  );
  expect(falling).toMatchObject({ overhead: expect.closeTo(4 / 3 / (10 / 9), 12), perUnit: 0 });
});

describe('what has no law is refused', () => {
  test.each([
    [[]],
    [[{ x: 1, microseconds: 1 }]],
    [
      [
        { x: 1, microseconds: 1 },
        { x: 1, microseconds: 2 },
      ],
    ],
    [
      [
        { x: 0, microseconds: 1 },
        { x: 1, microseconds: 2 },
      ],
    ],
    [
      [
        { x: 1, microseconds: Number.NaN },
        { x: 2, microseconds: 2 },
      ],
    ],
  ])('%j', (points) => expect(() => fitGrowth(points, 3)).toThrow(ArgumentError));
});

test('the chart has every measured time and the law at every size', () => {
  const points = law(10, 1e-6, 3);
  const fit = fitGrowth(points, 3);
  const part = points.slice(1);
  const chart = growthChart('time', 'N', [
    { name: 'one', points, fit },
    { name: 'two', points: part, fit },
  ]);
  expect(chart.categories).toEqual(sizes.map(String));
  expect(chart.series.map(({ name }) => name)).toEqual(['one', 'one, law', 'two', 'two, law']);
  const [one, ruled, two] = chart.series;
  expect(one?.values).toEqual(points.map(({ microseconds }) => microseconds));
  expect(ruled?.values).toEqual(sizes.map((x) => grownTime(fit, x)));
  expect(two?.values.map(Number.isNaN)).toEqual([true, false, false, false, false]);
  expect(chartFile(chart, { width: 800, height: 400 })).toContain('two, law');
});
