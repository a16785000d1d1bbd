/** @file The study of the accumulator as people read it: its chart, its tables, its sentences. */

import type { Chart } from '../report/chart.js';
import { percent } from '../report/number.js';
import type { AccumulationRow } from './accumulation.js';
import type { ErrorFigures, Promote } from './accumulator-error.js';
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

/** The first data's errors under the measured profile, against K. */
export function accumulationChart(rows: readonly AccumulationRow[]): Chart {
  const [{ data } = { data: 'normal' as const }] = rows;
  const metric = metricOf[data];
  const ks = unique(rows.map(({ k }) => k));
  const promotes = shown.filter((promote) => rows.some((row) => row.promote === promote));
  return {
    kind: 'line',
    label: `${metricTexts[metric]} of ${measured} against K, ${data} data, by promotion interval`,
    categories: ks.map(String),
    categoryName: 'K, products in a sum',
    value: { name: `${metricTexts[metric]}, %`, log: true },
    series: promotes.map((promote) => ({
      name: promote === 'none' ? 'no promotion' : `every ${promote}`,
      values: ks.map((k) => 100 * (find(rows, { data, k, promote })?.[metric] ?? Number.NaN)),
    })),
  };
}

/** For each kind of data: K downwards, promotions to the right; then, where there are several, the accumulators. */
export function accumulationTables(rows: readonly AccumulationRow[]): PageTable[] {
  const length = (promote: Promote) => (promote === 'none' ? Infinity : promote);
  const promotes = unique(rows.map(({ promote }) => promote)).sort((x, y) => length(x) - length(y));
  const accumulators = unique(rows.map(({ accumulator }) => accumulator));
  const ks = unique(rows.map(({ k }) => k));
  const largest = Math.max(...ks);
  return unique(rows.map(({ data }) => data)).flatMap((data) => {
    const metric = metricOf[data];
    const cell = (wanted: Wanted) => shownFigures(find(rows, { data, ...wanted }), metric);
    const head = promotes.map((promote) => (promote === 'none' ? 'no promotion' : `every ${promote}`));
    return [
      {
        caption: `${data}, ${measured}: ${metricTexts[metric]}`,
        head: ['K', ...head],
        rows: ks.map((k) => [String(k), ...promotes.map((promote) => cell({ k, promote }))]),
      },
      ...(accumulators.length === 1
        ? []
        : [
            {
              caption: `${data}, K = ${largest}: ${metricTexts[metric]}`,
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
  const normal = find(rows, { data: 'normal', k: 4096, promote: 'none' });
  if (normal)
    sentences.push(
      `At K = 4096 and N(0, 1) ${measured} without promotion errs at most by ${range(normal, 'max_over_rms', 2)} of ` +
        `the results' RMS${normal.draws > 1 ? `: the median of ${normal.draws} draws, and the least and the most of them` : ''}. ` +
        'The DeepSeek-V3 technical report (arXiv 2412.19437, section 3.3.2) gives a maximum relative error of ' +
        'nearly 2 % for random matrices at this K; it names neither the distribution nor what the error is ' +
        'relative to, so that the two can be compared in their order of magnitude alone.',
    );
  for (const data of unique(rows.map((row) => row.data)))
    for (const k of unique(rows.map((row) => row.k)).filter((one) => one >= 4096)) {
      const metric = metricOf[data];
      const [bare, promoted] = [
        find(rows, { data, k, promote: 'none' }),
        find(rows, { data, k, promote: 128 }),
      ];
      if (!bare || !promoted || promoted[metric] === 0) continue;
      sentences.push(
        `${data}, K = ${k}: ${metricTexts[metric]} ${range(bare, metric, 2)} without promotion, ` +
          `${range(promoted, metric, 3)} with promotion every 128, ${Math.round(bare[metric] / promoted[metric])} times less.`,
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
  { data, k, promote, accumulator = measured }: Wanted & { readonly data: Distribution },
): AccumulationRow | undefined {
  return rows.find(
    (row) => row.data === data && row.k === k && row.promote === promote && row.accumulator === accumulator,
  );
}

function shownFigures(figures: ErrorFigures | undefined, metric: Metric): string {
  return figures ? range(figures, metric, figures[metric] < 1e-5 ? 6 : 3) : '';
}

/** The median, and how far draws lie apart. */
function range(figures: ErrorFigures, metric: Metric, places: number): string {
  const median = percent(figures[metric], places);
  if (figures.draws === 1) return median;
  const [least, most] = (['least', 'most'] as const).map((end) =>
    (100 * figures[`${metric}_${end}`]).toFixed(places),
  );
  return `${median} (${least} to ${most})`;
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
