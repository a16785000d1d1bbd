/** @file The benchmark's state: settings, the run under way, the run that is shown, runs beside it. */

import { batch, signal } from '@preact/signals';
import type { Absent } from '../../bench/peers/index.js';
import type { PeerRecord } from '../../bench/peers/record.js';
import type { BenchRecord } from '../../bench/record.js';
import type { Context } from '../../src/index.js';
import type { CheckReport } from '../../src/verify/verify.js';
import { browserName, browserText } from '../device/browser-name.js';
import type { BenchmarkRun } from '../results/benchmark-run.js';
import { schema } from '../results/benchmark-run.js';
import { keepRun } from '../results/history.js';
import type { RunEvent } from './protocol.js';
import { type Run, startJob } from './runner.js';
import { defaultSettings, type Settings } from './settings.js';

export interface Progress {
  readonly phase: 'opening' | 'verifying' | 'measuring' | 'stopping';
  readonly steps: number;
  readonly stepsDone: number;
  readonly measurements: number;
  readonly measured: number;
  /** The case and the kernel being measured. */
  readonly current: string;
  /** Milliseconds of performance.now() when verifying and when measuring began. */
  readonly verifyingSince: number;
  readonly measuringSince: number;
}

export const settings = signal<Settings>(defaultSettings);
/** undefined while nothing runs. */
export const progress = signal<Progress | undefined>(undefined);
/** The run that is shown. */
export const shown = signal<BenchmarkRun | undefined>(undefined);
/** Runs to compare it with. */
export const others = signal<readonly BenchmarkRun[]>([]);
/** Why the last run ended early, or what was wrong with a file or a link. */
export const complaint = signal<{ readonly title: string; readonly text: string } | undefined>(undefined);

let under: Promise<Run> | undefined;

/** Runs what the settings say on a device. Results appear as they come, and are kept in the history at the end. */
export function start(context: Context): void {
  const wanted = settings.value;
  const checks: CheckReport[] = [];
  const records: BenchRecord[] = [];
  const peers: PeerRecord[] = [];
  let absent: readonly Absent[] = [];
  const begun = describe(context, wanted);
  let thread: BenchmarkRun['thread'] = 'page';
  const update = (ended: BenchmarkRun['ended']) => {
    shown.value = {
      ...begun,
      thread,
      ended,
      checks: [...checks],
      records: [...records],
      ...(wanted.peers === 'none' ? {} : { peers: { records: [...peers], absent } }),
    };
    return shown.value;
  };
  const end = (ended: BenchmarkRun['ended']) => {
    progress.value = undefined;
    under = undefined;
    if (checks.length + records.length > 0) void keepRun(update(ended));
  };
  batch(() => {
    complaint.value = undefined;
    progress.value = { ...beginning };
    const before = shown.value;
    shown.value = undefined;
    // What another machine measured stays, to compare with.
    if (before && before.machine.name !== begun.machine.name) others.value = [...others.value, before];
  });
  const emit = (event: RunEvent) =>
    batch(() => {
      const before = progress.value;
      if (!before) return;
      switch (event.type) {
        case 'planned':
          progress.value = {
            ...before,
            phase: before.phase === 'stopping' ? 'stopping' : 'verifying',
            steps: event.steps,
            measurements: event.measurements,
            verifyingSince: performance.now(),
          };
          break;
        case 'step':
          progress.value = { ...before, stepsDone: before.stepsDone + 1 };
          break;
        case 'report':
          checks.push(event.report);
          update('stopped');
          break;
        case 'measuring':
          progress.value = {
            ...before,
            phase: before.phase === 'stopping' ? 'stopping' : 'measuring',
            current: `${event.name}, ${event.kernel}`,
            measuringSince: before.measuringSince || performance.now(),
          };
          break;
        case 'record':
          records.push(event.record);
          progress.value = { ...before, measured: before.measured + 1 };
          // At once: the tab may be closed before the run ends.
          void keepRun(update('stopped'));
          break;
        case 'absent':
          absent = event.absent;
          update('stopped');
          break;
        case 'peers':
          peers.push(...event.records);
          progress.value = { ...before, measured: before.measured + 1 };
          void keepRun(update('stopped'));
          break;
        case 'done':
          end(event.stopped ? 'stopped' : 'complete');
          break;
        case 'failed':
          end(event.lost ? 'lost' : 'failed');
          complaint.value = {
            title: event.lost ? 'The GPU was lost during the run' : 'The run ended early',
            text: event.lost
              ? `${event.message} What was measured is kept below; the next run opens another device.`
              : event.message,
          };
          break;
      }
    });
  under = startJob('measure', context, wanted, emit);
  void under.then((run) => {
    thread = run.thread;
  });
}

/** Ends the run between two steps; what is done stays. */
export function stop(): void {
  if (progress.value) progress.value = { ...progress.value, phase: 'stopping' };
  void under?.then((run) => run.stop());
}

const beginning: Progress = {
  phase: 'opening',
  steps: 0,
  stepsDone: 0,
  measurements: 0,
  measured: 0,
  current: '',
  verifyingSince: 0,
  measuringSince: 0,
};

function describe(context: Context, wanted: Settings): BenchmarkRun {
  const { name, kind, features } = context.adapter;
  const { limits } = context.gpu.device;
  return {
    octile: 'benchmark',
    schema,
    id: crypto.randomUUID(),
    date: new Date().toISOString(),
    version: __VERSION__,
    machine: {
      name,
      kind,
      browser: browserText(browserName()),
      features: [...features].sort(),
      workgroupMemory: limits.maxComputeWorkgroupStorageSize,
      largestBuffer: Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize),
    },
    settings: wanted,
    thread: 'page',
    ended: 'stopped',
    checks: [],
    records: [],
  };
}

/** Puts a run beside the shown one, or shows it where there is none. A run that is there already is not added. */
export function addRun(run: BenchmarkRun): void {
  if (!shown.value) shown.value = run;
  else if (shown.value.id !== run.id && others.value.every(({ id }) => id !== run.id))
    others.value = [...others.value, run];
}
