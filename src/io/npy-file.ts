/** @file .npy files, read whole and checked against what their headers promise. */

import { FileError } from '../errors.js';
import { readBytes, withFile } from './files.js';
import { arrayOver, headerEnd, type NpyArray, npyPreambleLength, parseHeader } from './npy.js';

/**
 * Reads an .npy file.
 * @throws FileError if it cannot be read, is cut short, or holds what octile has no use for
 */
export function readNpy(path: string): Promise<NpyArray> {
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
    const bytes = await readBytes(handle, end, byteLength);
    if (bytes.length !== byteLength) throw new FileError(`${path} became shorter while it was read`);
    return arrayOver(header, bytes.buffer as ArrayBuffer);
  });
}
