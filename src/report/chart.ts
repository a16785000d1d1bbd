/** @file Charts of named values as SVG text: lines, bars, rows of bars, dots. */

import type { EChartsCoreOption } from 'echarts/core';
import { ArgumentError } from '../errors.js';
import { type ChartSize, chartCss, colors, renderChart, seriesColors, seriesSymbols } from './svg.js';

export { type ChartSize, chartCss } from './svg.js';

/** An axis of numbers. */
export interface ValueAxis {
  /** What it shows, with its unit. */
  readonly name: string;
  /** The end of the axis; by the data unless given. */
  readonly min?: number;
  readonly max?: number;
  /** Powers of ten at equal distances: for lines and dots of values that span orders of magnitude; 0 leaves a gap. */
  readonly log?: true;
}

/** Named values, one for each category. NaN and infinities leave a gap. */
export interface Series {
  readonly name: string;
  readonly values: readonly number[];
}

export interface Chart {
  /**
   * - line: categories from left to right, values upwards, points joined
   * - bar: the same with bars from zero, side by side
   * - rows: categories from top to bottom, bars from zero to the right
   * - dots: categories from top to bottom, a dot for each series
   */
  readonly kind: 'line' | 'bar' | 'rows' | 'dots';
  /** What the chart shows, for readers who cannot see it. */
  readonly label: string;
  readonly categories: readonly string[];
  /** What the categories are, with their unit; none where their names say it. */
  readonly categoryName?: string;
  readonly value: ValueAxis;
  readonly series: readonly Series[];
}

/** More would be too many to tell apart in one chart. */
export const mostSeries = seriesSymbols.length;

/**
 * Draws a chart as an SVG element without script, links or fonts of its own. Its colours are CSS variables with
 * the light ones as fallback: the page around it sets them (chartCss).
 * @throws ArgumentError if a series has not one value to a category, or if there are more than six
 */
export function drawChart(chart: Chart, size: ChartSize): string {
  for (const { name, values } of chart.series)
    if (values.length !== chart.categories.length)
      throw new ArgumentError(
        `values of ${name}`,
        values.length,
        `one a category: ${chart.categories.length}`,
      );
  if (chart.series.length > mostSeries)
    throw new ArgumentError('series.length', chart.series.length, `at most ${mostSeries}`);
  return renderChart(chartOption(chart, size.width), chart.label, size);
}

/** A chart as an SVG file that stands alone. */
export function chartFile(chart: Chart, size: ChartSize): string {
  return drawChart(chart, size).replace('>', `>\n<style>${chartCss('svg')}</style>`);
}

/** Below this width an axis has room for few labels. */
const narrow = 500;

/** Of the legend, in pixels: a line's height, a letter's width as svg.ts guesses it, and what surrounds a name. */
const legend = { line: 16, letter: 7.2, symbol: 14, gap: 14, padding: 10 } as const;

/** Lines that a legend of these names takes. */
function legendLines(names: readonly string[], width: number): number {
  let [lines, used] = [1, 0];
  for (const name of names) {
    const wide = legend.symbol + legend.padding + legend.letter * name.length + legend.gap;
    if (used > 0 && used + wide > width) [lines, used] = [lines + 1, 0];
    used += wide;
  }
  return lines;
}

/** What renderChart takes. */
export function chartOption(chart: Chart, width: number): EChartsCoreOption {
  const { kind, categories, categoryName, value, series } = chart;
  const [muted] = colors.muted;
  const [grid] = colors.grid;
  const text = { color: muted, fontSize: 12 };
  const name = { nameLocation: 'middle', nameTextStyle: text, nameGap: 28 };
  const sideways = kind === 'rows' || kind === 'dots';
  const categoryAxis = {
    type: 'category',
    data: categories,
    inverse: sideways,
    axisLabel: { ...text, interval: 0, hideOverlap: false },
    axisLine: { lineStyle: { color: muted } },
    axisTick: { show: false },
    splitLine: { show: kind === 'dots', lineStyle: { color: grid } },
    ...(categoryName === undefined ? {} : { name: categoryName, ...name }),
  };
  const valueAxis = {
    type: value.log ? 'log' : 'value',
    scale: kind === 'dots' || kind === 'line',
    axisLabel: { ...text, hideOverlap: true },
    splitNumber: sideways && width < narrow ? 3 : 5,
    axisLine: { show: false },
    splitLine: { lineStyle: { color: grid } },
    ...(value.min === undefined ? {} : { min: value.min }),
    ...(value.max === undefined ? {} : { max: value.max }),
    name: value.name,
    ...name,
    nameGap: sideways ? 28 : 36,
  };
  const many = series.length > 1;
  return {
    animation: false,
    color: [...seriesColors],
    textStyle: { fontFamily: 'system-ui, sans-serif' },
    grid: {
      left: 8,
      right: 20,
      top: many
        ? 20 +
          legend.line *
            legendLines(
              series.map(({ name }) => name),
              width,
            )
        : 12,
      bottom: 8,
      outerBoundsMode: 'same',
      outerBoundsContain: 'all',
    },
    legend: {
      show: many,
      left: 0,
      top: 0,
      selectedMode: false,
      itemWidth: legend.symbol,
      itemHeight: 10,
      itemGap: legend.gap,
      textStyle: text,
    },
    xAxis: sideways ? valueAxis : categoryAxis,
    yAxis: sideways ? categoryAxis : valueAxis,
    series: series.map((one, i) => ({
      name: one.name,
      type: kind === 'line' ? 'line' : kind === 'dots' ? 'scatter' : 'bar',
      data: one.values.map((v) => (Number.isFinite(v) && !(value.log && v <= 0) ? v : '-')),
      silent: true,
      // Where symbols cover each other, the first series is on top.
      z: 10 - i,
      symbol: seriesSymbols[i],
      symbolSize: kind === 'dots' ? 11 : 8,
      // Full colour, or dots that cover each other would be mistaken for another series.
      itemStyle: { opacity: 1 },
      lineStyle: { width: 2 },
      barMaxWidth: 26,
    })),
  };
}
