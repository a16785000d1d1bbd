/** @file Where a job takes place: in a worker where it has WebGPU, else on the page with the page's own device. */

import type { Context } from '../../src/index.js';
import { restrictions } from '../device/device.js';
import { forgetWorker, order, prepareWorker } from './background.js';
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
  const background = await prepareWorker();
  if (background) {
    background.onmessage = ({ data }: MessageEvent<Answer>) => {
      if (data.type === 'available') return;
      // Other libraries keep the device they were lent, which ends with the run: the next one has a fresh worker.
      if (
        job === 'measure' &&
        settings.peers !== 'none' &&
        (data.type === 'done' || data.type === 'failed')
      ) {
        background.terminate();
        forgetWorker();
      }
      emit(data as EventOf[J]);
    };
    background.onerror = (event) => {
      forgetWorker();
      emit({ type: 'failed', lost: false, message: event.message || 'the worker ended by an error' });
    };
    order(background, { type: 'start', job, settings, options: restrictions.options });
    return { thread: 'worker', stop: () => order(background, { type: 'stop' }) };
  }
  const stop = new AbortController();
  const { gpu } = context;
  const say = emit as (event: EventOf[Job]) => void;
  void (job === 'tune'
    ? import('./run-tuning.js').then(({ runTuning }) => runTuning(gpu, settings, stop.signal, say))
    : import('./run-suite.js').then(({ runSuite }) => runSuite(gpu, settings, stop.signal, say)));
  return { thread: 'page', stop: () => stop.abort() };
}
