/** @file Tunings in files: what is written is read, and reading leaves nothing behind. */

import { existsSync } from 'node:fs';
import { afterEach, expect, test, vi } from 'vitest';
import { fileStore, followedStore } from '../../src/tune/file-store.js';
import { readTuning } from '../../src/tune/store.js';
import { emptyTuning } from '../../src/tune/tuning.js';
import { temporaryFolder } from '../io/temporary.js';

const path = temporaryFolder();
afterEach(() => vi.unstubAllEnvs());

test('reading and removing make no folder, writing does', async () => {
  const cache = path('cache');
  vi.stubEnv('XDG_CACHE_HOME', cache);
  expect(await fileStore.read('some GPU')).toBeUndefined();
  await fileStore.remove('some GPU');
  expect(existsSync(cache)).toBe(false);
  await fileStore.write(emptyTuning('some GPU'));
  expect(await readTuning(fileStore, 'some GPU')).toEqual(emptyTuning('some GPU'));
  // Its file has the same name.
  expect(await fileStore.read('some-GPU')).toEqual(emptyTuning('some GPU'));
  expect(await readTuning(fileStore, 'some-GPU')).toBeUndefined();
  await fileStore.remove('some GPU');
  expect(await fileStore.read('some GPU')).toBeUndefined();
});

test('contexts follow it unless they are told not to', () => {
  for (const told of ['off', 'OFF', '0', 'no', 'false']) {
    vi.stubEnv('OCTILE_TUNING', told);
    expect(followedStore()).toBeUndefined();
  }
  vi.stubEnv('OCTILE_TUNING', '');
  expect(followedStore()).toBe(fileStore);
});
