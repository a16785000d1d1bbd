/** @file .npy files, read and checked against what their headers promise. */

import type { FileHandle } from 'node:fs/promises';
import { FileError } from '../errors.js';
import { readBytes, withFile } from './files.js';
import {
  arrayOver,
  headerEnd,
  type NpyArray,
  type NpyHeader,
  npyPreambleLength,
  parseHeader,
} from './npy.js';

/**
 * Reads an .npy file.
 * @throws FileError if it cannot be read, is cut short, or holds what octile has no use for
 */
export function readNpy(path: string): Promise<NpyArray> {
  return withHeader(path, async (header, handle, end) => {
    const bytes = await readBytes(handle, end, header.byteLength);
    if (bytes.length !== header.byteLength) throw new FileError(`${path} became shorter while it was read`);
    return arrayOver(header, bytes.buffer as ArrayBuffer);
  });
}

/**
 * What an .npy file holds, without its elements.
 * @throws FileError as readNpy does
 */
export function readNpyHeader(path: string): Promise<NpyHeader> {
  return withHeader(path, async (header) => header);
}

function withHeader<T>(
  path: string,
  work: (header: NpyHeader, handle: FileHandle, end: number) => Promise<T>,
): Promise<T> {
  return withFile(path, async (handle, size) => {
    const end = headerEnd(path, await readBytes(handle, 0, npyPreambleLength));
    if (end > size) throw new FileError(`${path} is cut short: its .npy header is not complete`);
    const header = parseHeader(path, await readBytes(handle, 0, end));
    const { shape, dtype, byteLength } = header;
    const there = size - end;
    if (there !== byteLength)
      throw new FileError(
        `${path} is ${there < byteLength ? 'cut short' : 'too long'}: its header promises ` +
          `${shape.join(' x ') || 'one element'} of ${dtype}, ${byteLength} bytes, and ${there} are there`,
      );
    return work(header, handle, end);
  });
}
