/** @file Runs as series of charts: one for each kernel of each run. */

import type { Measurement } from '../../bench/record.js';
import type { GemmCase } from '../../bench/suites.js';
import { type BenchmarkRun, isMeasured } from './benchmark-run.js';
import { speedScale } from './numbers.js';

/** Series that a chart can tell apart. */
export const mostSeries = 6;

export type Product = Measurement & { readonly case: GemmCase; readonly tflops: number };

export interface ProductSeries {
  /** The kernel, after the machine where there are several. */
  readonly name: string;
  readonly products: readonly Product[];
}

/** Measured products by run and kernel; the first six series, and how many more there are. */
export function productSeries(runs: readonly BenchmarkRun[]): {
  readonly series: readonly ProductSeries[];
  readonly more: number;
} {
  const names = runNames(runs);
  const all = runs.flatMap((run, index) => {
    const products = run.records.filter(
      (record): record is Product =>
        isMeasured(record) && record.case.kind === 'gemm' && record.tflops !== null,
    );
    const kernels = [...new Set(products.map(({ kernel }) => kernel))];
    return kernels.map((kernel) => ({
      name: runs.length > 1 ? `${names[index]}: ${kernel}` : kernel,
      products: products.filter((product) => product.kernel === kernel),
    }));
  });
  return { series: all.slice(0, mostSeries), more: Math.max(0, all.length - mostSeries) };
}

/** The unit that suits the fastest of the series. */
export function scaleOf(series: readonly ProductSeries[]): ReturnType<typeof speedScale> {
  return speedScale(Math.max(...series.flatMap(({ products }) => products.map(({ tflops }) => tflops))));
}

/** What to call each run among these: the machine, numbered where it occurs twice. */
export function runNames(runs: readonly BenchmarkRun[]): string[] {
  return runs.map(({ machine }, index) => {
    const before = runs.slice(0, index).filter((run) => run.machine.name === machine.name).length;
    const twice = runs.filter((run) => run.machine.name === machine.name).length > 1;
    return twice ? `${machine.name} (${before + 1})` : machine.name;
  });
}

/** "128 × 7168 × 4096". */
export function shapeText({ m, n, k }: Pick<GemmCase, 'm' | 'n' | 'k'>): string {
  return `${m} × ${n} × ${k}`;
}

/** What sets cases of one shape apart, in words. */
const differences: readonly ((one: GemmCase) => string)[] = [
  ({ aFormat }) => `A ${aFormat}`,
  ({ bFormat }) => `B ${bFormat}`,
  ({ aGranularity }) => `A ${aGranularity}`,
  ({ bGranularity }) => `B ${bGranularity}`,
  ({ out }) => `to ${out}`,
  ({ dialect }) => dialect ?? 'usual dialect',
  ({ distribution = 'normal' }) => `${distribution} data`,
  ({ accumulator }) => accumulator ?? 'plain sums',
  ({ promote }) =>
    promote === undefined
      ? 'promoted as usual'
      : promote === 'none'
        ? 'not promoted'
        : `promoted every ${promote}`,
];

/** By the case's name: its shape and, where a shape was measured in several ways, what sets this one apart. */
export function categoriesOf(series: readonly ProductSeries[]): Map<string, string> {
  const cases = new Map(
    series.flatMap(({ products }) => products.map((one) => [one.name, one.case] as const)),
  );
  return new Map(
    [...cases].map(([name, one]) => {
      const same = [...cases.values()].filter((other) => shapeText(other) === shapeText(one));
      const apart = differences
        .filter((text) => same.some((other) => text(other) !== text(one)))
        .map((text) => text(one));
      return [name, [shapeText(one), ...apart].join(', ')];
    }),
  );
}
