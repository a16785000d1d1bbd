/** @file Reads the reference data in test/golden; each folder there says where its data is from. */

import { readFileSync } from 'node:fs';
import { brotliDecompressSync } from 'node:zlib';
import type { FormatName } from '../src/format/formats.js';

/** The formats there is golden data of. */
export const goldenFormats = [
  'e4m3',
  'e5m2',
  'e3m2',
  'e2m3',
  'e2m1',
  'e8m0',
  'e4m3fnuz',
  'e5m2fnuz',
  'e3m4',
] as const satisfies readonly FormatName[];

/** The bytes of a file in test/golden, decompressed if its name ends in .br; aligned for any typed array. */
export function goldenBytes(path: string): ArrayBuffer {
  const file = readFileSync(new URL(`golden/${path}`, import.meta.url));
  return Uint8Array.from(path.endsWith('.br') ? brotliDecompressSync(file) : file).buffer;
}

/** What ml_dtypes decodes every code to, and what it encodes inputs to. */
export interface GoldenFormat {
  /** f32 bits, indexed by code. */
  readonly decoded: Uint32Array;
  /** f32 bits. */
  readonly inputs: Uint32Array;
  /** The code of each input. */
  readonly codes: Uint8Array;
}

/** The golden data of a format; formats/README.md describes the files. */
export function goldenFormat(name: (typeof goldenFormats)[number]): GoldenFormat {
  const planes = new Uint8Array(goldenBytes(`formats/${name}.encode.br`));
  const count = planes.length / 5;
  const inputs = new Uint32Array(count);
  let input = 0;
  for (let i = 0; i < count; i++) {
    for (let byte = 0; byte < 4; byte++) input += (planes[byte * count + i] as number) * 2 ** (8 * byte);
    inputs[i] = input;
  }
  return {
    decoded: new Uint32Array(goldenBytes(`formats/${name}.decode.bin`)),
    inputs,
    codes: planes.subarray(4 * count),
  };
}
