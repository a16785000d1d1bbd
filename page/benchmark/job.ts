/** @file Jobs on a device of their own, as they are ordered: what a worker does, or a document without one. */

import { open } from '../../src/index.js';
import { type Answer, failure, type Order } from './protocol.js';
import { runSuite } from './run-suite.js';
import { runTuning } from './run-tuning.js';

let stop: AbortController | undefined;

/** Does what is ordered, and says what happens. */
export function obey(order: Order, say: (answer: Answer) => void): void {
  if (order.type === 'stop') stop?.abort();
  else void start(order, say);
}

async function start(
  { job, settings, options }: Extract<Order, { type: 'start' }>,
  say: (answer: Answer) => void,
): Promise<void> {
  stop = new AbortController();
  const { signal } = stop;
  try {
    using context = await open(options);
    await (job === 'tune' ? runTuning : runSuite)(context.gpu, settings, signal, say);
  } catch (error) {
    say(failure(error));
  }
}
