/**
 * @file Charts as SVG text, drawn by Apache ECharts without a browser. One style for all: four colours that
 * differ for colour-blind readers too (Okabe and Ito, "Color Universal Design", 2008; lighter in the dark), and
 * a symbol of its own for each series, so that colour is never the only difference.
 */

import { BarChart, LineChart, ScatterChart } from 'echarts/charts';
import { GridComponent, LegendComponent } from 'echarts/components';
import { type EChartsCoreOption, init, setPlatformAPI, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { ArgumentError } from '../errors.js';
import { escapeText } from './escape.js';

use([BarChart, LineChart, ScatterChart, GridComponent, LegendComponent, SVGRenderer]);
// Without a browser ECharts guesses the width of text by a narrow font; the reader's may be wider. A guess that
// suits wide ones (DejaVu Sans) leaves room instead of cutting labels off.
setPlatformAPI({
  measureText: (text, font) => ({
    width: 0.6 * text.length * Number.parseFloat(/[\d.]+px/.exec(font ?? '')?.[0] ?? '12'),
  }),
});

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

export interface ChartSize {
  /** Pixels of the drawing; the SVG scales. */
  readonly width: number;
  readonly height: number;
}

/** Colours by role, in light and in dark surroundings. */
const colors = {
  ink: ['#1f2328', '#e6edf3'],
  muted: ['#59636e', '#9aa4af'],
  grid: ['#d8dee4', '#30363d'],
  series1: ['#0072b2', '#56b4e9'],
  series2: ['#d55e00', '#f28e4b'],
  series3: ['#009e73', '#3fc79a'],
  series4: ['#b0558f', '#dd94bd'],
} as const;

const seriesColors = [colors.series1, colors.series2, colors.series3, colors.series4].map(([light]) => light);
const symbols = ['circle', 'rect', 'triangle', 'diamond'];

/** CSS that gives charts inside `selector` their colours, following the reader's preference. */
export function chartCss(selector: string): string {
  const variables = (shade: 0 | 1) =>
    Object.entries(colors)
      .map(([role, shades]) => `--chart-${role}: ${shades[shade]};`)
      .join(' ');
  return `${selector} { ${variables(0)} }\n@media (prefers-color-scheme: dark) { ${selector} { ${variables(1)} } }`;
}

/**
 * Draws a chart as an SVG element without script, links or fonts of its own. Its colours are CSS variables with
 * the light ones as fallback: the page around it sets them (chartCss).
 * @throws ArgumentError if a series has not one value to a category, or if there are more than four
 */
export function drawChart(chart: Chart, { width, height }: ChartSize): string {
  for (const { name, values } of chart.series)
    if (values.length !== chart.categories.length)
      throw new ArgumentError(
        `values of ${name}`,
        values.length,
        `one a category: ${chart.categories.length}`,
      );
  if (chart.series.length > symbols.length)
    throw new ArgumentError('series.length', chart.series.length, `at most ${symbols.length}`);

  const instance = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    instance.setOption(optionOf(chart, width));
    return restyled(instance.renderToSVGString(), chart.label);
  } finally {
    instance.dispose();
  }
}

/** A chart as an SVG file that stands alone. */
export function chartFile(chart: Chart, size: ChartSize): string {
  return drawChart(chart, size).replace('>', `>\n<style>${chartCss('svg')}</style>`);
}

/** Below this width a legend of four series takes two lines. */
const narrow = 500;

function optionOf(chart: Chart, width: number): EChartsCoreOption {
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
    axisLabel: text,
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
    color: seriesColors,
    textStyle: { fontFamily: 'system-ui, sans-serif' },
    grid: {
      left: 8,
      right: 20,
      top: !many ? 12 : width < narrow ? 52 : 36,
      bottom: 8,
      outerBoundsMode: 'same',
      outerBoundsContain: 'all',
    },
    legend: {
      show: many,
      left: 0,
      top: 0,
      selectedMode: false,
      itemWidth: 14,
      itemHeight: 10,
      itemGap: 14,
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
      symbol: symbols[i],
      symbolSize: kind === 'dots' ? 11 : 8,
      // Full colour, or dots that cover each other would be mistaken for another series.
      itemStyle: { opacity: 1 },
      lineStyle: { width: 2 },
      barMaxWidth: 26,
    })),
  };
}

/**
 * ECharts' SVG with colours as variables, a label, and without what only a live chart needs: styles for a
 * pointer, marks for a script, and clips for animations, whose names would differ from drawing to drawing.
 */
function restyled(svg: string, label: string): string {
  const bare = svg
    .replace(/<(style|defs)\b[\s\S]*?<\/\1>/g, '')
    .replace(
      / (?:class="zr\d[^"]*"|clip-path="[^"]*"|ecmeta_\w+="[^"]*"|pointer-events="[^"]*"|xml:space="[^"]*")/g,
      '',
    )
    .replace(/ (?:xmlns:xlink|baseProfile|version)="[^"]*"/g, '');
  const coloured = Object.entries(colors).reduce(
    (text, [role, [light]]) => text.replaceAll(`"${light}"`, `"var(--chart-${role}, ${light})"`),
    bare,
  );
  return coloured
    .replace('<svg ', `<svg role="img" aria-label="${escapeText(label)}" `)
    .replace(/\n\s*\n/g, '\n')
    .trim();
}
