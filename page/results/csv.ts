/** @file Runs as comma-separated values, a line for each record. */

import { toCsv } from '../../src/experiment/csv.js';
import { type BenchmarkRun, isMeasured } from './benchmark-run.js';

/** Names carry their units. */
const columns = [
  'machine',
  'browser',
  'date',
  'octile',
  'case',
  'kernel',
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
  'reason',
].map((name) => ({ name, meaning: name }));

export function runsToCsv(runs: readonly BenchmarkRun[]): string {
  const rows = runs.flatMap((run) =>
    run.records.map((record) => ({
      machine: run.machine.name,
      browser: run.machine.browser,
      date: record.date,
      octile: record.version,
      case: record.name,
      kernel: record.kernel,
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
  );
  return toCsv(columns, rows);
}
