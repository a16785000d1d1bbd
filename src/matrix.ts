/** @file Plain matrices in host memory: what a user brings and gets back. */

import { ArgumentError, requireCount } from './errors.js';
import { decodeAll } from './format/decode.js';
import { bf16, f16 } from './format/formats.js';

/** Element types of plain matrices. bf16 and f16 elements are kept as their 16 bits. */
export const dtypes = ['f32', 'bf16', 'f16'] as const;
export type Dtype = (typeof dtypes)[number];

/** A dense row-major matrix: element (r, c) is `data[r * cols + c]`. */
export interface Matrix {
  readonly rows: number;
  readonly cols: number;
  readonly dtype: Dtype;
  /** Float32Array for f32, Uint16Array of bits for bf16 and f16. */
  readonly data: Float32Array | Uint16Array;
}

/**
 * A matrix over `data`, which is not copied.
 * @param dtype f32 for a Float32Array; needed for a Uint16Array
 * @throws ArgumentError if the shape does not fit the data
 */
export function matrix(
  rows: number,
  cols: number,
  data: Float32Array | Uint16Array,
  dtype: Dtype = 'f32',
): Matrix {
  requireCount('rows', rows);
  requireCount('cols', cols);
  if (!dtypes.includes(dtype)) throw new ArgumentError('dtype', dtype, dtypes.join(', '));
  if (!(dtype === 'f32' ? data instanceof Float32Array : data instanceof Uint16Array))
    throw new ArgumentError(
      'data',
      data,
      dtype === 'f32' ? 'a Float32Array' : `a Uint16Array of ${dtype} bits`,
    );
  if (data.length !== rows * cols)
    throw new ArgumentError('data.length', data.length, `rows * cols = ${rows * cols}`);
  return Object.freeze({ rows, cols, dtype, data });
}

/**
 * A user's matrix, checked whoever made it.
 * @throws ArgumentError naming `argument` if it is no matrix, or its field that does not fit
 */
export function asMatrix(source: Matrix, argument: string): Matrix {
  if (typeof source !== 'object' || source === null || !('data' in source))
    throw new ArgumentError(argument, source, 'a matrix, as matrix() makes it');
  return matrix(source.rows, source.cols, source.data, source.dtype);
}

/** The columns as rows. */
export function transposed({ rows, cols, dtype, data }: Matrix): Matrix {
  const result = data.slice();
  for (let row = 0; row < rows; row++)
    for (let col = 0; col < cols; col++) result[col * rows + row] = data[row * cols + col] as number;
  return matrix(cols, rows, result, dtype);
}

/** The matrix's values as f32; bf16 and f16 are widened exactly. */
export function toFloat32(source: Matrix): Float32Array {
  if (source.data instanceof Float32Array) return source.data;
  return decodeAll(source.dtype === 'bf16' ? bf16 : f16, source.data);
}

/** The f32 bits of the matrix's values: like toFloat32, with the bits of NaNs kept. */
export function toFloat32Bits(source: Matrix): Uint32Array {
  if (source.dtype === 'bf16') return Uint32Array.from(source.data, (bits) => bits << 16);
  const values = toFloat32(source);
  return new Uint32Array(values.buffer, values.byteOffset, values.length);
}
