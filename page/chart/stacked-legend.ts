/** @file A legend with a line for each series, for names that do not fit side by side on a phone. */

import type { EChartsCoreOption } from 'echarts/core';

const line = 22;

/** Pixels above the drawing that a stacked legend takes. */
export function stackedLegendHeight(series: number): number {
  return line * series + 8;
}

/** The option with its legend stacked above the drawing. */
export function withStackedLegend(option: EChartsCoreOption, series: number): EChartsCoreOption {
  const { legend, grid } = option as Record<string, object>;
  return {
    ...option,
    legend: { ...legend, orient: 'vertical', itemGap: line - 16 },
    grid: { ...grid, top: stackedLegendHeight(series) },
  };
}
