/** @file A run of peers on the terminal. */

import { table } from '../../src/cli/table.js';
import { colors } from '../../src/cli/terminal.js';
import { rateUnit } from '../../src/report/rate.js';
import { productName } from './cases.js';
import { growths, peerName, standings } from './compare.js';
import { isMeasured, type PeerRecord } from './record.js';
import { method, type PeersRun } from './report.js';

/** A product's figures in one line, for who waits. */
export function lineOf(records: readonly PeerRecord[]): string {
  const [first] = records;
  const measured = records.filter(isMeasured);
  const { unit, rate } = rateUnit(measured.map(({ tflops }) => tflops));
  const figures = measured.map((record) => `${peerName(record)} ${rate(record.tflops).toPrecision(3)}`);
  return `${first ? productName(first.product) : ''} ${unit}: ${figures.join(', ') || 'nothing measured'}`;
}

/** Every figure, why there is none where there is none, the laws, and how all was taken. */
export function runText({ records, absent, adapter, flags }: PeersRun): string {
  const { bold, dim, green, red, yellow } = colors();
  const { unit, rate } = rateUnit(records.map((record) => (isMeasured(record) ? record.tflops : null)));
  const head = ['product', 'peer', 'precision', unit, 'median µs', 'time / octile', 'error'];
  const rows = standings(records).flatMap(({ product, standings }) =>
    standings.map(({ record, ratio }, i) => {
      const name = i === 0 ? bold(productName(product)) : '';
      if (!isMeasured(record)) {
        const paint = record.status === 'failed' ? red : yellow;
        return [name, peerName(record), record.precision, paint(record.status)];
      }
      const chosen = record.kernel === null || record.kernel === record.name ? '' : ` (${record.kernel})`;
      const paint = ratio !== null && ratio < 1 ? red : green;
      return [
        name,
        peerName(record) + chosen,
        record.precision,
        figure(rate(record.tflops)),
        figure(record.median, 4),
        ratio === null ? '' : i === 0 ? '1' : paint(ratio.toPrecision(3)),
        record.error === null ? 'exact' : record.error.toExponential(1),
      ];
    }),
  );
  const laws = growths(records).flatMap(({ name, series }) =>
    series.map(({ name: peer, fit }) => [
      name === 'squares' ? 'N³' : 'M',
      peer,
      figure(fit.overhead),
      fit.perUnit.toExponential(2),
      `${(100 * fit.relativeError).toFixed(1)} %`,
      fit.lastExponent.toFixed(2),
    ]),
  );
  const timed = [...new Map(records.map((record) => [peerName(record), record.timed])).entries()];
  return [
    table(head, rows, ['left', 'left', 'left', 'right', 'right', 'right', 'right']),
    ...reasonsOf(records),
    ...(absent.length > 0 ? [absent.map(({ library, reason }) => `${library}: ${reason}`).join('\n')] : []),
    ...(laws.length > 0
      ? [
          `${bold('time = t0 + c · size')}\n${table(
            ['size', 'peer', 't0 µs', 'c µs', 'off by', 'last exponent'],
            laws,
            ['left', 'left', 'right', 'right', 'right', 'right'],
          )}`,
        ]
      : []),
    dim(`${adapter.name}${flags.length > 0 ? `, ${flags.join(' ')}` : ''}. ${method}`),
    dim(timed.map(([peer, what]) => `${peer}: ${what}`).join('\n')),
  ].join('\n\n');
}

/** Why there are no figures, each reason once. */
function reasonsOf(records: readonly PeerRecord[]): string[] {
  const products = new Map<string, string[]>();
  for (const record of records) {
    if (isMeasured(record)) continue;
    const key = `${peerName(record)} ${record.status}: ${record.reason}`;
    products.set(key, [...(products.get(key) ?? []), productName(record.product)]);
  }
  const lines = [...products].map(([key, names]) => `${key} (${names.join(', ')})`);
  return lines.length > 0 ? [lines.join('\n')] : [];
}

function figure(value: number, digits = 3): string {
  return value.toLocaleString('en', { minimumSignificantDigits: digits, maximumSignificantDigits: digits });
}
