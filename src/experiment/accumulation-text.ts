/** @file The study of the accumulator as people read it: its chart, its tables, its sentences. */

import type { Chart } from '../report/chart.js';
import { percent } from '../report/number.js';
import type { AccumulationRow, Promote } from './accumulation.js';
import type { Distribution } from './data.js';
import type { PageTable } from './study.js';

/** The profile whose loss the published figure is about. */
const measured = 'hopper-wgmma';

/** The promotions that the chart shows, at most four, the coarsest first. */
const shown: readonly Promote[] = ['none', 512, 128, 32];

type Metric = 'max_over_rms' | 'max_relative';

/** Results of both signs may be next to zero, where a relative error says nothing; sums of positive ones grow. */
const metricOf: Readonly<Record<Distribution, Metric>> = {
  normal: 'max_over_rms',
  'outlier-channels': 'max_over_rms',
  uniform: 'max_relative',
  'log-normal': 'max_relative',
};

const metricTexts: Readonly<Record<Metric, string>> = {
  max_over_rms: 'max error / RMS',
  max_relative: 'max relative error',
};

/** The first distribution's errors under the measured profile, against K. */
export function accumulationChart(rows: readonly AccumulationRow[]): Chart {
  const [{ distribution } = { distribution: 'normal' as const }] = rows;
  const metric = metricOf[distribution];
  const ks = unique(rows.map(({ k }) => k));
  const promotes = shown.filter((promote) => rows.some((row) => row.promote === promote));
  return {
    kind: 'line',
    label: `${metricTexts[metric]} of ${measured} against K, ${distribution} data, by promotion interval`,
    categories: ks.map(String),
    categoryName: 'K, products in a sum',
    value: { name: `${metricTexts[metric]}, %`, log: true },
    series: promotes.map((promote) => ({
      name: promote === 'none' ? 'no promotion' : `every ${promote}`,
      values: ks.map((k) => 100 * (find(rows, { distribution, k, promote })?.[metric] ?? Number.NaN)),
    })),
  };
}

/** For each distribution: K downwards, promotions to the right; then, where there are several, the accumulators. */
export function accumulationTables(rows: readonly AccumulationRow[]): PageTable[] {
  const length = (promote: Promote) => (promote === 'none' ? Infinity : promote);
  const promotes = unique(rows.map(({ promote }) => promote)).sort((x, y) => length(x) - length(y));
  const accumulators = unique(rows.map(({ accumulator }) => accumulator));
  const ks = unique(rows.map(({ k }) => k));
  const largest = Math.max(...ks);
  return unique(rows.map(({ distribution }) => distribution)).flatMap((distribution) => {
    const metric = metricOf[distribution];
    const cell = (wanted: Wanted) => shownFigure(find(rows, { distribution, ...wanted })?.[metric]);
    const head = promotes.map((promote) => (promote === 'none' ? 'no promotion' : `every ${promote}`));
    return [
      {
        caption: `${distribution}, ${measured}: ${metricTexts[metric]}`,
        head: ['K', ...head],
        rows: ks.map((k) => [String(k), ...promotes.map((promote) => cell({ k, promote }))]),
      },
      ...(accumulators.length === 1
        ? []
        : [
            {
              caption: `${distribution}, K = ${largest}: ${metricTexts[metric]}`,
              head: ['accumulator', ...head],
              rows: accumulators.map((accumulator) => [
                accumulator,
                ...promotes.map((promote) => cell({ k: largest, accumulator, promote })),
              ]),
            },
          ]),
    ];
  });
}

/** What the figures say, as far as the setting holds them. */
export function accumulationConclusions(rows: readonly AccumulationRow[]): string[] {
  const sentences: string[] = [];
  const figure = (distribution: Distribution, k: number, promote: Promote) =>
    find(rows, { distribution, k, promote })?.[metricOf[distribution]];

  const published = figure('normal', 4096, 'none');
  if (published !== undefined)
    sentences.push(
      `At K = 4096 and N(0, 1) ${measured} without promotion errs by ${percent(published)} of the results' RMS at ` +
        'most. The DeepSeek-V3 technical report (arXiv 2412.19437, section 3.3.2) gives a maximum relative error of ' +
        'nearly 2 % for random matrices at this K; it names neither the distribution nor what the error is ' +
        'relative to, so that the two can be compared in their order of magnitude alone. The worst of some thousand ' +
        'results differs between seeds, too.',
    );
  for (const distribution of unique(rows.map((row) => row.distribution)))
    for (const k of unique(rows.map((row) => row.k)).filter((one) => one >= 4096)) {
      const [bare, promoted] = [figure(distribution, k, 'none'), figure(distribution, k, 128)];
      if (bare === undefined || promoted === undefined || promoted === 0) continue;
      sentences.push(
        `${distribution}, K = ${k}: ${metricTexts[metricOf[distribution]]} ${percent(bare)} without promotion, ` +
          `${percent(promoted, 3)} with promotion every 128, ${Math.round(bare / promoted)} times less.`,
      );
    }
  return sentences;
}

interface Wanted {
  readonly k: number;
  readonly promote: Promote;
  readonly accumulator?: string;
}

function find(
  rows: readonly AccumulationRow[],
  { distribution, k, promote, accumulator = measured }: Wanted & { readonly distribution: Distribution },
): AccumulationRow | undefined {
  return rows.find(
    (row) =>
      row.distribution === distribution &&
      row.k === k &&
      row.promote === promote &&
      row.accumulator === accumulator,
  );
}

function shownFigure(value: number | undefined): string {
  return value === undefined ? '' : percent(value, value < 1e-5 ? 6 : 3);
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
