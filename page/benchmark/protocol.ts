/** @file What the page and its worker say to each other. */

import type { Absent } from '../../bench/peers/index.js';
import type { PeerRecord } from '../../bench/peers/record.js';
import type { BenchRecord } from '../../bench/record.js';
import type { Trial } from '../../bench/tune.js';
import { DeviceLostError } from '../../src/errors.js';
import type { GpuOptions } from '../../src/gpu/gpu.js';
import type { CheckReport } from '../../src/verify/verify.js';
import type { Settings } from './settings.js';

/** To the worker. */
export type Order =
  | {
      readonly type: 'start';
      readonly job: Job;
      readonly settings: Settings;
      readonly options: GpuOptions;
    }
  | { readonly type: 'stop' };

/** Measuring what the settings say, or finding the fastest kernels and tiles for it. */
export type Job = 'measure' | 'tune';

/** How a job ends. */
type End =
  | { readonly type: 'done'; readonly stopped: boolean }
  /** Lost: the device went away, and another may be opened. */
  | { readonly type: 'failed'; readonly lost: boolean; readonly message: string };

/** What happens in a run of the benchmark, in the worker or on the page. */
export type RunEvent =
  /** The work ahead: steps of verifying, products of cases and kernels to measure. */
  | { readonly type: 'planned'; readonly steps: number; readonly measurements: number }
  | { readonly type: 'step' }
  | { readonly type: 'report'; readonly report: CheckReport }
  | { readonly type: 'measuring'; readonly name: string; readonly kernel: string }
  | { readonly type: 'record'; readonly record: BenchRecord }
  /** Other libraries that cannot be measured here. */
  | { readonly type: 'absent'; readonly absent: readonly Absent[] }
  /** octile and other libraries on one product, in turn. */
  | { readonly type: 'peers'; readonly records: readonly PeerRecord[] }
  | End;

/** What happens while shapes are tuned. */
export type TuningEvent =
  /** The next shape, the how manieth of how many. */
  | { readonly type: 'shape'; readonly name: string; readonly index: number; readonly total: number }
  /** A kernel and a tiling tried on it, the how manieth of how many. */
  | { readonly type: 'trial'; readonly trial: Trial; readonly done: number; readonly total: number }
  /** The fastest is kept; `stays` names a kernel that was found before and is faster still. */
  | { readonly type: 'tuned'; readonly name: string; readonly stays?: string }
  /** Nothing could be found for it. */
  | { readonly type: 'untuned'; readonly name: string; readonly reason: string }
  | End;

/** What each job tells. */
export interface EventOf {
  readonly measure: RunEvent;
  readonly tune: TuningEvent;
}

/** The last event of a job that an error ended. */
export function failure(error: unknown): End {
  const message = error instanceof Error ? error.message : String(error);
  return { type: 'failed', lost: error instanceof DeviceLostError, message };
}

/** From the worker; whether it has WebGPU comes first, unasked. */
export type Answer = { readonly type: 'available'; readonly available: boolean } | RunEvent | TuningEvent;
