/** @file The curves: error against K, with the report's figure to compare with. */

import type { EChartsCoreOption } from 'echarts/core';
import { useCallback } from 'preact/hooks';
import { type CurveName, type CurvePoint, curveLengths, curveNames } from '../../src/dataflow/curve.js';
import { profileOf } from '../../src/dataflow/settings.js';
import type { Series } from '../../src/report/chart.js';
import { withStackedLegend } from '../chart/stacked-legend.js';
import { Chart } from '../components/chart.js';
import { Table } from '../components/table.js';
import { roughText } from '../dataflow/number.js';
import { metricTexts } from './controls.js';
import type { ExplorerState } from './state.js';

type Draw = typeof import('../chart/draw.js');

/** “Nearly 2 %”, DeepSeek-V3's technical report (arXiv 2412.19437), section 3.3.2, at K = 4096. */
const reported = 2;

export interface CurveChartProps {
  readonly points: readonly CurvePoint[];
  /** What was measured; the metric may be another than it was then. */
  readonly state: ExplorerState;
}

export function CurveChart({ points, state }: CurveChartProps) {
  const { metric } = state;
  const names = seriesNames(state);
  const percentOf = (point: CurvePoint, name: CurveName) => {
    const errors = point.errors[name];
    return errors && 100 * errors[metric];
  };
  const ks = curveLengths(state);
  const series: Series[] = [
    ...curveNames.map((name) => ({
      name: names[name],
      values: ks.map((k) => {
        const point = points.find((one) => one.k === k);
        return (point && percentOf(point, name)) ?? Number.NaN;
      }),
    })),
    { name: 'DeepSeek-V3’s report: “nearly 2 %”', values: ks.map(() => reported) },
  ];
  const key = JSON.stringify([ks, series]);
  const label = `Error in percent against K: ${curveNames.map((name) => names[name]).join('; ')}; a line at 2 %`;
  const option = useCallback(
    (draw: Draw, width: number) =>
      adapted(
        draw,
        draw.chartOption(
          {
            kind: 'line',
            label,
            categories: ks.map(String),
            categoryName: 'K, products in a sum',
            value: { name: 'error, %', log: true },
            series,
          },
          width,
        ),
        width,
        points.length === 0,
      ),
    [key],
  );
  const last = points.at(-1);
  return (
    <Chart
      title="Error of the accumulator against K"
      summary={
        last
          ? summaryText(last, state)
          : 'Nothing has been measured yet: the curves appear here as they are measured.'
      }
      label={label}
      option={option}
      height={chartHeight}
      describe={(which, index) => {
        const one = series[which];
        const percent = one?.values[index];
        if (!one || !percent || Number.isNaN(percent)) return undefined;
        return `${one.name}\nK = ${ks[index]}\n${roughText(percent)} %`;
      }}
      file="octile-accumulator"
      table={
        <Table
          caption={`${metricTexts[metric]}, in percent`}
          columns={[
            { title: 'K', cell: ({ k }: CurvePoint) => k },
            ...curveNames.map((name) => ({
              title: names[name],
              unit: '%',
              numeric: true,
              cell: (point: CurvePoint) => {
                const percent = percentOf(point, name);
                return percent === undefined ? '—' : roughText(percent);
              },
            })),
          ]}
          rows={points}
          keyOf={({ k }) => k}
        />
      }
    />
  );
}

/** Axes of a chart that has nothing to measure itself by, in percent. */
const emptyRange = { min: 1e-5, max: 10 };

/**
 * The last series is no measurement: a dashed line without marks. Names are long: where they do not fit side by side
 * each has a line of its own, and labels of small errors are powers of ten.
 */
function adapted(
  { colors }: Draw,
  option: EChartsCoreOption,
  width: number,
  empty: boolean,
): EChartsCoreOption {
  const { series, xAxis, yAxis } = option as Record<string, object>;
  if (!Array.isArray(series)) return option;
  const last = series.length - 1;
  const small = width < narrow;
  return {
    ...(small ? withStackedLegend(option, series.length) : option),
    xAxis: { ...xAxis, axisLabel: { color: colors.muted[0], fontSize: small ? 10 : 12 } },
    yAxis: {
      ...yAxis,
      ...(empty ? emptyRange : {}),
      axisLabel: {
        color: colors.muted[0],
        formatter: (value: number) => (value < 1e-3 ? value.toExponential(0) : String(value)),
      },
    },
    series: series.map((one, i) =>
      i === last ? { ...one, symbol: 'none', lineStyle: { width: 2, type: [6, 5] } } : one,
    ),
  };
}

/** Pixels below which the legend has a line for each series. */
const narrow = 560;

function chartHeight(width: number): number {
  return width < narrow ? 400 : 380;
}

function seriesNames(state: ExplorerState): Record<CurveName, string> {
  const { name, fractionBits } = profileOf(state);
  const own = name === 'custom' ? `custom, F = ${fractionBits}` : name;
  return {
    unpromoted: `${own}, never promoted`,
    promoted: `promoted every ${state.interval}`,
    f32: 'f32, one product after the other',
  };
}

/** What the last point says. */
function summaryText({ k, errors }: CurvePoint, state: ExplorerState): string {
  const { metric } = state;
  const names = seriesNames(state);
  const parts = curveNames.flatMap((name) => {
    const one = errors[name];
    return one ? [`${names[name]}: ${roughText(100 * one[metric])} %`] : [];
  });
  return `At K = ${k}: ${parts.join('; ')}.`;
}
