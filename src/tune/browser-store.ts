/** @file Tunings in IndexedDB: for browsers. */

import { type IDBPDatabase, openDB } from 'idb';
import { FileError } from '../errors.js';
import type { TuningStore } from './store.js';

const name = 'octile';
const table = 'tunings';

/** Opened for each use: tunings are read once a context and written rarely. */
async function withDatabase<T>(work: (database: IDBPDatabase) => Promise<T>): Promise<T> {
  try {
    const database = await openDB(name, 1, { upgrade: (fresh) => void fresh.createObjectStore(table) });
    try {
      return await work(database);
    } finally {
      database.close();
    }
  } catch (error) {
    // Browsers refuse storage in some private windows and embedded pages.
    throw new FileError(`the browser's storage: ${error instanceof Error ? error.message : error}`);
  }
}

/** Whether there is a database: opening one makes it. Browsers that do not tell may have one. */
async function isThere(): Promise<boolean> {
  try {
    const databases = await globalThis.indexedDB.databases?.();
    return databases?.some((database) => database.name === name) ?? true;
  } catch {
    return true;
  }
}

export const browserStore: TuningStore = {
  async read(adapter) {
    if (!globalThis.indexedDB || !(await isThere())) return undefined;
    return withDatabase((database) => database.get(table, adapter));
  },

  async write(tuning) {
    await withDatabase((database) => database.put(table, tuning, tuning.adapter));
  },

  async remove(adapter) {
    await withDatabase((database) => database.delete(table, adapter));
  },
};
