/** @file A run of peers as files: JSON, CSV and charts. */

import { toCsv } from '../../src/experiment/csv.js';
import { type Chart, chartFile } from '../../src/report/chart.js';
import { rateUnit } from '../../src/report/rate.js';
import { growthChart } from '../growth.js';
import { productName } from './cases.js';
import { drawnPeers, type Growth, growths, peerName, standings } from './compare.js';
import type { Absent } from './index.js';
import { isMeasured, type PeerRecord } from './record.js';

/** Where, how and with what a run took place. */
export interface PeersRun {
  readonly date: string;
  readonly version: string;
  readonly adapter: { readonly name: string; readonly kind: string; readonly reason: string };
  readonly features: readonly string[];
  /** Toggles of Dawn; none in a browser. */
  readonly flags: readonly string[];
  /** Node or the browser, with its version. */
  readonly runtime: string;
  /** What was asked for. */
  readonly products: readonly string[];
  readonly interrupted: boolean;
  readonly absent: readonly Absent[];
  readonly records: readonly PeerRecord[];
}

/** The form of results.json. */
const schema = 1;

/** How all figures were taken: for the reader of any of them. */
export const method =
  'Everybody multiplies the same matrices on the same device: A of M x K and B of K x N (transposed for octile and ' +
  'MatMulNBits, which hold weights by output), random, in e4m3 with scales or as the values those stand for. ' +
  'Operands are on the GPU before the time counts, and the same from run to run, so that what fits a cache stays ' +
  'there. Each result is checked; then all warm up and take turns. The time is the host clock around a batch of ' +
  'runs, from the first submission until the device is done with the last, over the runs: the median of the rounds.';

/** The files of a run, by name. */
export function filesOf(run: PeersRun): ReadonlyMap<string, string> {
  const laws = growths(run.records);
  const files = new Map<string, string>([
    ['results.json', `${JSON.stringify({ command: 'bench:peers', schema, method, ...run }, undefined, 2)}\n`],
    ['results.csv', resultsCsv(run.records)],
  ]);
  for (const [name, chart] of speedCharts(run.records))
    files.set(`${name}.svg`, `${chartFile(chart, { width: 860, height: heightOf(chart) })}\n`);
  if (laws.length > 0) files.set('growth.csv', growthCsv(laws));
  for (const growth of laws)
    files.set(
      `growth-${growth.name}.svg`,
      `${chartFile(growthChartOf(growth, run.records), { width: 860, height: 460 })}\n`,
    );
  return files;
}

/** Names carry their units. */
const columns = [
  'product',
  'm',
  'n',
  'k',
  'library',
  'operation',
  'precision',
  'kernel',
  'status',
  'tflops',
  'time_over_octile',
  'min_us',
  'median_us',
  'max_us',
  'samples',
  'max_error_over_rms',
  'calc_diff',
  'reason',
].map((name) => ({ name, meaning: name }));

function resultsCsv(records: readonly PeerRecord[]): string {
  const rows = standings(records).flatMap(({ product, standings }) =>
    standings.map(({ record, ratio }) => ({
      product: productName(product),
      ...product,
      library: record.library,
      operation: record.name,
      precision: record.precision,
      status: record.status,
      ...(isMeasured(record)
        ? {
            kernel: record.kernel ?? '',
            tflops: record.tflops,
            time_over_octile: ratio ?? '',
            min_us: record.min,
            median_us: record.median,
            max_us: record.max,
            samples: record.samples,
            max_error_over_rms: record.error ?? '',
            calc_diff: record.calcDiff ?? '',
          }
        : { reason: record.reason }),
    })),
  );
  return toCsv(columns, rows);
}

const growthColumns = [
  'growth',
  'peer',
  'x',
  'measured_us',
  'law_us',
  'overhead_us',
  'us_per_unit',
  'power',
  'relative_error',
  'last_exponent',
].map((name) => ({ name, meaning: name }));

function growthCsv(laws: readonly Growth[]): string {
  const rows = laws.flatMap(({ name: growth, series }) =>
    series.flatMap(({ name: peer, points, fit }) =>
      points.map(({ x, microseconds }) => ({
        growth,
        peer,
        x,
        measured_us: microseconds,
        law_us: fit.overhead + fit.perUnit * x ** fit.power,
        overhead_us: fit.overhead,
        us_per_unit: fit.perUnit,
        power: fit.power,
        relative_error: fit.relativeError,
        last_exponent: fit.lastExponent,
      })),
    ),
  );
  return toCsv(growthColumns, rows);
}

/** octile and the fastest of the others, each with its law. */
function growthChartOf({ name, size, series }: Growth, records: readonly PeerRecord[]): Chart {
  const ours = peerName(records[0] as PeerRecord).split(' ', 1)[0] as string;
  const [first, ...others] = drawnPeers(records, Infinity);
  const wanted = [first, others.find((peer) => !peer.startsWith(`${ours} `))];
  const shown = series.filter((one) => wanted.includes(one.name));
  const law = name === 'squares' ? 't0 + c · N³' : 't0 + c · M';
  return growthChart(`Time against size, with the law ${law} that fits it`, size, shown);
}

/** A chart of the squares, and one for each M of the other products. */
function speedCharts(records: readonly PeerRecord[]): [string, Chart][] {
  const isSquare = ({ product: { m, n, k } }: PeerRecord) => m === n && n === k;
  const squares = records.filter(isSquare);
  const others = records.filter((record) => !isSquare(record));
  const rows = [...new Set(others.map(({ product }) => product.m))].sort((a, b) => a - b);
  const charts: [string, readonly PeerRecord[], Chart['kind'], string][] = [
    ['squares', squares, 'line', 'M x N x K'],
    ...rows.map((m): [string, readonly PeerRecord[], Chart['kind'], string] => [
      `rows-${m}`,
      others.filter(({ product }) => product.m === m),
      'rows',
      'M x N x K',
    ]),
  ];
  return charts
    .filter(([, list]) => list.some(isMeasured))
    .map(([name, list, kind, categoryName]) => [name, speedChart(list, kind, categoryName)]);
}

function speedChart(records: readonly PeerRecord[], kind: Chart['kind'], categoryName: string): Chart {
  const products = standings(records);
  const { unit, rate } = rateUnit(records.map((record) => (isMeasured(record) ? record.tflops : null)));
  return {
    kind,
    label: `${unit} of each peer, 2·M·N·K over the median time`,
    categories: products.map(({ product }) => productName(product)),
    ...(kind === 'line' ? { categoryName } : {}),
    value: kind === 'line' ? { name: unit, log: true } : { name: unit },
    series: drawnPeers(records).map((name) => ({
      name,
      values: products.map(({ standings }) => {
        const found = standings.find(({ record }) => peerName(record) === name)?.record;
        return found && isMeasured(found) ? rate(found.tflops) : Number.NaN;
      }),
    })),
  };
}

/** Rows need room for each bar of each category. */
function heightOf({ kind, categories, series }: Chart): number {
  return kind === 'line' ? 460 : 90 + categories.length * (16 + 14 * series.length);
}
