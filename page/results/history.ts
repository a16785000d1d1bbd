/** @file Runs kept in the browser's own storage. Where that is forbidden, everything else still works. */

import { signal } from '@preact/signals';
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import type { BenchmarkRun } from './benchmark-run.js';

interface Shelf extends DBSchema {
  runs: { key: string; value: BenchmarkRun };
}

export type History =
  | { readonly status: 'loading' }
  | { readonly status: 'ready'; readonly runs: readonly BenchmarkRun[] }
  | { readonly status: 'unavailable'; readonly reason: string };

/** The kept runs, the latest first. */
export const history = signal<History>({ status: 'loading' });

let database: Promise<IDBPDatabase<Shelf>> | undefined;

function shelf(): Promise<IDBPDatabase<Shelf>> {
  database ??= openDB<Shelf>('octile-page', 1, {
    upgrade: (fresh) => void fresh.createObjectStore('runs', { keyPath: 'id' }),
  });
  return database;
}

/** Does something with the storage and reads it anew. */
async function change(work: (runs: IDBPDatabase<Shelf>) => Promise<unknown>): Promise<void> {
  try {
    const open = await shelf();
    await work(open);
    const runs = await open.getAll('runs');
    history.value = { status: 'ready', runs: runs.sort((a, b) => b.date.localeCompare(a.date)) };
  } catch (error) {
    database = undefined;
    history.value = { status: 'unavailable', reason: error instanceof Error ? error.message : String(error) };
  }
}

export const loadHistory = () => change(async () => undefined);
export const keepRun = (run: BenchmarkRun) => change((open) => open.put('runs', run));
export const deleteRun = (id: string) => change((open) => open.delete('runs', id));
export const clearHistory = () => change((open) => open.clear('runs'));
