/** @file What Ctrl-C, or a signal to end from elsewhere (timeout, a service), does to a command. */

import process from 'node:process';
import { printAside } from './terminal.js';

/** The signals, and the exit status of a program that each has ended, as shells have it. */
const statuses = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Calls `stop` with the exit status when the first of the signals comes; a second, of either kind, ends the process.
 * @returns what leaves the signals alone again
 */
export function onInterrupt(stop: (status: number) => void): () => void {
  const off = () => {
    for (const { signal, handler } of handlers) process.off(signal, handler);
  };
  const handlers = Object.entries(statuses).map(([signal, status]) => {
    const handler = () => {
      off();
      stop(status);
    };
    process.on(signal, handler);
    return { signal, handler };
  });
  return off;
}

/** Work that can be stopped: a signal that aborts when the process is asked to end, and the exit status it then has. */
export class Interruption {
  readonly #controller = new AbortController();
  readonly #off: () => void;
  #status = 0;

  /** @param message what is printed when it comes */
  constructor(message: string) {
    this.#off = onInterrupt((status) => {
      printAside(message);
      this.#status = status;
      this.#controller.abort();
    });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Whether the process was asked to end. */
  get came(): boolean {
    return this.signal.aborted;
  }

  /** 0 if it was not. */
  get status(): number {
    return this.#status;
  }

  /** Leaves the signals alone again. */
  over(): void {
    this.#off();
  }
}

/** Does work of which nothing is worth keeping before it is done: the process ends, and says so. */
export async function endingOnInterrupt<T>(work: () => Promise<T>): Promise<T> {
  const off = onInterrupt((status) => {
    // A line of its own, below the terminal's ^C and a progress bar.
    if (process.stderr.isTTY) process.stderr.write('\n');
    printAside('stopped; nothing was written');
    process.exit(status);
  });
  try {
    return await work();
  } finally {
    off();
  }
}
