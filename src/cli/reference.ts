/** @file The exact product on the CPU, block by block, so that its progress can be seen. */

import { referenceGemm } from '../gemm/reference.js';
import { type Dtype, type Matrix, matrix } from '../matrix.js';
import { QuantizedMatrix } from '../quantize/quantized-matrix.js';
import type { Tick } from './progress.js';

/** Rows and columns of a block of D: the rows of the largest tile, so that bands cut no tile. */
const blockSize = 128;

/** Blocks of an M × N product. */
export function referenceBlocks(m: number, n: number): number {
  return Math.ceil(m / blockSize) * Math.ceil(n / blockSize);
}

/**
 * D = A · Bᵀ (+ C), exact with one rounding at the end: each output stands alone, so blocks of D may be computed
 * one after another.
 */
export async function blockwiseReference(
  a: QuantizedMatrix,
  b: QuantizedMatrix,
  c: Matrix | undefined,
  out: Dtype,
  tick: Tick,
): Promise<Matrix> {
  const [m, n] = [a.rows, b.rows];
  const data = out === 'f32' ? new Float32Array(m * n) : new Uint16Array(m * n);
  const bandsOfB = bands(n).map(([col, cols]) => rowBand(b, col, cols));
  for (const [row, rows] of bands(m)) {
    const bandOfA = rowBand(a, row, rows);
    for (const [i, [col, cols]] of bands(n).entries()) {
      const blockOfC = c && { c: block(c, row, rows, col, cols) };
      const result = referenceGemm(bandOfA, bandsOfB[i] as QuantizedMatrix, { out, ...blockOfC });
      for (let r = 0; r < rows; r++)
        data.set(result.data.subarray(r * cols, (r + 1) * cols) as never, (row + r) * n + col);
      tick();
      // Lets signals and the progress bar in.
      await new Promise(setImmediate);
    }
  }
  return matrix(m, n, data, out);
}

/** First row and number of rows of each band. */
function bands(rows: number): [number, number][] {
  return Array.from({ length: Math.ceil(rows / blockSize) }, (_, i) => [
    i * blockSize,
    Math.min(blockSize, rows - i * blockSize),
  ]);
}

/** Rows of a quantised matrix, with their scales. */
function rowBand(source: QuantizedMatrix, first: number, rows: number): QuantizedMatrix {
  const { cols, format, granularity, codes, scales, scaleCols } = source;
  const { tileRows } = granularity;
  const bandOfScales =
    tileRows === Infinity
      ? scales
      : scales.subarray((first / tileRows) * scaleCols, Math.ceil((first + rows) / tileRows) * scaleCols);
  return new QuantizedMatrix(
    rows,
    cols,
    format,
    granularity,
    codes.subarray(first * cols, (first + rows) * cols),
    bandOfScales,
  );
}

function block(source: Matrix, row: number, rows: number, col: number, cols: number): Matrix {
  const data =
    source.data instanceof Float32Array ? new Float32Array(rows * cols) : new Uint16Array(rows * cols);
  for (let r = 0; r < rows; r++) {
    const start = (row + r) * source.cols + col;
    data.set(source.data.subarray(start, start + cols) as never, r * cols);
  }
  return matrix(rows, cols, data, source.dtype);
}
