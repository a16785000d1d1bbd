/** @file The roofline: what a shape could reach on this GPU by its copy bandwidth and its arithmetic peak. */

import { useMemo } from 'preact/hooks';
import { caseBytes, caseOperations } from '../../bench/suites.js';
import type { XySeries } from '../chart/xy.js';
import { type BenchmarkRun, ceilingsOf } from './benchmark-run.js';
import { bandwidthText, speedScale, speedText, withUnit } from './numbers.js';
import { mostSeries, type Product, productSeries } from './series.js';
import { XyProducts } from './xy-products.js';

const x = { name: 'Operations per byte (FLOP/B)', log: true };

/** Nothing without both ceilings. */
export function Roofline({ run }: { readonly run: BenchmarkRun }) {
  const { bandwidth, peak } = ceilingsOf(run);
  // Two of the series that a chart can tell apart are the roofs.
  const series = useMemo(() => productSeries([run]).series.slice(0, mostSeries - 2), [run]);
  const { y, place, perSecond } = useMemo(() => {
    const { unit, factor } = speedScale(
      Math.max((peak ?? 0) / 1e12, ...series.flatMap(({ products }) => products.map(({ tflops }) => tflops))),
    );
    return {
      y: { name: `Speed (${unit})`, log: true },
      place: (product: Product) => [intensity(product), factor * product.tflops] as const,
      perSecond: (operations: number) => (factor * operations) / 1e12,
    };
  }, [series, peak]);
  const lines = useMemo((): XySeries[] => {
    if (bandwidth === undefined || peak === undefined) return [];
    const intensities = series.flatMap(({ products }) => products.map(intensity));
    const ridge = peak / bandwidth;
    const least = Math.min(ridge / 4, ...intensities) / 1.5;
    const most = Math.max(ridge * 4, ...intensities) * 1.5;
    return [
      {
        name: 'copy bandwidth',
        kind: 'line',
        points: [
          [least, perSecond(least * bandwidth)],
          [ridge, perSecond(peak)],
        ],
      },
      {
        name: 'f32 peak',
        kind: 'dashed',
        points: [
          [ridge, perSecond(peak)],
          [most, perSecond(peak)],
        ],
      },
    ];
  }, [series, bandwidth, peak, perSecond]);
  if (bandwidth === undefined || peak === undefined || series.length === 0) return null;
  return (
    <XyProducts
      title="Roofline"
      summary={`The further right, the more a product computes with each byte that must move. Both roofs were measured on this GPU in this run: copying at ${withUnit(bandwidthText(bandwidth))}, f32 multiply-adds at ${withUnit(speedText(peak / 1e12))}. A kernel on matrix units may stand above the second; one whose data stay in a cache above the first.`}
      label="Roofline: speed against operations for each byte, with the measured bandwidth and arithmetic peak as roofs"
      file="octile-roofline"
      x={x}
      y={y}
      series={series}
      place={place}
      lines={lines}
    />
  );
}

function intensity(product: Product): number {
  return caseOperations(product.case) / caseBytes(product.case);
}
