/** @file Reading and writing files: each failure is a FileError that names the file and what is wrong. */

import { randomBytes } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { access, type FileHandle, mkdir, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { FileError } from '../errors.js';

/** What a file shall hold: its bytes, in parts. */
export interface FileContent {
  readonly path: string;
  readonly parts: readonly Uint8Array[];
}

/** Bytes read at a time: a read of 2 GiB and more is refused by Node. */
const chunk = 2 ** 28;

const emptyPath = 'the path of the output is empty';

/** A path's state, or undefined if there is nothing at it. */
export async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw fileError(path, 'reached', error);
  }
}

/** Opens a file for reading and closes it afterwards. */
export async function withFile<T>(
  path: string,
  work: (handle: FileHandle, size: number) => Promise<T>,
): Promise<T> {
  const state = await statOf(path);
  if (!state) throw new FileError(`${path} does not exist`);
  if (state.isDirectory()) throw new FileError(`${path} is a folder, not a file`);
  if (!state.isFile()) throw new FileError(`${path} is not a regular file`);
  const handle = await open(path).catch((error: unknown) => {
    throw fileError(path, 'read', error);
  });
  try {
    return await work(handle, state.size);
  } catch (error) {
    throw error instanceof FileError ? error : fileError(path, 'read', error);
  } finally {
    await handle.close();
  }
}

/**
 * A whole file as text.
 * @throws FileError
 */
export async function readText(path: string): Promise<string> {
  const bytes = await withFile(path, (handle, size) => readBytes(handle, 0, size));
  return new TextDecoder().decode(bytes);
}

/** Reads `length` bytes from `position` on; the result is shorter if the file is. */
export async function readBytes(handle: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(new ArrayBuffer(length));
  let filled = 0;
  while (filled < length) {
    const wanted = Math.min(chunk, length - filled);
    const { bytesRead } = await handle.read(bytes, filled, wanted, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

/**
 * Checks that a file can be written at `path`, before the work for it begins.
 * @param inputs files and folders that must not be overwritten
 * @throws FileError
 */
export async function requireOutputFile(path: string, inputs: readonly string[]): Promise<void> {
  if (path === '') throw new FileError(emptyPath);
  const state = await statOf(path);
  if (state?.isDirectory()) throw new FileError(`${path} is a folder; the output must be a file`);
  if (state && !state.isFile()) throw new FileError(`${path} is not a regular file and is not overwritten`);
  const parent = await statOf(dirname(resolve(path)));
  if (!parent) throw new FileError(`${path} cannot be written: the folder ${dirname(path)} does not exist`);
  if (!parent.isDirectory())
    throw new FileError(`${path} cannot be written: ${dirname(path)} is not a folder`);
  await access(dirname(resolve(path)), constants.W_OK).catch((error: unknown) => {
    throw fileError(path, 'written', error);
  });
  if (!state) return;
  for (const input of inputs) {
    const source = await statOf(input);
    if (source && source.ino === state.ino && source.dev === state.dev)
      throw new FileError(`${path} is also an input (${input}); it is not overwritten`);
  }
}

/**
 * Checks that files can be written to a folder, which need not be there yet, before the work for them begins.
 * @param files paths in the folder
 * @param inputs files and folders that must not be overwritten
 * @throws FileError
 */
export async function requireOutputFolder(
  path: string,
  files: readonly string[],
  inputs: readonly string[],
): Promise<void> {
  if (path === '') throw new FileError(emptyPath);
  const state = await statOf(path);
  if (state?.isDirectory()) {
    for (const file of files) await requireOutputFile(file, inputs);
    return;
  }
  if (state) throw new FileError(`${path} is a file; the output must be a folder`);
  let above = dirname(resolve(path));
  while (!(await statOf(above))) above = dirname(above);
  await access(above, constants.W_OK).catch((error: unknown) => {
    throw fileError(path, 'made', error);
  });
}

/**
 * Makes a folder and those above it. Not by mkdir's own recursion: where a file system answers every new name with
 * ENOENT, as /proc does, that of Node 20 tries for ever.
 * @throws FileError
 */
export async function makeFolder(path: string): Promise<void> {
  if (path === '') throw new FileError(emptyPath);
  const state = await statOf(path);
  if (state?.isDirectory()) return;
  if (state) throw new FileError(`${path} is a file; the output must be a folder`);
  const parent = dirname(resolve(path));
  if (!(await statOf(parent))) await makeFolder(parent);
  await mkdir(path).catch(async (error: unknown) => {
    // Another process may have been quicker.
    if (codeOf(error) !== 'EEXIST' || !(await statOf(path))?.isDirectory())
      throw fileError(path, 'made', error);
  });
}

/**
 * Writes files that belong together. Each appears whole or not at all, and none is replaced before all are
 * written: they are written beside their destinations and then renamed.
 * @throws FileError
 */
export async function writeFiles(contents: readonly FileContent[]): Promise<void> {
  const written: { temporary: string; path: string }[] = [];
  try {
    for (const { path, parts } of contents) {
      // A link stays a link: what it points to is replaced.
      const target = await realpath(path).catch(() => resolve(path));
      const temporary = join(dirname(target), `.octile-${randomBytes(8).toString('hex')}.tmp`);
      written.push({ temporary, path: target });
      await writeParts(temporary, parts).catch((error: unknown) => {
        throw fileError(path, 'written', error);
      });
    }
    for (const { temporary, path } of written)
      await rename(temporary, path).catch((error: unknown) => {
        throw fileError(path, 'written', error);
      });
  } catch (error) {
    await Promise.all(written.map(({ temporary }) => rm(temporary, { force: true }).catch(() => undefined)));
    throw error;
  }
}

async function writeParts(path: string, parts: readonly Uint8Array[]): Promise<void> {
  const handle = await open(path, 'wx');
  try {
    for (const part of parts) await handle.writeFile(part);
  } finally {
    await handle.close();
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'a folder on its path does not exist',
  ENOTDIR: 'a part of its path is not a folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space left on the device',
  EDQUOT: 'the disk quota is used up',
  EMFILE: 'too many open files',
  ENAMETOOLONG: 'its name is too long',
  ELOOP: 'too many symbolic links',
};

function fileError(path: string, done: 'reached' | 'read' | 'written' | 'made', error: unknown): FileError {
  const code = codeOf(error);
  const reason = (code && reasons[code]) ?? (error instanceof Error ? error.message : String(error));
  return new FileError(`${path} cannot be ${done}: ${reason}`, { cause: error });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
