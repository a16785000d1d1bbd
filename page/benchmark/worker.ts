/** @file The worker that measures and tunes, so that the page stays usable. */

import { obey } from './job.js';
import type { Answer, Order } from './protocol.js';

// Some browsers have navigator.gpu in workers, and no adapter there.
void (navigator.gpu?.requestAdapter().catch(() => null) ?? Promise.resolve(null)).then((adapter) =>
  say({ type: 'available', available: Boolean(adapter) }),
);

addEventListener('message', ({ data }: MessageEvent<Order>) => obey(data, say));

function say(answer: Answer): void {
  postMessage(answer);
}
