/** @file The study of the accumulator as people read it: its chart, its tables, its sentences. */

import type { Chart } from '../report/chart.js';
import { percent } from '../report/number.js';
import type { AccumulationRow, SyntheticRow } from './accumulation.js';
import type { LayerErrorRow } from './accumulation-layers.js';
import type { ErrorFigures, Promote } from './accumulator-error.js';
import type { Distribution } from './data.js';
import { distinct, findRow } from './rows.js';
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
export function accumulationChart(all: readonly AccumulationRow[]): Chart {
  const rows = all.filter(isSynthetic);
  const [{ data } = { data: 'normal' as const }] = rows;
  const metric = metricOf[data];
  const ks = distinct(rows, 'k');
  const promotes = shown.filter((promote) => rows.some((row) => row.promote === promote));
  return {
    kind: 'line',
    label: `${metricTexts[metric]} of ${measured} against K, ${data} data, by promotion interval`,
    categories: ks.map(String),
    categoryName: 'K, products in a sum',
    value: { name: `${metricTexts[metric]}, %`, log: true },
    series: promotes.map((promote) => ({
      name: promoteText(promote),
      values: ks.map((k) => 100 * (find(rows, { data, k, promote })?.[metric] ?? Number.NaN)),
    })),
  };
}

/** For each kind of data: K downwards, promotions to the right; then, where there are several, the accumulators. */
export function accumulationTables(all: readonly AccumulationRow[]): PageTable[] {
  return [...syntheticTables(all.filter(isSynthetic)), ...layerTables(all.filter(isOfLayer))];
}

function syntheticTables(rows: readonly SyntheticRow[]): PageTable[] {
  const promotes = ascending(rows);
  const accumulators = distinct(rows, 'accumulator');
  const ks = distinct(rows, 'k');
  const largest = Math.max(...ks);
  return distinct(rows, 'data').flatMap((data) => {
    const metric = metricOf[data];
    const cell = (wanted: Wanted) => shownFigures(find(rows, { data, ...wanted }), metric);
    const head = promotes.map(promoteText);
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

/** Layers, scales and accumulators downwards, promotions to the right. */
function layerTables(rows: readonly LayerErrorRow[]): PageTable[] {
  const promotes = ascending(rows);
  const lines = new Map<string, LayerErrorRow[]>();
  for (const row of rows) {
    const line = `${row.data} ${row.scales} ${row.accumulator}`;
    lines.set(line, [...(lines.get(line) ?? []), row]);
  }
  if (lines.size === 0) return [];
  return [
    {
      caption: `layers: ${metricTexts.max_over_rms}`,
      head: ['layer', 'K', 'scales', 'accumulator', ...promotes.map(promoteText)],
      rows: [...lines.values()].map((line) => {
        const [{ data, k, scales, accumulator }] = line as [LayerErrorRow];
        return [
          data,
          String(k),
          scales,
          accumulator,
          ...promotes.map((promote) =>
            shownFigures(
              line.find((row) => row.promote === promote),
              'max_over_rms',
            ),
          ),
        ];
      }),
    },
  ];
}

/** What the figures say, as far as the setting holds them. */
export function accumulationConclusions(all: readonly AccumulationRow[]): string[] {
  return [...syntheticSentences(all.filter(isSynthetic)), ...layerSentences(all.filter(isOfLayer))];
}

function layerSentences(rows: readonly LayerErrorRow[]): string[] {
  return distinct(rows, 'data').flatMap((data) => {
    const at = (scales: LayerErrorRow['scales'], promote: Promote) =>
      findRow(rows, { data, scales, promote, accumulator: measured });
    const [bare, promoted, tiled] = [at('tensor', 'none'), at('tensor', 128), at('tiles', 128)];
    if (!bare || !promoted || !tiled) return [];
    const shown = (figures: ErrorFigures) => range(figures, 'max_over_rms', 3);
    return [
      `${data}, K = ${bare.k}: ${metricTexts.max_over_rms} ${shown(bare)} without promotion and ${shown(promoted)} ` +
        `with promotion every 128 under one scale a matrix, ${shown(tiled)} with a scale for each tile.`,
    ];
  });
}

function syntheticSentences(rows: readonly SyntheticRow[]): string[] {
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
  for (const data of distinct(rows, 'data'))
    for (const k of distinct(rows, 'k').filter((one) => one >= 4096)) {
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

type Wanted = Pick<SyntheticRow, 'k' | 'promote'> & Partial<Pick<SyntheticRow, 'accumulator'>>;

function find(
  rows: readonly SyntheticRow[],
  wanted: Wanted & { readonly data: Distribution },
): SyntheticRow | undefined {
  return findRow(rows, { accumulator: measured, ...wanted });
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

function isSynthetic(row: AccumulationRow): row is SyntheticRow {
  return row.scales === 'none';
}

function isOfLayer(row: AccumulationRow): row is LayerErrorRow {
  return row.scales !== 'none';
}

function promoteText(promote: Promote): string {
  return promote === 'none' ? 'no promotion' : `every ${promote}`;
}

/** The promotion intervals that occur, none last. */
function ascending(rows: readonly ErrorFigures[]): Promote[] {
  const length = (promote: Promote) => (promote === 'none' ? Infinity : promote);
  return distinct(rows, 'promote').sort((x, y) => length(x) - length(y));
}
