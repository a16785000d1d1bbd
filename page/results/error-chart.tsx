/** @file Error against the oracle beside speed. */

import { useMemo } from 'preact/hooks';
import type { BenchmarkRun } from './benchmark-run.js';
import { type Product, productSeries, scaleOf } from './series.js';
import { XyProducts } from './xy-products.js';

const y = { name: 'Largest error (% of RMS)', log: true };

export function ErrorChart({ runs }: { readonly runs: readonly BenchmarkRun[] }) {
  const { series, x, place } = useMemo(() => {
    const { series } = productSeries(runs);
    const { unit, factor } = scaleOf(series);
    return {
      series,
      x: { name: `Speed (${unit})`, log: true },
      place: ({ tflops, error }: Product) =>
        [factor * tflops, error === null ? Number.NaN : 100 * error] as const,
    };
  }, [runs]);
  return (
    <XyProducts
      title="Error beside speed"
      summary="To the right is faster, lower is closer to the exact product of the same codes and scales. An emulator is meant to err: it reproduces the error of a matrix instruction, bit for bit."
      label="Largest error over the root mean square of the exact product, against speed, a point for each shape and kernel"
      file="octile-error"
      x={x}
      y={y}
      series={series}
      place={place}
    />
  );
}
