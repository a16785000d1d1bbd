/** @file .npy files byte by byte, as NumPy's specification has them, without the code under test. */

import { writeFileSync } from 'node:fs';

export interface RawNpy {
  readonly descr: string;
  /** As Python writes a tuple. */
  readonly shape: string;
  readonly fortranOrder?: boolean;
  readonly version?: 1 | 2 | 3 | 9;
  readonly data: ArrayBufferView | Uint8Array;
}

/** The file, padded to 64 bytes as NumPy does. */
export function rawNpy({ descr, shape, fortranOrder = false, version = 1, data }: RawNpy): Buffer {
  const lengthBytes = version === 1 ? 2 : 4;
  const text = `{'descr': '${descr}', 'fortran_order': ${fortranOrder ? 'True' : 'False'}, 'shape': ${shape}, }`;
  const unpadded = 8 + lengthBytes + text.length + 1;
  const header = Buffer.from(`${text}${' '.repeat((64 - (unpadded % 64)) % 64)}\n`, 'latin1');
  const length = Buffer.alloc(lengthBytes);
  length.writeUIntLE(header.length, 0, lengthBytes);
  return Buffer.concat([
    Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0]),
    length,
    header,
    Buffer.from(data.buffer, data.byteOffset, data.byteLength),
  ]);
}

/** Writes such a file and gives its path. */
export function writeRawNpy(path: string, file: RawNpy): string {
  writeFileSync(path, rawNpy(file));
  return path;
}
