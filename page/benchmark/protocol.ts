/** @file What the page and its worker say to each other. */

import type { Absent } from '../../bench/peers/index.js';
import type { PeerRecord } from '../../bench/peers/record.js';
import type { BenchRecord } from '../../bench/record.js';
import type { GpuOptions } from '../../src/gpu/gpu.js';
import type { CheckReport } from '../../src/verify/verify.js';
import type { Settings } from './settings.js';

/** To the worker. */
export type Order =
  /** Asks whether this worker has WebGPU. */
  | { readonly type: 'probe' }
  | { readonly type: 'start'; readonly settings: Settings; readonly options: GpuOptions }
  | { readonly type: 'stop' };

/** What happens in a run, in the worker or on the page. */
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
  | { readonly type: 'done'; readonly stopped: boolean }
  /** Lost: the device went away, and another may be opened. */
  | { readonly type: 'failed'; readonly lost: boolean; readonly message: string };

/** From the worker. */
export type Answer = { readonly type: 'available'; readonly available: boolean } | RunEvent;
