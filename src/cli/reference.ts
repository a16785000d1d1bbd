/** @file Products on the CPU, row by row, so that their progress can be seen. */

import { tensorCoreNaN } from '../accumulate/step.js';
import type { EmulatedOutputs } from '../gemm/emulated/reference.js';
import { ExactProduct, roundTo } from '../gemm/exact.js';
import { type Dtype, type Matrix, matrix, toFloat32 } from '../matrix.js';
import type { QuantizedMatrix } from '../quantize/quantized-matrix.js';
import type { Accumulator } from './accumulator.js';
import type { Tick } from './progress.js';

/**
 * D = A · Bᵀ (+ C), every product and sum exact, rounded once to `out`: what referenceGemm gives.
 * @param tick called after each row of D
 */
export function exactGemm(
  a: QuantizedMatrix,
  b: QuantizedMatrix,
  c: Matrix | undefined,
  out: Dtype,
  tick: Tick,
): Promise<Matrix> {
  const product = new ExactProduct(a, b, c);
  return rowByRow(a.rows, b.rows, out, (row, col) => product.entry(row, col), tick);
}

/** What surrounds the sums of an emulated product. */
interface Emulated {
  readonly rows: number;
  readonly cols: number;
  readonly c: Matrix | undefined;
  readonly out: Dtype;
  readonly addendIn: Accumulator['options']['addendIn'];
}

/**
 * A product with the bits of a matrix instruction: what the emulators give.
 * @param tick called after each row of D
 */
export async function emulatedGemm(
  outputs: Pick<EmulatedOutputs, 'at'>,
  { rows, cols, c, out, addendIn }: Emulated,
  tick: Tick,
): Promise<Matrix> {
  const addend = c && toFloat32(c);
  const entry = (row: number, col: number) => {
    const added = addend?.[row * cols + col];
    if (added === undefined) return outputs.at(row, col);
    return addendIn === 'accumulator'
      ? outputs.at(row, col, added)
      : Math.fround(outputs.at(row, col) + added);
  };
  const d = await rowByRow(rows, cols, out, entry, tick);
  if (d.data instanceof Float32Array) writeNaNs(d.data);
  return d;
}

/** Gives every NaN the bits that a tensor core gives it. Where C was added at the end an adapter's may differ. */
function writeNaNs(values: Float32Array): void {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  values.forEach((value, i) => {
    if (Number.isNaN(value)) words[i] = tensorCoreNaN;
  });
}

async function rowByRow(
  rows: number,
  cols: number,
  out: Dtype,
  entry: (row: number, col: number) => number,
  tick: Tick,
): Promise<Matrix> {
  const data = out === 'f32' ? new Float32Array(rows * cols) : new Uint16Array(rows * cols);
  for (let row = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++) data[row * cols + col] = roundTo(out, entry(row, col));
    tick();
    // Lets signals in.
    await new Promise(setImmediate);
  }
  return matrix(rows, cols, data, out);
}
