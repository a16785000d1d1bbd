/** @file Folders filled once: where they are kept, by how many at once, and what happens where nothing can be. */

import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { cachedFolder } from '../../src/gpu/cache.js';

let root: string;
const fill = vi.fn(async (folder: string) => writeFile(join(folder, 'file'), 'whole'));

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'octile-cache-test-'));
  vi.stubEnv('XDG_CACHE_HOME', join(root, 'cache'));
  vi.stubEnv('TMPDIR', root);
  fill.mockClear();
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(root, { recursive: true, force: true });
});

/** A path below which nothing can be made, whoever asks. */
const nowhere = '/dev/null/cache';

test('a folder is filled in the cache, once', async () => {
  const folder = await cachedFolder('thing-1', fill);
  expect(folder).toBe(join(root, 'cache', 'octile', 'thing-1'));
  expect(await readFile(join(folder, 'file'), 'utf8')).toBe('whole');
  expect(await cachedFolder('thing-1', fill)).toBe(folder);
  expect(fill).toHaveBeenCalledOnce();
  expect(await readdir(join(root, 'cache', 'octile'))).toEqual(['thing-1']);
});

test('without XDG_CACHE_HOME it is below the home folder', async () => {
  vi.stubEnv('XDG_CACHE_HOME', '');
  vi.stubEnv('HOME', root);
  expect(await cachedFolder('thing-1', fill)).toBe(join(root, '.cache', 'octile', 'thing-1'));
});

test('many at once leave one whole folder and nothing else', async () => {
  const folders = await Promise.all(Array.from({ length: 8 }, () => cachedFolder('thing-1', fill)));
  expect(new Set(folders).size).toBe(1);
  expect(await readdir(join(root, 'cache', 'octile'))).toEqual(['thing-1']);
  expect(await readFile(join(folders[0] as string, 'file'), 'utf8')).toBe('whole');
});

test('what cannot be filled leaves nothing behind, and says so', async () => {
  const failing = async (folder: string) => {
    await writeFile(join(folder, 'half'), '');
    throw new Error('the archive is broken\nand more');
  };
  await expect(cachedFolder('thing-1', failing)).rejects.toThrow(
    /^the archive is broken; the archive is broken; set/,
  );
  expect(await readdir(join(root, 'cache', 'octile'))).toEqual([]);
});

test('where the cache cannot be written, a private folder is taken', async () => {
  vi.stubEnv('XDG_CACHE_HOME', nowhere);
  const folder = await cachedFolder('thing-1', fill);
  const parent = join(root, `octile-${process.getuid?.() ?? 'user'}`);
  expect(folder).toBe(join(parent, 'thing-1'));
  expect((await stat(parent)).mode & 0o777).toBe(0o700);
  expect(await cachedFolder('thing-1', fill)).toBe(folder);
  expect(fill).toHaveBeenCalledOnce();
});

test.skipIf(process.getuid === undefined)(
  'but not one that others can write, or that is elsewhere',
  async () => {
    vi.stubEnv('XDG_CACHE_HOME', nowhere);
    const parent = join(root, `octile-${process.getuid?.()}`);
    await cachedFolder('thing-1', fill);
    await chmod(parent, 0o777);
    await expect(cachedFolder('thing-1', fill)).rejects.toThrow(
      `${parent} is not a folder that only this user can write`,
    );

    await rm(parent, { recursive: true });
    const elsewhere = await mkdtemp(join(root, 'elsewhere-'));
    await symlink(elsewhere, parent);
    await expect(cachedFolder('thing-1', fill)).rejects.toThrow(
      `${parent} is not a folder that only this user can write`,
    );
  },
);

test('where nothing can be written, the message says what stood in the way and what helps', async () => {
  vi.stubEnv('XDG_CACHE_HOME', nowhere);
  vi.stubEnv('TMPDIR', nowhere);
  const error = await cachedFolder('thing-1', fill).catch((e: unknown) => e as Error);
  expect((error as Error).message).toMatch(
    /^\/dev\/null\/cache cannot be made: .* is not a folder; \/dev\/null\/cache cannot be made: .* is not a folder; set XDG_CACHE_HOME to a folder that can be written$/,
  );
  expect(fill).not.toHaveBeenCalled();
});

test.skipIf(process.platform !== 'linux')(
  'a file system that answers every new name with ENOENT is given up',
  async () => {
    vi.stubEnv('XDG_CACHE_HOME', '/proc/octile-none/cache');
    vi.stubEnv('TMPDIR', '/proc/octile-none/temporary');
    await expect(cachedFolder('thing-1', fill)).rejects.toThrow(/^\/proc\/octile-none cannot be made: /);
  },
);
