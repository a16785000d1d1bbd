/** @file The worker that runs the benchmark on a device of its own, so that the page stays usable. */

import { open } from '../../src/index.js';
import type { Answer, Order } from './protocol.js';
import { runSuite } from './run-suite.js';

let stop: AbortController | undefined;

addEventListener('message', ({ data }: MessageEvent<Order>) => {
  switch (data.type) {
    case 'probe':
      return void probe();
    case 'stop':
      return stop?.abort();
    case 'start':
      return void start(data);
  }
});

/** Some browsers have navigator.gpu in workers, and no adapter there. */
async function probe(): Promise<void> {
  const adapter = await navigator.gpu?.requestAdapter().catch(() => null);
  say({ type: 'available', available: Boolean(adapter) });
}

async function start({ settings, options }: Extract<Order, { type: 'start' }>): Promise<void> {
  stop = new AbortController();
  const { signal } = stop;
  try {
    using context = await open(options);
    await runSuite(context.gpu, settings, signal, say);
  } catch (error) {
    say({ type: 'failed', lost: false, message: error instanceof Error ? error.message : String(error) });
  }
}

function say(answer: Answer): void {
  postMessage(answer);
}
