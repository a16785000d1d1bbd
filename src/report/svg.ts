/**
 * @file SVG text out of a description of a chart, drawn by Apache ECharts without a browser. One style for all:
 * colours that differ for colour-blind readers too (Okabe and Ito, "Color Universal Design", 2008; lighter in the
 * dark), and a symbol of its own for each series, so that colour is never the only difference.
 */

import { BarChart, LineChart, ScatterChart } from 'echarts/charts';
import { GridComponent, LegendComponent } from 'echarts/components';
import { type EChartsCoreOption, init, setPlatformAPI, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { escapeText } from './escape.js';

use([BarChart, LineChart, ScatterChart, GridComponent, LegendComponent, SVGRenderer]);
// Without a browser ECharts guesses the width of text by a narrow font; the reader's may be wider. A guess that
// suits wide ones (DejaVu Sans) leaves room instead of cutting labels off.
setPlatformAPI({
  measureText: (text, font) => ({
    width: 0.6 * text.length * Number.parseFloat(/[\d.]+px/.exec(font ?? '')?.[0] ?? '12'),
  }),
});

/** Pixels of the drawing; the SVG scales. */
export interface ChartSize {
  readonly width: number;
  readonly height: number;
}

/** Colours by role, in light and in dark surroundings. */
export const colors = {
  ink: ['#1f2328', '#e6edf3'],
  muted: ['#59636e', '#9aa4af'],
  grid: ['#d8dee4', '#30363d'],
  series1: ['#0072b2', '#56b4e9'],
  series2: ['#d55e00', '#f28e4b'],
  series3: ['#009e73', '#3fc79a'],
  series4: ['#b0558f', '#dd94bd'],
  series5: ['#8a6d00', '#f0d943'],
  series6: ['#4a4f57', '#c3cad3'],
} as const;

/** Of the first series, the second and so on. */
export const seriesColors: readonly string[] = [
  colors.series1,
  colors.series2,
  colors.series3,
  colors.series4,
  colors.series5,
  colors.series6,
].map(([light]) => light);
export const seriesSymbols: readonly string[] = ['circle', 'rect', 'triangle', 'diamond', 'pin', 'arrow'];

/** CSS that gives charts inside `selector` their colours, following the reader's preference. */
export function chartCss(selector: string): string {
  const variables = (shade: 0 | 1) =>
    Object.entries(colors)
      .map(([role, shades]) => `--chart-${role}: ${shades[shade]};`)
      .join(' ');
  return `${selector} { ${variables(0)} }\n@media (prefers-color-scheme: dark) { ${selector} { ${variables(1)} } }`;
}

export interface RenderOptions {
  /** Leaves on each mark the indices of its series and value, `ecmeta_series_index` and `ecmeta_data_index`. */
  readonly keepIndices?: boolean;
}

/**
 * Draws what an option of ECharts describes as an SVG element without script, styles, links or fonts of its own.
 * Its colours are CSS variables with the light ones as fallback: the page around it sets them (chartCss).
 * @param label what the chart shows, for readers who cannot see it
 */
export function renderChart(
  option: EChartsCoreOption,
  label: string,
  { width, height }: ChartSize,
  { keepIndices = false }: RenderOptions = {},
): string {
  const instance = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    instance.setOption(option);
    return restyled(instance.renderToSVGString(), label, keepIndices);
  } finally {
    instance.dispose();
  }
}

/**
 * ECharts' SVG with colours as variables, a label, and without what only a live chart needs: styles for a
 * pointer, marks for a script, and clips for animations, whose names would differ from drawing to drawing.
 */
function restyled(svg: string, label: string, keepIndices: boolean): string {
  const bare = svg
    .replace(/<(style|defs)\b[\s\S]*?<\/\1>/g, '')
    .replace(/ (?:class="zr\d[^"]*"|clip-path="[^"]*"|pointer-events="[^"]*"|xml:space="[^"]*")/g, '')
    .replace(keepIndices ? / ecmeta_(?:ssr_type|silent)="[^"]*"/g : / ecmeta_\w+="[^"]*"/g, '')
    // A page's policy may forbid style attributes.
    .replace(/ style="([^"]*)"/g, (_, declarations: string) => asAttributes(declarations))
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

/** "a:b;c:d" as presentation attributes. */
function asAttributes(declarations: string): string {
  return declarations
    .split(';')
    .filter(Boolean)
    .map((declaration) => declaration.split(/:(.*)/s))
    .map(([name = '', value = '']) => ` ${name.trim()}="${value.trim()}"`)
    .join('');
}
