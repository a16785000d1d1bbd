/** @file Where a job takes place: in a worker where it has WebGPU, else on the page with the page's own device. */

import type { Context } from '../../src/index.js';
import { restrictions } from '../device/device.js';
import { forgetWorker, prepareWorker, send } from './background.js';
import { pageLibraries } from './libraries.js';
import { runInFrame } from './peers-frame.js';
import type { Answer, EventOf, Job } from './protocol.js';
import type { Settings } from './settings.js';

export interface Run {
  readonly thread: 'worker' | 'page';
  /** Ends it between two steps; what is done by then has been told. */
  stop(): void;
}

/** Starts a job; `emit` is told what happens, `done` or `failed` last. */
export async function startJob<J extends Job>(
  job: J,
  context: Context,
  settings: Settings,
  emit: (event: EventOf[J]) => void,
): Promise<Run> {
  const start = { type: 'start', job, settings, options: restrictions.options } as const;
  if (job === 'measure' && settings.peers !== 'none' && pageLibraries.length > 0)
    return runInFrame(start, emit as (event: EventOf[Job]) => void);
  const background = await prepareWorker();
  if (background) {
    background.onmessage = ({ data }: MessageEvent<Answer>) => {
      if (data.type === 'available') return;
      emit(data as EventOf[J]);
    };
    background.onerror = (event) => {
      forgetWorker();
      emit({ type: 'failed', lost: false, message: event.message || 'the worker ended by an error' });
    };
    send(background, start);
    return { thread: 'worker', stop: () => send(background, { type: 'stop' }) };
  }
  const stop = new AbortController();
  const { gpu } = context;
  const say = emit as (event: EventOf[Job]) => void;
  const failed = (error: unknown) =>
    say({ type: 'failed', lost: false, message: error instanceof Error ? error.message : String(error) });
  const run =
    job === 'tune'
      ? import('./run-tuning.js').then(({ runTuning }) => runTuning(gpu, settings, stop.signal, say))
      : import('./run-suite.js').then(({ runSuite }) => runSuite(gpu, settings, stop.signal, say));
  // A part of the page that does not load is told as well.
  run.catch(failed);
  return { thread: 'page', stop: () => stop.abort() };
}
