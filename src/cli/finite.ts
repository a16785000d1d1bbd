/** @file Remarks on results that hold NaN or infinity: they are defined to the bit, and seldom what is wanted. */

import type { Note } from '../io/matrix-file.js';
import { type Matrix, toFloat32 } from '../matrix.js';
import type { QuantizedMatrix } from '../quantize/quantized-matrix.js';

/** The one e8m0 code that is no power of two: NaN. */
const e8m0NaN = 0xff;

/** Notes how many scales are NaN or infinity, if any are. */
export function noteScales({ scales, granularity }: QuantizedMatrix, note: Note): void {
  const count =
    scales instanceof Float32Array
      ? countIf(scales, (scale) => !Number.isFinite(scale))
      : countIf(scales, (code) => code === e8m0NaN);
  if (count > 0)
    note(
      `${count} of ${scales.length} scales are not finite: NaN or infinity in the input makes every value that ` +
        `shares its scale (${granularity.name}) NaN in dequantize and gemm`,
    );
}

/** Notes how many elements of a product are NaN or infinity, if any are. */
export function noteProduct(product: Matrix, note: Note): void {
  const values = toFloat32(product);
  const count = countIf(values, (value) => !Number.isFinite(value));
  if (count > 0)
    note(
      `${count} of ${values.length} elements of D are not finite: an input is NaN or infinite, or a sum is beyond ` +
        `what ${product.dtype} holds`,
    );
}

function countIf(values: Float32Array | Uint8Array, fits: (value: number) => boolean): number {
  let count = 0;
  for (const value of values) if (fits(value)) count++;
  return count;
}
