/** @file Tunings in browsers: reading opens no database that is not there, because opening makes it. */

import { afterEach, expect, test, vi } from 'vitest';
import { FileError } from '../../src/errors.js';
import { browserStore } from '../../src/tune/browser-store.js';

afterEach(() => vi.unstubAllGlobals());

/** A browser that tells of these databases, or of none, and refuses to open any. */
function browserWith(databases: (() => Promise<{ name: string }[]>) | undefined) {
  const open = vi.fn(() => {
    throw new Error('refused');
  });
  vi.stubGlobal('indexedDB', { open, databases });
  return open;
}

test('a browser without the database has no tuning, and gets no database', async () => {
  const open = browserWith(async () => [{ name: 'of another' }]);
  expect(await browserStore.read('some GPU')).toBeUndefined();
  expect(open).not.toHaveBeenCalled();
});

test.each([
  ['has it', async () => [{ name: 'octile' }]],
  ['does not tell', undefined],
  ['fails to tell', async () => Promise.reject(new Error('private'))],
])('one that %s is asked', async (_, databases) => {
  const open = browserWith(databases);
  await expect(browserStore.read('some GPU')).rejects.toThrow(FileError);
  expect(open).toHaveBeenCalledOnce();
});
