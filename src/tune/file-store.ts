/** @file Tunings in files, one an adapter, in the user's cache: for Node. */

import { readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { FileError } from '../errors.js';
import { userCachePath } from '../gpu/cache.js';
import { makeFolder, statOf, writeFiles } from '../io/files.js';
import type { TuningStore } from './store.js';

/** Files of that many bytes are no tuning. */
const largest = 2 ** 24;

export const fileStore: TuningStore = {
  async read(adapter) {
    const path = tuningPath(adapter);
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
    const path = tuningPath(tuning.adapter);
    await makeFolder(dirname(path));
    const text = `${JSON.stringify(tuning, undefined, 2)}\n`;
    await writeFiles([{ path, parts: [new TextEncoder().encode(text)] }]);
  },

  async remove(adapter) {
    await rm(tuningPath(adapter), { force: true });
  },
};

/** The store that contexts follow: none with OCTILE_TUNING=off, or what else people write for that. */
export function followedStore(): TuningStore | undefined {
  return /^(off|0|no|false)$/i.test(process.env.OCTILE_TUNING ?? '') ? undefined : fileStore;
}

/** The file of an adapter's tuning. */
export function tuningPath(adapter: string): string {
  const name = adapter.replaceAll(/[^\w.-]+/g, '-').replace(/^[.-]+/, '') || 'adapter';
  return join(userCachePath(), `tuning-${name.slice(0, 100)}.json`);
}
