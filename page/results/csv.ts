/** @file Runs as comma-separated values, a line for each record. */

import { toCsv } from '../../src/experiment/csv.js';
import { tilingText } from '../../src/tune/tuning.js';
import { type BenchmarkRun, isMeasured } from './benchmark-run.js';
import { shareOfBestPeer } from './best-peer.js';

/** Names carry their units. */
const columns = [
  'machine',
  'browser',
  'date',
  'octile',
  'case',
  'kernel',
  'tiling',
  'tuned',
  'status',
  'tflops',
  'gb_per_s',
  'max_error_over_rms',
  'calc_diff',
  'min_us',
  'median_us',
  'max_us',
  'samples',
  'clock',
  'share_of_best_peer',
  'reason',
].map((name) => ({ name, meaning: name }));

export function runsToCsv(runs: readonly BenchmarkRun[]): string {
  const rows = runs.flatMap((run) => [
    ...run.records.map((record) => ({
      machine: run.machine.name,
      browser: run.machine.browser,
      date: record.date,
      octile: record.version,
      case: record.name,
      kernel: record.kernel,
      ...(record.tiling ? { tiling: tilingText(record.tiling), tuned: record.tuned ? 'yes' : 'no' } : {}),
      status: record.status,
      ...(isMeasured(record)
        ? {
            tflops: record.tflops ?? '',
            gb_per_s: record.gbps,
            max_error_over_rms: record.error ?? '',
            calc_diff: record.calcDiff ?? '',
            min_us: record.min,
            median_us: record.median,
            max_us: record.max,
            samples: record.samples,
            clock: record.timing,
          }
        : { reason: record.reason }),
    })),
    ...peerRows(run),
  ]);
  return toCsv(columns, rows);
}

function peerRows({ machine, date, version, peers }: BenchmarkRun): Record<string, string | number>[] {
  const records = peers?.records ?? [];
  return records.map((record) => ({
    machine: machine.name,
    browser: machine.browser,
    date,
    octile: version,
    case: `product ${record.product.m}x${record.product.n}x${record.product.k} ${record.precision}`,
    kernel: `${record.library} ${record.name}`,
    status: record.status,
    ...(record.status === 'measured'
      ? {
          tflops: record.tflops,
          max_error_over_rms: record.error ?? '',
          calc_diff: record.calcDiff ?? '',
          min_us: record.min,
          median_us: record.median,
          max_us: record.max,
          samples: record.samples,
          clock: 'wall',
          share_of_best_peer: shareOfBestPeer(record, records) ?? '',
        }
      : { reason: record.reason }),
  }));
}
