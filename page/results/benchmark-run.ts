/** @file What is kept of a run of the benchmark: where, when, what was asked for, and what came out. */

import type { Absent } from '../../bench/peers/index.js';
import type { PeerRecord } from '../../bench/peers/record.js';
import type { BenchRecord, Measurement } from '../../bench/record.js';
import type { CheckReport } from '../../src/verify/verify.js';
import type { Settings } from '../benchmark/settings.js';

/** Where a run took place. */
export interface Machine {
  /** The adapter's name. */
  readonly name: string;
  readonly kind: string;
  /** "Chrome 147 on Linux", or Node. */
  readonly browser: string;
  readonly features: readonly string[];
  /** Of the device, in bytes. */
  readonly workgroupMemory: number | null;
  readonly largestBuffer: number | null;
}

/** The file's form. A change that older pages cannot read gets another number. */
export const schema = 1;

export interface BenchmarkRun {
  readonly octile: 'benchmark';
  readonly schema: typeof schema;
  /** The same for the same run wherever it is saved. */
  readonly id: string;
  /** When it began, in ISO 8601. */
  readonly date: string;
  /** octile's version. */
  readonly version: string;
  readonly machine: Machine;
  /** null where another program made the run. */
  readonly settings: Settings | null;
  readonly thread: 'worker' | 'page' | 'node';
  readonly ended: 'complete' | 'stopped' | 'lost' | 'failed';
  readonly checks: readonly CheckReport[];
  readonly records: readonly BenchRecord[];
  /** octile and other libraries in turn, where they were asked for. */
  readonly peers?: PeersRun;
}

export interface PeersRun {
  readonly records: readonly PeerRecord[];
  /** Libraries that could not be measured, and why. */
  readonly absent: readonly Absent[];
}

export function isMeasured(record: BenchRecord): record is Measurement {
  return record.status === 'measured';
}

/** The measured ceilings: bytes and operations a second; undefined where they were not measured. */
export function ceilingsOf(run: BenchmarkRun): { bandwidth: number | undefined; peak: number | undefined } {
  const measured = run.records.filter(isMeasured);
  const copy = measured.find((record) => record.case.kind === 'copy');
  const peak = measured.find((record) => record.case.kind === 'peak');
  return {
    bandwidth: copy && copy.gbps * 1e9,
    peak: peak?.tflops ? peak.tflops * 1e12 : undefined,
  };
}

/** The records of products. */
export function productsOf(run: BenchmarkRun): BenchRecord[] {
  return run.records.filter((record) => record.case.kind === 'gemm');
}

/** The product with the most operations a second. */
export function fastestOf(run: BenchmarkRun): Measurement | undefined {
  const products = productsOf(run).filter(isMeasured);
  return products.reduce<Measurement | undefined>(
    (most, one) => ((one.tflops ?? 0) > (most?.tflops ?? 0) ? one : most),
    undefined,
  );
}

/** "NVIDIA H200, 23 Nov 2026, 04:12". */
export function runTitle(run: BenchmarkRun): string {
  const when = new Date(run.date).toLocaleString('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  });
  return `${run.machine.name}, ${when}`;
}
