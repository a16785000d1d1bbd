/** @file The state of tuning: the work under way, how the last one ended, and what this browser keeps. */

import { batch, signal } from '@preact/signals';
import type { Trial } from '../../bench/tune.js';
import { ArgumentError, OctileError } from '../../src/errors.js';
import type { Context } from '../../src/index.js';
import { browserStore } from '../../src/tune/browser-store.js';
import { readTuning } from '../../src/tune/store.js';
import { applyTuning } from '../../src/tune/tuned.js';
import type { TunedProduct, Tuning } from '../../src/tune/tuning.js';
import type { TuningEvent } from './protocol.js';
import { type Run, startJob } from './runner.js';
import { settings } from './state.js';

export interface TuningProgress {
  /** The shape being tuned, the how manieth of how many. */
  readonly name: string;
  readonly index: number;
  readonly total: number;
  /** Candidates of this shape that were tried, and how many there are as far as that is known. */
  readonly tried: number;
  readonly candidates: number;
  readonly last: Trial | undefined;
  readonly fastest: Trial | undefined;
  readonly stopping: boolean;
  /** performance.now() when it began. */
  readonly since: number;
}

export interface Ending {
  readonly kind: 'good' | 'info' | 'warn' | 'bad';
  readonly title: string;
  /** What is to be known of single shapes. */
  readonly remarks: readonly string[];
}

export type KeptTuning =
  | { readonly status: 'loading' }
  /** `remark`: what is wrong with what is stored, which counts as nothing. */
  | { readonly status: 'ready'; readonly products: readonly TunedProduct[]; readonly remark?: string }
  | { readonly status: 'unavailable'; readonly reason: string };

/** undefined while nothing is tuned. */
export const tuning = signal<TuningProgress | undefined>(undefined);
export const ending = signal<Ending | undefined>(undefined);
export const keptTuning = signal<KeptTuning>({ status: 'loading' });

let under: Promise<Run> | undefined;

/** Tunes the shapes of the settings. Each winner is kept as soon as it is found. */
export function startTuning(context: Context): void {
  const remarks: string[] = [];
  let found = 0;
  batch(() => {
    ending.value = undefined;
    tuning.value = { ...beginning, since: performance.now() };
  });
  const end = (kind: Ending['kind'], title: string) =>
    batch(() => {
      tuning.value = undefined;
      under = undefined;
      ending.value = { kind, title, remarks };
    });
  const emit = (event: TuningEvent) => {
    const before = tuning.value;
    if (!before) return;
    switch (event.type) {
      case 'shape': {
        const { name, index, total } = event;
        const { since, stopping } = before;
        tuning.value = { ...beginning, name, index, total, since, stopping };
        break;
      }
      case 'trial': {
        const { trial, done, total } = event;
        const fastest = fasterOf(before.fastest, trial);
        tuning.value = { ...before, last: trial, fastest, tried: done, candidates: total };
        break;
      }
      case 'tuned':
        found++;
        if (event.stays !== undefined)
          remarks.push(`${event.name}: ${event.stays}, found before, is faster and is kept.`);
        void loadKept(context);
        break;
      case 'untuned':
        remarks.push(`${event.name} was left out: ${event.reason}.`);
        break;
      case 'done': {
        const shapes = `${found} ${found === 1 ? 'shape is' : 'shapes are'} tuned`;
        if (event.stopped) end('info', `Stopped: ${shapes}${found > 0 ? ', and kept' : ''}`);
        else
          end(
            found > 0 ? 'good' : 'warn',
            found > 0 ? `${shapes}, and later runs use it` : 'Nothing was tuned',
          );
        break;
      }
      case 'failed':
        remarks.push(event.message);
        if (found > 0) remarks.push('What was found before that is kept.');
        end('bad', event.lost ? 'The GPU was lost while tuning' : 'Tuning ended early');
        break;
    }
  };
  under = startJob('tune', context, settings.value, emit);
}

/** Ends it after the candidate under way; shapes that are finished stay. */
export function stopTuning(): void {
  if (tuning.value) tuning.value = { ...tuning.value, stopping: true };
  void under?.then((run) => run.stop());
}

/** Reads what is kept for this adapter, and lets the page's own device follow it. */
export async function loadKept({ gpu }: Context): Promise<void> {
  let stored: Tuning | undefined;
  try {
    if (!globalThis.indexedDB) throw new OctileError('it has no IndexedDB');
    stored = await readTuning(browserStore, gpu.adapter.name);
    keptTuning.value = { status: 'ready', products: stored?.products ?? [] };
  } catch (error) {
    if (!(error instanceof OctileError)) throw error;
    keptTuning.value =
      error instanceof ArgumentError
        ? { status: 'ready', products: [], remark: error.message }
        : { status: 'unavailable', reason: error.message };
  }
  applyTuning(gpu, stored);
}

/** Forgets what is kept for this adapter. */
export async function forgetKept(context: Context): Promise<void> {
  try {
    await browserStore.remove(context.gpu.adapter.name);
    ending.value = undefined;
  } catch (error) {
    if (!(error instanceof OctileError)) throw error;
    ending.value = { kind: 'bad', title: 'It could not be forgotten', remarks: [error.message] };
  }
  await loadKept(context);
}

function fasterOf(before: Trial | undefined, trial: Trial): Trial | undefined {
  const time = ({ microseconds = Number.POSITIVE_INFINITY }: Trial) => microseconds;
  if (trial.microseconds === undefined || (before && time(before) <= time(trial))) return before;
  return trial;
}

const beginning: TuningProgress = {
  name: '',
  index: 0,
  total: 0,
  tried: 0,
  candidates: 0,
  last: undefined,
  fastest: undefined,
  stopping: false,
  since: 0,
};
