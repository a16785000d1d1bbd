/** @file The curves: error against K, with the report's figure to compare with. */

import { useCallback } from 'preact/hooks';
import { type CurveName, type CurvePoint, curveNames } from '../../src/dataflow/curve.js';
import { profileOf } from '../../src/dataflow/settings.js';
import { Chart } from '../components/chart.js';
import { Table } from '../components/table.js';
import { roughText } from '../dataflow/number.js';
import { metricTexts } from './controls.js';
import type { ExplorerState } from './state.js';

/** “Nearly 2 %”, DeepSeek-V3's technical report (arXiv 2412.19437), section 3.3.2, at K = 4096. */
const reported = 2;

export interface CurveChartProps {
  readonly points: readonly CurvePoint[];
  /** What was measured; the metric may be another than it was then. */
  readonly state: ExplorerState;
}

export function CurveChart({ points, state }: CurveChartProps) {
  const { metric, longest } = state;
  const names = seriesNames(state);
  const percentOf = (point: CurvePoint, name: CurveName) => {
    const errors = point.errors[name];
    return errors && 100 * errors[metric];
  };
  const series = curveNames.map((name) => ({
    name: names[name],
    // A logarithmic axis has no place for 0.
    points: points.flatMap((point): (readonly [number, number])[] => {
      const percent = percentOf(point, name);
      return percent ? [[point.k, percent]] : [];
    }),
  }));
  const key = JSON.stringify([names, metric, points]);
  const option = useCallback<Parameters<typeof Chart>[0]['option']>(
    (draw, width) =>
      draw.xyOption(
        {
          x: { name: 'K, products in a sum', log: true, min: 100, max: longest * 1.3 },
          y: { name: 'error, %', log: true },
          series: [
            ...series.map(({ name, points: at }) => ({ name, kind: 'line' as const, points: at })),
            {
              name: 'report: “nearly 2 %”',
              kind: 'dashed',
              points: [
                [100, reported],
                [longest * 1.3, reported],
              ],
            },
          ],
        },
        width,
      ),
    [key],
  );
  const last = points.at(-1);
  return (
    <Chart
      title="Error of the accumulator against K"
      summary={last ? summaryText(last, state) : 'Nothing has been measured yet.'}
      label={`Error in percent against K: ${curveNames.map((name) => names[name]).join('; ')}; a line at 2 %`}
      option={option}
      height={chartHeight}
      describe={() => undefined}
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

function chartHeight(width: number): number {
  return width < 500 ? 340 : 380;
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
