/** @file Tokens to their experts as codes and scales, and results back to their tokens: the oracles. */

import { fma } from '../arithmetic/fma.js';
import { ArgumentError } from '../errors.js';
import { makeCodes } from '../format/pack.js';
import { roundTo } from '../gemm/exact.js';
import { type Dtype, type Matrix, matrix, toFloat32 } from '../matrix.js';
import { QuantizedMatrix } from '../quantize/quantized-matrix.js';
import { dropped, type ExpertRows } from './expert-rows.js';
import type { Routing } from './routing.js';

/**
 * The rows of each expert's tokens, with their scales; rows of padding have zero codes and scales of 1.
 * @param source tokens × K, with scales of one row each
 * @throws ArgumentError if its scales span rows or are e8m0
 */
export function dispatchRows(source: QuantizedMatrix, routing: Routing, rows: ExpertRows): QuantizedMatrix {
  requireRowScales('source', source);
  const { cols, format, granularity, scaleCols } = source;
  const { length } = rows.sourceOf;
  const codes = makeCodes(format, length * cols);
  const scales = new Float32Array(length * scaleCols).fill(1);
  for (const [row, assignment] of rows.sourceOf.entries()) {
    if (assignment === 0) continue;
    const token = Math.floor((assignment - 1) / routing.topK);
    codes.set(source.codes.subarray(token * cols, (token + 1) * cols), row * cols);
    scales.set(source.scales.subarray(token * scaleCols, (token + 1) * scaleCols), row * scaleCols);
  }
  return new QuantizedMatrix(length, cols, format, granularity, codes, scales);
}

/**
 * Each token's results, weighed by its gates: Σ gate · row, added in f32 in the order of the token's experts, one fused
 * multiply-add each, and rounded once to `out`. What was dropped counts as 0.
 * @param results a row for each of the experts' rows
 * @throws ArgumentError if it has too few
 */
export function combineRows(
  results: Matrix,
  routing: Routing,
  rows: Pick<ExpertRows, 'rowOf' | 'sourceOf'>,
  out: Dtype = 'bf16',
): Matrix {
  requireResults(results.rows, rows.sourceOf.length);
  const { tokens, topK, gates } = routing;
  const { cols } = results;
  const values = toFloat32(results);
  const data = out === 'f32' ? new Float32Array(tokens * cols) : new Uint16Array(tokens * cols);
  for (let token = 0; token < tokens; token++)
    for (let col = 0; col < cols; col++) {
      let sum = 0;
      for (let k = token * topK; k < (token + 1) * topK; k++) {
        const row = rows.rowOf[k] as number;
        if (row !== dropped) sum = fma(gates[k] as number, values[row * cols + col] as number, sum);
      }
      data[token * cols + col] = roundTo(out, sum);
    }
  return matrix(tokens, cols, data, out);
}

/** @throws ArgumentError unless a row can be moved with its scales */
export function requireRowScales(
  argument: string,
  { granularity }: Pick<QuantizedMatrix, 'granularity'>,
): void {
  if (granularity.tileRows !== 1 || granularity.scaleFormat !== 'f32')
    throw new ArgumentError(
      `${argument}.granularity`,
      granularity.name,
      '1x128 or row: f32 scales of one row each',
    );
}

/** @throws ArgumentError unless there is a result for each row */
export function requireResults(given: number, needed: number): void {
  if (given !== needed) throw new ArgumentError('results.rows', given, `the experts' rows, ${needed}`);
}
