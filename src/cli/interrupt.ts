/** @file What Ctrl-C does to a command. */

import process from 'node:process';
import { printAside } from './terminal.js';

/** Exit status of a program that SIGINT ended, as shells have it. */
export const interruptedStatus = 130;

/** Does work of which nothing is worth keeping before it is done: Ctrl-C ends the process, and says so. */
export async function endingOnInterrupt<T>(work: () => Promise<T>): Promise<T> {
  const end = () => {
    // A line of its own, below the terminal's ^C and a progress bar.
    if (process.stderr.isTTY) process.stderr.write('\n');
    printAside('stopped; nothing was written');
    process.exit(interruptedStatus);
  };
  process.once('SIGINT', end);
  try {
    return await work();
  } finally {
    process.off('SIGINT', end);
  }
}
