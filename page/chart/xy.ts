/** @file Charts of points and lines over two axes of numbers, as options of ECharts. */

import type { EChartsCoreOption } from 'echarts/core';
import { colors, seriesColors, seriesSymbols } from '../../src/report/svg.js';

export interface XyAxis {
  /** What it shows, with its unit. */
  readonly name: string;
  /** Powers of ten at equal distances. */
  readonly log?: boolean;
  readonly min?: number;
  readonly max?: number;
}

export interface XySeries {
  readonly name: string;
  readonly kind: 'points' | 'line' | 'dashed';
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface XyChart {
  readonly x: XyAxis;
  readonly y: XyAxis;
  /** Six at most. */
  readonly series: readonly XySeries[];
}

/** Lines that a legend's entries take, each whole, at about 7 pixels a character beside its symbol. */
export function linesOf(names: readonly string[], width: number): number {
  let lines = 1;
  let used = 0;
  for (const name of names) {
    const entry = 7 * (name.length + 5);
    if (used > 0 && used + entry > width) {
      lines++;
      used = 0;
    }
    used += entry;
  }
  return lines;
}

/** @param width pixels: narrow charts give their legend more lines */
export function xyOption({ x, y, series }: XyChart, width: number): EChartsCoreOption {
  const text = { color: colors.muted[0], fontSize: 12 };
  const axis = ({ name, log, min, max }: XyAxis, nameGap: number) => ({
    type: log ? 'log' : 'value',
    scale: true,
    name,
    nameLocation: 'middle',
    nameTextStyle: text,
    nameGap,
    axisLabel: { ...text, formatter: shortNumber, hideOverlap: true },
    axisLine: { show: true, lineStyle: { color: colors.muted[0] } },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: colors.grid[0] } },
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
  });
  const names = series.map(({ name }) => name);
  const legendLines = series.length > 1 ? linesOf(names, width) : 0;
  return {
    animation: false,
    color: [...seriesColors],
    textStyle: { fontFamily: 'system-ui, sans-serif' },
    grid: {
      left: 8,
      right: 24,
      top: 14 + 24 * legendLines,
      bottom: 8,
      outerBoundsMode: 'same',
      outerBoundsContain: 'all',
    },
    legend: {
      show: legendLines > 0,
      left: 0,
      top: 0,
      selectedMode: false,
      itemWidth: 16,
      itemHeight: 10,
      itemGap: 14,
      textStyle: text,
    },
    xAxis: axis(x, 28),
    yAxis: axis(y, 44),
    series: series.map(({ name, kind, points }, i) => ({
      name,
      type: kind === 'points' ? 'scatter' : 'line',
      data: points,
      symbol: kind === 'points' ? seriesSymbols[i] : 'none',
      symbolSize: 12,
      z: kind === 'points' ? 10 : 2,
      itemStyle: { opacity: 1 },
      lineStyle: { width: 2, type: kind === 'dashed' ? [6, 5] : 'solid' },
    })),
  };
}

/** As axes write it: plain near one, as a power of ten far from it. */
function shortNumber(value: number): string {
  const size = Math.abs(value);
  if (size === 0 || (size >= 1e-3 && size < 1e5)) return String(Number(value.toPrecision(3)));
  return value.toExponential(0).replace('e+', 'e');
}
