/** @file The oracles of grouped products, exact and emulated: each group's own matrices. */

import { type AccumulateOptions, planAccumulation } from '../accumulate/plan.js';
import { ArgumentError, requireCount } from '../errors.js';
import { type Dtype, type Matrix, matrix } from '../matrix.js';
import { scaleIndex, scaleShape } from '../quantize/granularity.js';
import { QuantizedMatrix } from '../quantize/quantized-matrix.js';
import { type EmulatedOutputs, emulatedOutputs, plannedOutputs } from './emulated/reference.js';
import {
  type Groups,
  groupedProblem,
  maskedGrouping,
  problemOfGrouping,
  requireGroupedOrder,
} from './grouped.js';
import { type GemmProblem, type Operand, rowsOfD } from './problem.js';
import { referenceGemm } from './reference.js';

/** Groups in host memory: the counts of masked ones are numbers here. */
export type HostGroups =
  | Exclude<Groups, { readonly kind: 'masked' }>
  | { readonly kind: 'masked'; readonly capacity: number; readonly counts: readonly number[] };

/**
 * The problem that operands and groups in host memory pose.
 * @throws ArgumentError if sizes, shapes or tiles do not fit
 */
export function hostGroupedProblem(a: Operand, b: Operand, groups: HostGroups, out: Dtype): GemmProblem {
  if (groups.kind !== 'masked') return groupedProblem(a, b, groups, out);
  const { capacity, counts } = groups;
  requireCount('groups.counts.length', counts.length);
  const grouping = maskedGrouping(a, counts.length, capacity);
  for (const [i, count] of counts.entries())
    if (!Number.isInteger(count) || count < 0 || count > capacity)
      throw new ArgumentError(`groups.counts[${i}]`, count, `0 to the capacity, ${capacity}`);
  return problemOfGrouping(a, b, grouping, out);
}

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
  const problem = hostGroupedProblem(a, b, groups, out);
  const { n } = problem;
  const sizes = groups.kind === 'masked' ? groups.counts : groups.sizes;
  const starts = groups.kind === 'masked' ? sizes.map((_, i) => i * groups.capacity) : startsOf(sizes);
  const rows = rowsOfD(problem);
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

/**
 * Computes single outputs of an emulated grouped product: those of each group's product alone. Rows of masked groups
 * that are not there are 0.
 * @throws ArgumentError if sizes, shapes, tiles or options do not fit
 */
export function emulatedGroupedOutputs(
  a: QuantizedMatrix,
  b: QuantizedMatrix,
  groups: HostGroups,
  options: AccumulateOptions,
): Pick<EmulatedOutputs, 'at'> {
  const problem = hostGroupedProblem(a, b, groups, 'f32');
  requireGroupedOrder(problem, groups, options);
  const { m, n } = problem;
  if (groups.kind === 'k') {
    const starts = startsOf(groups.sizes);
    const products = groups.sizes.map((size, group) => {
      if (size === 0) return { at: () => 0 };
      const start = starts[group] as number;
      const plan = planAccumulation(size, a.granularity, b.granularity, options);
      return plannedOutputs(part(a, 0, m, start, size), part(b, 0, n, start, size), plan);
    });
    return { at: (row, col) => products[Math.floor(row / m)]?.at(row % m, col) as number };
  }
  const whole = emulatedOutputs(a, b, options);
  if (groups.kind === 'masked') {
    const { capacity, counts } = groups;
    return {
      at(row, col) {
        const group = Math.floor(row / capacity);
        return row % capacity < (counts[group] as number) ? whole.at(row, group * n + col) : 0;
      },
    };
  }
  const groupOfRow = groups.sizes.flatMap((size, group) => Array.from({ length: size }, () => group));
  return { at: (row, col) => whole.at(row, (groupOfRow[row] as number) * n + col) };
}

function startsOf(sizes: readonly number[]): number[] {
  let start = 0;
  return sizes.map((size) => {
    start += size;
    return start - size;
  });
}

/** Columns of the tiles of parts: the narrowest that kernels know. */
const partTile = 16;

/** A part of a quantised matrix, which may begin within a tile: each row has scales of its own, tile by narrow tile. */
function part(
  source: QuantizedMatrix,
  firstRow: number,
  rows: number,
  firstCol: number,
  partCols: number,
): QuantizedMatrix {
  const { format, granularity, codes, scales, cols, scaleCols } = source;
  const partCodes = codes.slice(0, rows * partCols);
  for (let row = 0; row < rows; row++) {
    const at = (firstRow + row) * cols + firstCol;
    partCodes.set(codes.subarray(at, at + partCols), row * partCols);
  }
  const { name, scaleFormat } = granularity;
  const narrow = { name: `${name} of a group`, tileRows: 1, tileCols: partTile, scaleFormat };
  const shape = scaleShape(narrow, rows, partCols);
  const count = shape.scaleRows * shape.scaleCols;
  const partScales = scaleFormat === 'e8m0' ? new Uint8Array(count) : new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const row = firstRow + Math.floor(i / shape.scaleCols);
    const col = firstCol + (i % shape.scaleCols) * partTile;
    partScales[i] = scales[scaleIndex(granularity, scaleCols, row, col)] as number;
  }
  return new QuantizedMatrix(rows, partCols, format, narrow, partCodes, partScales);
}
