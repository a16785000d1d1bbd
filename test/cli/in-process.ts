/** @file The command line's program, run in this process: for many commands, or ones that a test looks into. */

import process from 'node:process';
import { vi } from 'vitest';
import { run } from '../../src/cli/run.js';
import type { Finished } from './octile.js';

/** Runs `octile` with arguments to its end and gives what it printed. */
export async function octileHere(...args: readonly string[]): Promise<Finished> {
  const printed = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      printed[name] += text;
      return true;
    }),
  );
  try {
    return { status: await run(['node', 'octile', ...args]), ...printed };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
