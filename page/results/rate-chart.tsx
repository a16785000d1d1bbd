/** @file Rates by shape as rows of bars, a series for each kernel or library. */

import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Chart as Bars } from '../../src/report/chart.js';
import { significant } from '../../src/report/number.js';
import { stackedLegendHeight, withStackedLegend } from '../chart/stacked-legend.js';
import { Chart } from '../components/chart.js';
import { Table } from '../components/table.js';
import { speedScale, speedText, withUnit } from './numbers.js';

/** Pixels below which names of shapes would leave no room for bars. */
const narrow = 500;

function compact(chart: Bars): Bars {
  return {
    ...chart,
    categories: chart.categories.map((name) => name.replaceAll(' × ', '×').replace(', ', '\n')),
  };
}

export interface RateSeries {
  readonly name: string;
  /** TFLOP/s for each category; NaN where there is none. */
  readonly rates: readonly number[];
}

export interface RateChartProps {
  readonly title: string;
  /** What can be seen in it, given the largest rate in words. */
  readonly summary: (top: string) => ComponentChildren;
  /** Shapes, and what sets cases of one shape apart. The same list as long as nothing changes, as are the series. */
  readonly categories: readonly string[];
  /** As many as a chart can tell apart. */
  readonly series: readonly RateSeries[];
  readonly file: string;
}

export function RateChart({ title, summary, categories, series, file }: RateChartProps) {
  const { chart, top } = useMemo(() => {
    const top = Math.max(...series.flatMap(({ rates }) => rates).filter(Number.isFinite));
    const { unit, factor } = speedScale(top);
    const chart: Bars = {
      kind: 'rows',
      label: `Speed of ${series.map(({ name }) => name).join(', ')} on ${categories.length} shapes`,
      categories: [...categories],
      value: { name: unit, min: 0 },
      series: series.map(({ name, rates }) => ({ name, values: rates.map((rate) => rate * factor) })),
    };
    return { chart, top };
  }, [categories, series]);
  const option = useMemo<Parameters<typeof Chart>[0]['option']>(
    () => (draw, width) =>
      width < narrow
        ? withStackedLegend(draw.chartOption(compact(chart), width), chart.series.length)
        : draw.chartOption(chart, width),
    [chart],
  );
  const height = useMemo(
    () => (width: number) =>
      (width < narrow ? 56 + stackedLegendHeight(chart.series.length) : 92) +
      categories.length * (12 + 12 * chart.series.length),
    [chart, categories],
  );
  const unit = chart.value.name;
  return (
    <Chart
      title={title}
      summary={summary(withUnit(speedText(top)))}
      label={chart.label}
      option={option}
      height={height}
      describe={(which, index) => {
        const one = chart.series[which];
        const value = one?.values[index];
        return one && value !== undefined
          ? `${one.name}\n${categories[index]}\n${significant(value)} ${unit}`
          : undefined;
      }}
      file={file}
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
                const value = values[row] ?? Number.NaN;
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
