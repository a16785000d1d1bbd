/** @file Columns as rows: the oracles, written to be read. */

import { type Matrix, transposed } from '../matrix.js';
import { transposedGranularity } from './granularity.js';
import { QuantizedMatrix } from './quantized-matrix.js';

/**
 * The transpose of a matrix: element (c, r) of the result is element (r, c) of `source`, in every bit.
 *
 * Of a quantised matrix the codes and the grid of scales are transposed, and nothing is rounded: 128×128 blocks stay
 * blocks, and 1×128 tiles become 128×1.
 */
export function transpose(source: Matrix): Matrix;
export function transpose(source: QuantizedMatrix): QuantizedMatrix;
export function transpose(source: Matrix | QuantizedMatrix): Matrix | QuantizedMatrix {
  if (!(source instanceof QuantizedMatrix)) return transposed(source);
  const { rows, cols } = source;
  const { format, granularity, codes, scales, scaleRows, scaleCols } = source;
  return new QuantizedMatrix(
    cols,
    rows,
    format,
    transposedGranularity(granularity),
    turned(codes, rows, cols),
    turned(scales, scaleRows, scaleCols),
  );
}

/** A rows × cols array as cols × rows; NaNs keep their bits. */
function turned<T extends Float32Array | Uint16Array | Uint8Array>(data: T, rows: number, cols: number): T {
  const result = data.slice() as T;
  const [from, to] = data instanceof Float32Array ? [words(data), words(result)] : [data, result];
  for (let row = 0; row < rows; row++)
    for (let col = 0; col < cols; col++) to[col * rows + row] = from[row * cols + col] as number;
  return result;
}

function words(data: Float32Array | Uint16Array | Uint8Array): Uint32Array {
  return new Uint32Array(data.buffer, data.byteOffset, data.length);
}
