/**
 * @file Folders that are filled once and kept: below the user's cache, or, where that cannot be written, below
 * a folder of the user's own in the system's temporary folder.
 */

import { existsSync } from 'node:fs';
import { lstat, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { makeFolder } from '../io/files.js';
import { firstLine } from './dawn.js';

/**
 * The folder of that name, filled by `fill` unless it is there already. Safe in several processes at once: the
 * folder appears whole or not at all.
 * @throws Error saying what stood in the way of each place, if the folder can be kept nowhere
 */
export async function cachedFolder(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const refusals: string[] = [];
  for (const place of [userCache, privateTemporary])
    try {
      const folder = join(await place(), name);
      if (!existsSync(folder)) await fillOnce(folder, fill);
      return folder;
    } catch (error) {
      refusals.push(firstLine(error));
    }
  throw new Error(`${refusals.join('; ')}; set XDG_CACHE_HOME to a folder that can be written`);
}

async function fillOnce(folder: string, fill: (folder: string) => Promise<void>): Promise<void> {
  const fresh = await mkdtemp(`${folder}-unpack-`);
  try {
    await fill(fresh);
    await rename(fresh, folder);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    // Another process may have been quicker, and a folder that is not empty cannot be replaced.
    if (!existsSync(folder)) throw error;
  }
}

/** octile's folder in the user's cache, which may not be there yet. */
export function userCachePath(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'octile');
}

/** octile's folder in the user's cache, made if it is not there. */
async function userCache(): Promise<string> {
  const folder = userCachePath();
  await makeFolder(folder);
  return folder;
}

/** Code is loaded from these folders: nobody else may have been able to write into one. */
async function privateTemporary(): Promise<string> {
  const user = process.getuid?.();
  const folder = join(tmpdir(), `octile-${user ?? 'user'}`);
  await makeFolder(tmpdir());
  await mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
    if (!existsSync(folder)) throw error;
  });
  const found = await lstat(folder);
  const own = user === undefined || (found.uid === user && (found.mode & 0o022) === 0);
  if (!found.isDirectory() || !own)
    throw new Error(`${folder} is not a folder that only this user can write`);
  return folder;
}
