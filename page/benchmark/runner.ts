/** @file Where a run takes place: in a worker where it has WebGPU, else on the page with the page's own device. */

import type { Context } from '../../src/index.js';
import { restrictions } from '../device/device.js';
import type { Answer, Order, RunEvent } from './protocol.js';
import type { Settings } from './settings.js';

export interface Run {
  readonly thread: 'worker' | 'page';
  /** Ends it between two steps; what is done by then has been told. */
  stop(): void;
}

let worker: Promise<Worker | undefined> | undefined;

/** Starts the worker ahead of its use, so that nothing is fetched when a run begins. */
export function prepareWorker(): Promise<Worker | undefined> {
  worker ??= new Promise((resolve) => {
    try {
      const fresh = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
      fresh.onerror = () => resolve(undefined);
      fresh.onmessage = ({ data }: MessageEvent<Answer>) => {
        if (data.type !== 'available') return;
        if (data.available) return resolve(fresh);
        fresh.terminate();
        resolve(undefined);
      };
      order(fresh, { type: 'probe' });
    } catch {
      resolve(undefined);
    }
  });
  return worker;
}

/** Starts a run; `emit` is told what happens, `done` or `failed` last. */
export async function startRun(
  context: Context,
  settings: Settings,
  emit: (event: RunEvent) => void,
): Promise<Run> {
  const background = await prepareWorker();
  if (background) {
    background.onmessage = ({ data }: MessageEvent<Answer>) => {
      if (data.type === 'available') return;
      // Other libraries keep the device they were lent, which ends with the run: the next one has a fresh worker.
      if (settings.peers !== 'none' && (data.type === 'done' || data.type === 'failed')) {
        background.terminate();
        worker = undefined;
      }
      emit(data);
    };
    background.onerror = (event) => {
      worker = undefined;
      emit({ type: 'failed', lost: false, message: event.message || 'the worker ended by an error' });
    };
    order(background, { type: 'start', settings, options: restrictions.options });
    return { thread: 'worker', stop: () => order(background, { type: 'stop' }) };
  }
  const { runSuite } = await import('./run-suite.js');
  const stop = new AbortController();
  void runSuite(context.gpu, settings, stop.signal, emit);
  return { thread: 'page', stop: () => stop.abort() };
}

function order(to: Worker, message: Order): void {
  to.postMessage(message);
}
