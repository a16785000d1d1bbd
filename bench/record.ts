/** @file What is kept of a measurement: plain data that a program can read, and figures for people. */

import type { Tiling } from '../src/gemm/kernel.js';
import type { JsonPart } from '../src/json-part.js';
import { type BenchCase, caseBytes, caseName, caseOperations } from './cases.js';
import type { Timing } from './time.js';
import type { Quality } from './workload.js';

/** What every record says. */
interface About {
  /** The case in words, and its parts. */
  readonly name: string;
  readonly case: BenchCase;
  /** The kernel of a product; `quantize` or `copy` for the others. */
  readonly kernel: string;
  readonly adapter: { readonly name: string; readonly kind: string };
  /** Of a product; runs of earlier versions do not say. */
  readonly tiling?: Tiling;
  /** Whether kernel and tiling are what `octile tune` found. */
  readonly tuned?: boolean;
  /** When, in ISO 8601. */
  readonly date: string;
  /** octile's version. */
  readonly version: string;
}

/** A result that was checked, found right, and measured. */
export interface Measurement extends About {
  readonly status: 'measured';
  /** 2·M·N·K over the median, in TFLOP/s; null where there is nothing to multiply. */
  readonly tflops: number | null;
  /** Bytes that must move over the median, in GB/s. */
  readonly gbps: number;
  /** As Quality has them; null where bits are compared. */
  readonly error: number | null;
  readonly calcDiff: number | null;
  /** Durations of one run in µs. */
  readonly min: number;
  readonly median: number;
  readonly max: number;
  /** The median distance of the samples from their median, in µs; runs of earlier versions have none. */
  readonly deviation?: number;
  readonly samples: number;
  readonly timing: Timing['method'];
}

/** A result that is wrong, and so was not measured; or a case that cannot run here. */
export interface NoMeasurement extends About {
  readonly status: 'failed' | 'skipped';
  readonly reason: string;
}

export type BenchRecord = Measurement | NoMeasurement;

/** The tiling and whether it was tuned, out of a stored record that may say so. */
export function howFrom(record: JsonPart): Pick<About, 'tiling' | 'tuned'> {
  const tiling = record.at('tiling');
  if (tiling.value === undefined) return {};
  const sizes = Object.keys(tiling.record()).map((name) => {
    const size = tiling.at(name);
    return [name, typeof size.value === 'string' ? size.text() : size.number()] as const;
  });
  return { tiling: Object.fromEntries(sizes), tuned: record.at('tuned').value === true };
}

/** The parts of a record that do not depend on the result. */
export function about(
  one: BenchCase,
  kernel: string,
  adapter: { readonly name: string; readonly kind: string },
  version: string,
): About {
  const { name, kind } = adapter;
  const date = new Date().toISOString();
  return { name: caseName(one), case: one, kernel, adapter: { name, kind }, date, version };
}

/** The record of a timing. */
export function measured(about: About, quality: Quality, timing: Timing): Measurement {
  const { method, min, median, max, deviation, samples } = timing;
  const operations = caseOperations(about.case);
  return {
    ...about,
    status: 'measured',
    // Operations a µs are MFLOP/s, bytes a µs are MB/s.
    tflops: operations === 0 ? null : operations / median / 1e6,
    gbps: caseBytes(about.case) / median / 1e3,
    error: quality.error ?? null,
    calcDiff: quality.calcDiff ?? null,
    min,
    median,
    max,
    deviation,
    samples,
    timing: method,
  };
}
