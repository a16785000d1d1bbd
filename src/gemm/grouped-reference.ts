/** @file The oracle of grouped products: each group's own matrices, multiplied one after another. */

import { type Dtype, type Matrix, matrix } from '../matrix.js';
import { scaleShape } from '../quantize/granularity.js';
import { QuantizedMatrix } from '../quantize/quantized-matrix.js';
import { type Groups, groupedProblem } from './grouped.js';
import { referenceGemm } from './reference.js';

/** Groups in host memory: the counts of masked ones are numbers here. */
export type HostGroups =
  | Exclude<Groups, { readonly kind: 'masked' }>
  | { readonly kind: 'masked'; readonly capacity: number; readonly counts: readonly number[] };

/**
 * The grouped product, exact and rounded once. Rows of masked groups that are not there are 0.
 * @throws ArgumentError if sizes, shapes or tiles do not fit
 */
export function referenceGroupedGemm(
  a: QuantizedMatrix,
  b: QuantizedMatrix,
  groups: HostGroups,
  out: Dtype = 'f32',
): Matrix {
  const sizes = groups.kind === 'masked' ? groups.counts : groups.sizes;
  const starts = groups.kind === 'masked' ? sizes.map((_, i) => i * groups.capacity) : startsOf(sizes);
  if (groups.kind !== 'masked') groupedProblem(a, b, groups, out);
  const n = groups.kind === 'k' ? b.rows : b.rows / sizes.length;
  const rows = groups.kind === 'k' ? a.rows * sizes.length : a.rows;
  const data = out === 'f32' ? new Float32Array(rows * n) : new Uint16Array(rows * n);
  for (const [group, size] of sizes.entries()) {
    if (size === 0) continue;
    const start = starts[group] as number;
    const [left, right] =
      groups.kind === 'k'
        ? [part(a, 0, a.rows, start, size), part(b, 0, n, start, size)]
        : [part(a, start, size, 0, a.cols), part(b, group * n, n, 0, b.cols)];
    const product = referenceGemm(left, right, { out });
    data.set(product.data, (groups.kind === 'k' ? group * a.rows : start) * n);
  }
  return matrix(rows, n, data, out);
}

function startsOf(sizes: readonly number[]): number[] {
  let start = 0;
  return sizes.map((size) => {
    start += size;
    return start - size;
  });
}

/** A part of a quantised matrix that begins with whole tiles. */
function part(
  { format, granularity, codes, scales, cols, scaleCols }: QuantizedMatrix,
  firstRow: number,
  rows: number,
  firstCol: number,
  partCols: number,
): QuantizedMatrix {
  const partCodes = codes.slice(0, rows * partCols);
  for (let row = 0; row < rows; row++) {
    const at = (firstRow + row) * cols + firstCol;
    partCodes.set(codes.subarray(at, at + partCols), row * partCols);
  }
  const shape = scaleShape(granularity, rows, partCols);
  const firstScaleRow = granularity.tileRows === Infinity ? 0 : Math.floor(firstRow / granularity.tileRows);
  const firstScaleCol = granularity.tileCols === Infinity ? 0 : Math.floor(firstCol / granularity.tileCols);
  const partScales = scales.slice(0, shape.scaleRows * shape.scaleCols);
  for (let row = 0; row < shape.scaleRows; row++) {
    const at = (firstScaleRow + row) * scaleCols + firstScaleCol;
    partScales.set(scales.subarray(at, at + shape.scaleCols), row * shape.scaleCols);
  }
  return new QuantizedMatrix(rows, partCols, format, granularity, partCodes, partScales);
}
