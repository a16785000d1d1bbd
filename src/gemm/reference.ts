/** @file D = A · Bᵀ (+ C) on the CPU: the oracles, for whole matrices. */

import { ArgumentError } from '../errors.js';
import { type Dtype, type Matrix, matrix, toFloat32 } from '../matrix.js';
import { asQuantizedMatrix, type QuantizedMatrix } from '../quantize/quantized-matrix.js';
import { transpose } from '../quantize/transpose.js';
import { DecodedOperand } from './decoded-operand.js';
import { ExactProduct, roundTo } from './exact.js';
import { type LayoutOptions, layoutProblem, turnedSides } from './layout.js';
import { orderedEntry } from './ordered.js';
import { promotionInterval } from './problem.js';

export const arithmetics = ['exact', 'f32'] as const;

export interface ReferenceOptions extends LayoutOptions {
  /** M × N, added before the rounding to `out`. */
  readonly c?: Matrix | undefined;
  /** Output type. Default f32. */
  readonly out?: Dtype;
  /**
   * exact (default): every product and sum exact, one rounding at the end. f32: every operation rounded to f32,
   * in the stated order (ordered.ts), then rounded to `out`.
   */
  readonly arithmetic?: (typeof arithmetics)[number];
}

/**
 * The product of two quantised matrices, A of M × K and B of N × K; or as `layout` says.
 *
 * A square of 512 takes about a second. For entries of larger products see ExactProduct.
 * @throws ArgumentError if operands are no quantised matrices, or shapes or options do not fit
 */
export function referenceGemm(
  a: QuantizedMatrix,
  b: QuantizedMatrix,
  options: ReferenceOptions = {},
): Matrix {
  const { c, out = 'f32', arithmetic = 'exact', layout = 'NT' } = options;
  asQuantizedMatrix(a, 'a');
  asQuantizedMatrix(b, 'b');
  const { m, n } = layoutProblem(a, b, c, out, layout);
  if (!arithmetics.includes(arithmetic))
    throw new ArgumentError('arithmetic', arithmetic, arithmetics.join(', '));
  const turned = turnedSides(layout);
  const [left, right] = [turned.a ? transpose(a) : a, turned.b ? transpose(b) : b];
  const entry = arithmetic === 'exact' ? exactEntries(left, right, c) : orderedEntries(left, right, c);
  const data = out === 'f32' ? new Float32Array(m * n) : new Uint16Array(m * n);
  for (let row = 0; row < m; row++)
    for (let col = 0; col < n; col++) data[row * n + col] = roundTo(out, entry(row, col));
  return matrix(m, n, data, out);
}

type Entry = (row: number, col: number) => number;

function exactEntries(a: QuantizedMatrix, b: QuantizedMatrix, c: Matrix | undefined): Entry {
  const product = new ExactProduct(a, b, c);
  return (row, col) => product.entry(row, col);
}

function orderedEntries(a: QuantizedMatrix, b: QuantizedMatrix, c: Matrix | undefined): Entry {
  const interval = promotionInterval(a, b);
  const left = new DecodedOperand(a, interval);
  const right = new DecodedOperand(b, interval);
  const addend = c && toFloat32(c);
  return (row, col) => orderedEntry(left.row(row), right.row(col), interval, addend?.[row * b.rows + col]);
}
