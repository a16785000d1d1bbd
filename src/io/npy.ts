/**
 * @file The .npy format of NumPy, as bytes: headers are read and written by npyjs, elements are taken as they
 * are, so that the bits of f16 values and of NaNs survive.
 */

import { dump, parse } from 'npyjs';
import { FileError } from '../errors.js';

/** The element types octile has a use for, and the arrays that hold them. f2 is kept as its bits. */
const elementArrays = {
  f4: Float32Array,
  f8: Float64Array,
  f2: Uint16Array,
  u1: Uint8Array,
  u2: Uint16Array,
} as const;

/** Little-endian: f4, f8 and f2 are values, u1 are codes or e8m0 scales, u2 codes or the bits of bf16. */
export type NpyDtype = keyof typeof elementArrays;
export type NpyData = Float32Array | Float64Array | Uint16Array | Uint8Array;

/** An array of up to two dimensions, row-major. */
export interface NpyArray {
  readonly shape: readonly number[];
  readonly dtype: NpyDtype;
  readonly data: NpyData;
}

/** What a header promises about the bytes behind it. */
export interface NpyHeader {
  readonly shape: readonly number[];
  readonly dtype: NpyDtype;
  readonly fortranOrder: boolean;
  /** Elements. */
  readonly count: number;
  /** Bytes of the elements. */
  readonly byteLength: number;
}

/** Bytes from which `headerEnd` can tell where the header ends. */
export const npyPreambleLength = 12;

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/**
 * Where the elements begin.
 * @param preamble the file's first bytes, npyPreambleLength of them if there are as many
 * @throws FileError naming `file` if they do not begin an .npy file
 */
export function headerEnd(file: string, preamble: Uint8Array): number {
  const version = preamble[6] ?? 0;
  if (preamble.length < npyPreambleLength || magic.some((byte, i) => preamble[i] !== byte))
    throw new FileError(`${file} is not an .npy file: it does not begin with NumPy's signature`);
  if (version < 1 || version > 3)
    throw new FileError(`${file} has .npy version ${version}; octile reads versions 1 to 3`);
  const view = new DataView(preamble.buffer, preamble.byteOffset, preamble.byteLength);
  return version === 1 ? 10 + view.getUint16(8, true) : 12 + view.getUint32(8, true);
}

/**
 * Reads a header.
 * @param bytes the file's bytes up to headerEnd()
 * @throws FileError naming `file` and what octile cannot use about it
 */
export function parseHeader(file: string, bytes: Uint8Array): NpyHeader {
  const { shape, dtype, fortranOrder } = parseWithoutElements(file, bytes);
  if (!isNpyDtype(dtype))
    throw new FileError(
      `${file} holds ${dtype}; octile reads f4, f2 and f8 (values), u1 and u2 (codes, bits of bf16). ` +
        'Convert it with NumPy: .astype(np.float32)',
    );
  if (shape.some((length) => !Number.isSafeInteger(length) || length < 0))
    throw new FileError(`${file} has a broken .npy header: its shape is (${shape.join(', ')})`);
  if (shape.length > 2)
    throw new FileError(
      `${file} has ${shape.length} dimensions (${shape.join(' x ')}); octile reads matrices. ` +
        'Reshape it to two dimensions',
    );
  const count = shape.reduce((product, length) => product * length, 1);
  const byteLength = count * elementArrays[dtype].BYTES_PER_ELEMENT;
  return { shape, dtype, fortranOrder, count, byteLength };
}

/** Elements over the bytes behind a header; Fortran order is turned into row-major order. */
export function arrayOver(header: NpyHeader, bytes: ArrayBuffer): NpyArray {
  const { shape, dtype, fortranOrder } = header;
  const data = new elementArrays[dtype](bytes);
  const [rows = 1, cols = 1] = shape;
  return { shape, dtype, data: fortranOrder && rows > 1 && cols > 1 ? transpose(data, cols, rows) : data };
}

/** The bytes of an .npy file, in parts: the header and the elements, which are not copied. */
export function npyParts(array: NpyArray): Uint8Array[] {
  const { shape, dtype, data } = array;
  // The header does not depend on the elements, and a dump of none of them is the header alone.
  const header = new Uint8Array(dump(new elementArrays[dtype](0), [...shape], { dtype }));
  return [header, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)];
}

function isNpyDtype(name: string): name is NpyDtype {
  return Object.hasOwn(elementArrays, name);
}

function parseWithoutElements(
  file: string,
  bytes: Uint8Array,
): { shape: number[]; dtype: string; fortranOrder: boolean } {
  try {
    return parse(bytes.slice().buffer, { convertFloat16: false });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new FileError(
      `${file} has an .npy header that octile cannot read (${reason}). NumPy converts: big-endian arrays by ` +
        '.astype("<f4"), arrays of ml_dtypes by .view(np.uint8) or, for bf16, .view(np.uint16)',
    );
  }
}

/** The transpose of a rows × cols matrix. */
function transpose<T extends NpyData>(data: T, rows: number, cols: number): T {
  const result = data.slice() as T;
  for (let row = 0; row < rows; row++)
    for (let col = 0; col < cols; col++) result[col * rows + row] = data[row * cols + col] as number;
  return result;
}
