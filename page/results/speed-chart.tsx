/** @file TFLOP/s by shape and kernel. */

import { useMemo } from 'preact/hooks';
import type { BenchmarkRun } from './benchmark-run.js';
import { RateChart } from './rate-chart.js';
import { categoriesOf, mostSeries, productSeries } from './series.js';

export function SpeedChart({ runs }: { readonly runs: readonly BenchmarkRun[] }) {
  const { series, categories, more } = useMemo(() => {
    const { series, more } = productSeries(runs);
    const names = categoriesOf(series);
    return {
      more,
      categories: [...names.values()],
      series: series.map(({ name, products }) => ({
        name,
        rates: [...names.keys()].map(
          (key) => products.find((product) => product.name === key)?.tflops ?? Number.NaN,
        ),
      })),
    };
  }, [runs]);
  return (
    <RateChart
      title="Speed by shape"
      summary={(top) => (
        <>
          M × N × K from top to bottom; longer is faster, at most {top}. A product counts 2·M·N·K operations
          over the median time.
          {more > 0 &&
            ` The first ${mostSeries} of ${mostSeries + more} kernels and machines are drawn; the tables have all.`}
        </>
      )}
      categories={categories}
      series={series}
      file="octile-speed"
    />
  );
}
