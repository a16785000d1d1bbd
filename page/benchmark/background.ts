/** @file The worker of a document, bound by that document's content security policy. */

import type { Answer, Order } from './protocol.js';
import address from './worker.ts?worker&url';

let worker: Promise<Worker | undefined> | undefined;

/** The worker, made on the first call; undefined where it has no WebGPU. */
export function prepareWorker(): Promise<Worker | undefined> {
  worker ??= new Promise((resolve) => {
    try {
      const fresh = create();
      fresh.onerror = () => resolve(undefined);
      fresh.onmessage = ({ data }: MessageEvent<Answer>) => {
        if (data.type !== 'available') return;
        if (data.available) return resolve(fresh);
        fresh.terminate();
        resolve(undefined);
      };
    } catch {
      resolve(undefined);
    }
  });
  return worker;
}

/**
 * A worker's policy is what the server sends with its file, and hosts of static files send none; that of a worker out
 * of a blob is its document's. The import is a dynamic one, which the policy counts as a script and not as a worker.
 */
function create(): Worker {
  const file = JSON.stringify(new URL(address, import.meta.url).href);
  const text = `import(${file}).catch(() => postMessage({ type: 'available', available: false }));`;
  const blob = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
  try {
    return new Worker(blob, { type: 'module' });
  } finally {
    // Once the worker has begun to load it.
    setTimeout(() => URL.revokeObjectURL(blob), 10_000);
  }
}

/** Lets the next call make another: this one has ended. */
export function forgetWorker(): void {
  worker = undefined;
}

export function send(to: Worker, message: Order): void {
  to.postMessage(message);
}
