/**
 * @file The exact oracle: D = Σ over promotion intervals of (scale_a · scale_b) · Σ a·b, plus C, with every
 * product and every sum exact and one rounding at the end.
 *
 * That is the product of the values code · scale, whatever the interval. NaN and infinities follow IEEE 754 value by
 * value: NaN for any NaN, 0 · ∞ (a zero in a tile whose scale is infinite) and ∞ - ∞, otherwise an infinity.
 */

import { ExactSum } from '../arithmetic/exact-sum.js';
import { encode } from '../format/encode.js';
import { bf16, f16 } from '../format/formats.js';
import { type Dtype, type Matrix, toFloat32 } from '../matrix.js';
import type { QuantizedMatrix } from '../quantize/quantized-matrix.js';
import { DecodedOperand } from './decoded-operand.js';
import { gemmProblem, promotionInterval } from './problem.js';

/** A product whose entries are computed when asked for. */
export class ExactProduct {
  readonly a: DecodedOperand;
  readonly b: DecodedOperand;
  readonly rows: number;
  readonly cols: number;
  /** The values of C, undefined without one. */
  readonly #c: Float32Array | undefined;
  /** Whether the products of one interval, added as doubles in any order, keep every bit. */
  readonly #partialsFit: boolean;
  readonly #sum = new ExactSum();
  readonly #partial = new ExactSum();

  /** @throws ArgumentError if the shapes do not fit */
  constructor(a: QuantizedMatrix, b: QuantizedMatrix, c?: Matrix) {
    gemmProblem(a, b, c, 'f32');
    const interval = promotionInterval(a, b);
    this.a = new DecodedOperand(a, interval);
    this.b = new DecodedOperand(b, interval);
    this.rows = a.rows;
    this.cols = b.rows;
    this.#c = c && toFloat32(c);
    // Every product is a multiple of the product of the quanta, so that a sum of n has at most
    // log2(n · largest / quantum) bits. e4m3 by e4m3 at 128: 2^43; e5m2 by e5m2 depends on the codes that occur.
    const largest = this.a.largest * this.b.largest;
    const quantum = this.a.quantum * this.b.quantum;
    this.#partialsFit = (interval * largest) / quantum <= 2 ** 53;
  }

  /** The element of C at (row, col), 0 without a C. */
  addend(row: number, col: number): number {
    return this.#c?.[row * this.cols + col] ?? 0;
  }

  /** Entry (row, col) rounded to odd in a double: `roundTo` then gives the exact sum rounded once. */
  entry(row: number, col: number): number {
    const a = this.a.row(row);
    const b = this.b.row(col);
    const { interval } = this.a;
    const sum = this.#sum;
    sum.clear();
    for (let block = 0; block < a.scales.length; block++) {
      const [scaleA, scaleB] = [a.scales[block] as number, b.scales[block] as number];
      // Two f32s: 48 bits, exact in a double.
      const scale = scaleA * scaleB;
      const from = block * interval;
      const to = Math.min(from + interval, a.values.length);
      if (!Number.isFinite(scale)) {
        // What is not a number is that value by value: an infinite scale makes a zero NaN.
        for (let k = from; k < to; k++)
          sum.add((a.values[k] as number) * scaleA * ((b.values[k] as number) * scaleB));
      } else if (this.#partialsFit) sum.addProduct(scale, dot(a.values, b.values, from, to));
      else sum.addScaled(this.#exactDot(a.values, b.values, from, to), scale);
    }
    if (this.#c) sum.add(this.addend(row, col));
    return sum.value();
  }

  #exactDot(a: Float64Array, b: Float64Array, from: number, to: number): ExactSum {
    const partial = this.#partial;
    partial.clear();
    // Codes have at most 16 bits, their products 32.
    for (let k = from; k < to; k++) partial.add((a[k] as number) * (b[k] as number));
    return partial;
  }
}

function dot(a: Float64Array, b: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let k = from; k < to; k++) sum += (a[k] as number) * (b[k] as number);
  return sum;
}

/** A double rounded to nearest even, as an element of a matrix: an f32, or the bits of a bf16 or f16. */
export function roundTo(dtype: Dtype, value: number): number {
  if (dtype === 'f32') return Math.fround(value);
  return encode(dtype === 'bf16' ? bf16 : f16, value, { overflow: 'ieee' });
}
