/** @file Tunings in files, one an adapter, in the user's cache: for Node. */

import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FileError } from '../errors.js';
import { userCache } from '../gpu/cache.js';
import { statOf, writeFiles } from '../io/files.js';
import type { TuningStore } from './store.js';

/** Files of that many bytes are no tuning. */
const largest = 2 ** 24;

export const fileStore: TuningStore = {
  async read(adapter) {
    const path = await tuningPath(adapter);
    const state = await statOf(path);
    if (!state) return undefined;
    if (state.size > largest) throw new FileError(`${path} is too large for a tuning`);
    try {
      return JSON.parse(await readFile(path, 'utf8'));
    } catch (error) {
      throw new FileError(`${path} is no tuning: ${error instanceof Error ? error.message : error}`);
    }
  },

  async write(tuning) {
    const text = `${JSON.stringify(tuning, undefined, 2)}\n`;
    await writeFiles([{ path: await tuningPath(tuning.adapter), parts: [new TextEncoder().encode(text)] }]);
  },

  async remove(adapter) {
    await rm(await tuningPath(adapter), { force: true });
  },
};

/**
 * The file of an adapter's tuning.
 * @throws FileError if there is no folder for it
 */
export async function tuningPath(adapter: string): Promise<string> {
  const name = adapter.replaceAll(/[^\w.-]+/g, '-').replace(/^[.-]+/, '') || 'adapter';
  try {
    return join(await userCache(), `tuning-${name.slice(0, 100)}.json`);
  } catch (error) {
    throw new FileError(`there is no folder for tunings: ${error instanceof Error ? error.message : error}`);
  }
}
