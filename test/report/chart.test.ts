import { describe, expect, test } from 'vitest';
import { ArgumentError } from '../../src/errors.js';
import { type Chart, chartFile, chartOption, drawChart } from '../../src/report/chart.js';
import { hostile } from './fixture.js';

const chart: Chart = {
  kind: 'line',
  label: 'What is seen',
  categories: ['first place', 'second place', 'third place'],
  categoryName: 'place (rank)',
  value: { name: 'height (mm)' },
  series: [
    { name: 'one way', values: [1, 2, 4] },
    { name: 'another', values: [3, Number.NaN, 1] },
  ],
};
const size = { width: 640, height: 300 };
const texts = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);
/** Places of a series' symbols: elements filled with its colour and moved by a matrix. */
const symbols = (svg: string, n: number) =>
  [
    ...svg.matchAll(
      /<path [^>]*transform="matrix\([^)]*,([\d.]+),([\d.]+)\)"[^>]*fill="var\(--chart-series(\d)/g,
    ),
  ]
    .filter(([, , , series]) => Number(series) === n)
    .map(([, x, y]) => [Number(x), Number(y)]);

for (const kind of ['line', 'bar', 'rows', 'dots'] as const)
  describe(kind, () => {
    const svg = drawChart({ ...chart, kind }, size);
    test('names its axes with units, its categories and its series', () => {
      for (const text of ['place (rank)', 'height (mm)', ...chart.categories, 'one way', 'another'])
        expect(texts(svg)).toContain(text);
    });
    test('asks for nothing and runs nothing', () => {
      expect(svg).not.toMatch(/<script|<style|<image|<use|href|url\(|@import|\son\w+=/i);
      expect(svg.replace('xmlns="http://www.w3.org/2000/svg"', '')).not.toMatch(/https?:/);
    });
    test('is labelled for readers who cannot see it', () => {
      expect(svg).toMatch(/^<svg role="img" aria-label="What is seen" width="640" height="300"/);
    });
    test('has a colour for each series, each with a fallback, and no colour beside', () => {
      expect(svg).toContain('var(--chart-series1, #0072b2)');
      expect(svg).toContain('var(--chart-series2, #d55e00)');
      const bare = svg.replace(/var\([^)]*\)/g, '').match(/(?:fill|stroke)="#[0-9a-f]+"/g) ?? [];
      // ECharts gives an invisible frame and the middle of a legend's line colours that do not show.
      expect(bare.filter((colour) => !/#000|#b7b9be/.test(colour))).toEqual([]);
    });
  });

test('values lie where they belong: higher is up, and a NaN leaves a gap', () => {
  const svg = drawChart(chart, size);
  const [a, b, c] = symbols(svg, 1) as [number[], number[], number[]];
  expect([a, b, c].map((place) => place?.length)).toEqual([2, 2, 2]);
  // 1, 2, 4: the step from 2 to 4 is twice that from 1 to 2, upwards.
  expect((b[1] as number) - (c[1] as number)).toBeCloseTo(2 * ((a[1] as number) - (b[1] as number)), 0);
  expect((a[0] as number) < (b[0] as number) && (b[0] as number) < (c[0] as number)).toBe(true);
  expect(symbols(svg, 2).length).toBe(2);
});

test('names are escaped', () => {
  const svg = drawChart(
    {
      ...chart,
      label: hostile,
      categories: [hostile, 'b', 'c'],
      series: [{ name: hostile, values: [1, 2, 3] }],
    },
    size,
  );
  expect(svg).not.toMatch(/<img|<script|<\/script/);
  expect(svg).toContain(
    'aria-label="&lt;img src=x onerror=alert(1)&gt; &quot;quoted&quot; &amp; &#39;single&#39;',
  );
});

test('a single series has no legend', () => {
  const svg = drawChart({ ...chart, series: chart.series.slice(0, 1) }, size);
  expect(texts(svg)).not.toContain('one way');
});

test('drawing twice gives the same drawing', () => {
  expect(drawChart(chart, size)).toBe(drawChart(chart, size));
});

test('a file of its own carries its colours, for light and dark', () => {
  const svg = chartFile(chart, size);
  expect(svg).toMatch(/^<svg [^>]*>\n<style>svg \{ --chart-ink/);
  expect(svg).toContain('prefers-color-scheme: dark');
});

test('a series of another length, or a seventh one, is refused', () => {
  expect(() => drawChart({ ...chart, series: [{ name: 's', values: [1] }] }, size)).toThrow(
    /values of s is 1; allowed: one a category: 3/,
  );
  const seven = Array.from({ length: 7 }, (_, i) => ({ name: `${i}`, values: [1, 2, 3] }));
  expect(() => drawChart({ ...chart, series: seven }, size)).toThrow(ArgumentError);
});

test('a legend of many long names has room for its lines', () => {
  const of = (names: readonly string[]): Chart => ({
    kind: 'line',
    label: 'lines',
    categories: ['1'],
    value: { name: 'v' },
    series: names.map((name) => ({ name, values: [1] })),
  });
  const top = (names: readonly string[], width: number) =>
    (chartOption(of(names), width) as { grid: { top: number } }).grid.top;
  const long = Array.from({ length: 6 }, (_, i) => `a name of thirty-five letters, or so${i}`);
  expect(top(['a', 'b'], 800)).toBe(top(['a', 'b', 'c', 'd'], 800));
  expect(top(long.slice(0, 2), 800)).toBe(top(['a', 'b'], 800));
  // Two to a line, and one to a line.
  expect(top(long, 800) - top(['a', 'b'], 800)).toBe(2 * 16);
  expect(top(long, 360) - top(['a', 'b'], 360)).toBe(5 * 16);
});
