/**
 * @file How time grows with size: t = t0 + c · x^p, with p = 3 for squares (N³ operations) and p = 1 for rows of A by a
 * fixed weight. t0 is what any size costs, dispatch and filling the GPU; c what each further unit does. Where the law
 * holds, the exponent measured between the largest sizes is close to p; it is less where small sizes leave the GPU
 * idle, and more where caches give out.
 */

import { ArgumentError } from '../src/errors.js';
import type { Chart } from '../src/report/chart.js';

/** A size, and the median time of one run in µs. */
export interface GrowthPoint {
  readonly x: number;
  readonly microseconds: number;
}

export interface GrowthFit {
  readonly power: number;
  /** t0 in µs; at least 0. */
  readonly overhead: number;
  /** c in µs for one unit of x^p. */
  readonly perUnit: number;
  /** Of the relative errors: the root of their mean square. */
  readonly relativeError: number;
  /** d log t / d log x between the two largest sizes. */
  readonly lastExponent: number;
}

/**
 * Fits the law by least squares of relative errors: times span orders of magnitude, and absolute errors would leave
 * the small sizes without a say.
 * @param points at least 2, of different sizes, all above 0
 * @throws ArgumentError
 */
export function fitGrowth(points: readonly GrowthPoint[], power: number): GrowthFit {
  const sorted = [...points].sort((a, b) => a.x - b.x);
  if (new Set(sorted.map(({ x }) => x)).size < 2)
    throw new ArgumentError('points.length', points.length, 'at least 2 of different sizes');
  const bad = sorted.find(({ x, microseconds }) => !(x > 0 && microseconds > 0));
  if (bad) throw new ArgumentError('points', JSON.stringify(bad), 'sizes and times above 0');
  const { overhead, perUnit } = leastSquares(sorted, power);
  const errors = sorted.map(({ x, microseconds }) => (overhead + perUnit * x ** power) / microseconds - 1);
  const [last, before] = [sorted.at(-1), sorted.at(-2)] as [GrowthPoint, GrowthPoint];
  return {
    power,
    overhead,
    perUnit,
    relativeError: Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / errors.length),
    lastExponent: Math.log(last.microseconds / before.microseconds) / Math.log(last.x / before.x),
  };
}

/** The time in µs that the law gives a size. */
export function grownTime({ overhead, perUnit, power }: GrowthFit, x: number): number {
  return overhead + perUnit * x ** power;
}

/** Minimises Σ ((t0 + c·y - t) / t)², y = x^p, with neither below 0. */
function leastSquares(points: readonly GrowthPoint[], power: number) {
  let [u, uy, yy, ut, yt] = [0, 0, 0, 0, 0];
  for (const { x, microseconds: t } of points) {
    const [constant, slope] = [1 / t, x ** power / t];
    u += constant * constant;
    uy += constant * slope;
    yy += slope * slope;
    ut += constant;
    yt += slope;
  }
  const determinant = u * yy - uy * uy;
  const overhead = (ut * yy - yt * uy) / determinant;
  const perUnit = (yt * u - ut * uy) / determinant;
  if (overhead < 0) return { overhead: 0, perUnit: yt / yy };
  return perUnit < 0 ? { overhead: ut / u, perUnit: 0 } : { overhead, perUnit };
}

/** Somebody's times, and the law that fits them. */
export interface GrowthSeries {
  readonly name: string;
  readonly points: readonly GrowthPoint[];
  readonly fit: GrowthFit;
}

/**
 * Times and their laws on logarithmic axes: sizes that double, or grow by another factor, lie at equal distances.
 * @param series at most three, each drawn as measured and as fitted
 * @param size what x is, with its unit
 */
export function growthChart(label: string, size: string, series: readonly GrowthSeries[]): Chart {
  const sizes = [...new Set(series.flatMap(({ points }) => points.map(({ x }) => x)))].sort((a, b) => a - b);
  return {
    kind: 'line',
    label,
    categories: sizes.map(String),
    categoryName: size,
    value: { name: 'µs a run', log: true },
    series: series.flatMap(({ name, points, fit }) => {
      const measured = new Map(points.map(({ x, microseconds }) => [x, microseconds]));
      return [
        { name, values: sizes.map((x) => measured.get(x) ?? Number.NaN) },
        { name: `${name}, law`, values: sizes.map((x) => grownTime(fit, x)) },
      ];
    }),
  };
}
