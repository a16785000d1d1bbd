/** @file TFLOP/s by shape and kernel. */

import { useMemo } from 'preact/hooks';
import type { Chart as Bars } from '../../src/report/chart.js';
import { significant } from '../../src/report/number.js';
import { Chart } from '../components/chart.js';
import { Table } from '../components/table.js';
import type { BenchmarkRun } from './benchmark-run.js';
import { speedText, withUnit } from './numbers.js';
import { categoriesOf, mostSeries, productSeries } from './series.js';

/** Pixels below which names of shapes would leave no room for bars. */
const narrow = 500;

function compact(chart: Bars): Bars {
  return {
    ...chart,
    categories: chart.categories.map((name) => name.replaceAll(' × ', '×').replace(', ', '\n')),
  };
}

export function SpeedChart({ runs }: { readonly runs: readonly BenchmarkRun[] }) {
  const { chart, categories, more, top } = useMemo(() => {
    const { series, more } = productSeries(runs);
    const names = categoriesOf(series);
    const speedOf = (index: number, name: string) =>
      series[index]?.products.find((product) => product.name === name)?.tflops ?? NaN;
    const values = series.map((_, index) => [...names.keys()].map((name) => speedOf(index, name)));
    const largest = Math.max(...values.flat().filter(Number.isFinite));
    // Below 0.1 TFLOP/s the axis would be all zeros.
    const scale = largest < 0.1 ? 1e3 : 1;
    const chart: Bars = {
      kind: 'rows',
      label: `Speed of ${series.map(({ name }) => name).join(', ')} on ${names.size} shapes`,
      categories: [...names.values()],
      value: { name: scale === 1 ? 'TFLOP/s' : 'GFLOP/s', min: 0 },
      series: series.map(({ name }, index) => ({
        name,
        values: (values[index] ?? []).map((value) => value * scale),
      })),
    };
    return { chart, categories: [...names.values()], more, top: largest };
  }, [runs]);
  const option = useMemo<Parameters<typeof Chart>[0]['option']>(
    () => (draw, width) => draw.chartOption(width < narrow ? compact(chart) : chart, width),
    [chart],
  );
  const height = useMemo(
    () => () => 92 + categories.length * (12 + 12 * chart.series.length),
    [chart, categories],
  );
  const unit = chart.value.name;
  return (
    <Chart
      title="Speed by shape"
      summary={
        <>
          M × N × K from top to bottom; longer is faster, at most {withUnit(speedText(top))}. A product counts
          2·M·N·K operations over the median time.
          {more > 0 &&
            ` The first ${mostSeries} of ${mostSeries + more} kernels and machines are drawn; the tables have all.`}
        </>
      }
      label={chart.label}
      option={option}
      height={height}
      describe={(series, index) => {
        const one = chart.series[series];
        const value = one?.values[index];
        return one && value !== undefined
          ? `${one.name}\n${categories[index]}\n${significant(value)} ${unit}`
          : undefined;
      }}
      file="octile-speed"
      table={
        <Table
          caption={`Speed in ${unit}`}
          columns={[
            { title: 'M × N × K', cell: (row: number) => categories[row] },
            ...chart.series.map(({ name, values }) => ({
              title: name,
              unit,
              numeric: true,
              cell: (row: number) => {
                const value = values[row] ?? NaN;
                return Number.isFinite(value) ? significant(value) : '–';
              },
            })),
          ]}
          rows={categories.map((_, index) => index)}
          keyOf={(row) => row}
        />
      }
    />
  );
}
