/** @file The worker that measures and tunes on a device of its own, so that the page stays usable. */

import { open } from '../../src/index.js';
import { type Answer, failure, type Order } from './protocol.js';
import { runSuite } from './run-suite.js';
import { runTuning } from './run-tuning.js';

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

async function start({ job, settings, options }: Extract<Order, { type: 'start' }>): Promise<void> {
  stop = new AbortController();
  const { signal } = stop;
  try {
    using context = await open(options);
    await (job === 'tune' ? runTuning : runSuite)(context.gpu, settings, signal, say);
  } catch (error) {
    say(failure(error));
  }
}

function say(answer: Answer): void {
  postMessage(answer);
}
