/** @file Some columns of a quantised matrix: a product over a part of K. */

import { scaleShape } from '../quantize/granularity.js';
import { QuantizedMatrix, type Scales } from '../quantize/quantized-matrix.js';

/** The first `end` columns, scales and all. */
export function columns(source: QuantizedMatrix, end: number): QuantizedMatrix {
  const { rows, format, granularity, scaleRows } = source;
  const { scaleCols } = scaleShape(granularity, rows, end);
  const scales = cut(source.scales, scaleRows, source.scaleCols, 0, scaleCols) as Scales;
  return new QuantizedMatrix(rows, end, format, granularity, codesOf(source, 0, end), scales);
}

/** Columns `start` to `end` with the scale 1. */
export function unscaled(source: QuantizedMatrix, start: number, end: number): QuantizedMatrix {
  const codes = codesOf(source, start, end);
  return new QuantizedMatrix(source.rows, end - start, source.format, 'tensor', codes, Float32Array.of(1));
}

function codesOf({ rows, cols, codes }: QuantizedMatrix, start: number, end: number) {
  return cut(codes, rows, cols, start, end);
}

/** Columns `start` to `end` of a row-major array. */
function cut<T extends Uint8Array | Uint16Array | Float32Array>(
  data: T,
  rows: number,
  cols: number,
  start: number,
  end: number,
): T {
  const width = end - start;
  const part = data.slice(0, rows * width) as T;
  for (let row = 0; row < rows; row++)
    part.set(data.subarray(row * cols + start, row * cols + end), row * width);
  return part;
}
