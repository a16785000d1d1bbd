/** @file Whether folding a matrix's scales into halves changes its values: fold.ts says how it is done. */

import { decodeTable } from '../format/decode.js';
import type { QuantizedMatrix } from '../quantize/quantized-matrix.js';
import { largestHalfExponent, lift, scaleReference, smallestHalf } from './fold.js';

/** Exact, or why not. */
export type Folding = { readonly exact: true } | { readonly exact: false; readonly reason: string };

/**
 * Whether a kernel that folds scales into halves multiplies a matrix's values as they are: where every scale is a power
 * of two and no value lies so far below its row's largest that it would become a subnormal half. With other scales each
 * value is rounded to a half, by up to 2^-11 of itself, which the kernel's error bound allows for.
 *
 * @param matrix as the kernel multiplies it, in rows along K
 * @param exponent of the largest half that values are folded to: Kernel.foldsTo
 */
export function foldingOf(matrix: QuantizedMatrix, exponent = largestHalfExponent): Folding {
  const { format, granularity, rows, cols, codes, scaleRows, scaleCols } = matrix;
  const scales = matrix.scaleValues();
  const odd = scales.findIndex((scale) => !Number.isNaN(scale) && scale !== 0 && !reachesReference(scale));
  if (odd >= 0) {
    const place = `(${Math.floor(odd / scaleCols)}, ${odd % scaleCols})`;
    return { exact: false, reason: `scale ${place} is ${scales[odd]}, no power of two up to 2^100` };
  }

  // The magnitudes of codes that each scale lets become normal halves.
  const least = new Float64Array(scales.length);
  for (let row = 0; row < scaleRows; row++) {
    const first = row * scaleCols;
    const unit = foldedUnit(scaleReference(scales.subarray(first, first + scaleCols)), matrix, exponent);
    for (let i = first; i < first + scaleCols; i++) {
      const scale = Math.abs(scales[i] as number);
      least[i] = scale > 0 ? (smallestHalf * unit) / scale : 0;
    }
  }
  const magnitudes = decodeTable(format).map(Math.abs);
  const tileRows = Math.min(granularity.tileRows, rows);
  const tileCols = Math.min(granularity.tileCols, cols);
  for (let row = 0; row < rows; row++) {
    const firstScale = Math.floor(row / tileRows) * scaleCols;
    for (let col = 0; col < cols; col++) {
      const magnitude = magnitudes[codes[row * cols + col] as number] as number;
      if (magnitude > 0 && magnitude < (least[firstScale + Math.floor(col / tileCols)] as number))
        return {
          exact: false,
          reason: `element (${row}, ${col}) is too far below the largest of its row`,
        };
    }
  }
  return { exact: true };
}

/** What 1 stands for once a row's scales are folded, given their reference. */
export function foldedUnit(
  reference: number,
  { format }: Pick<QuantizedMatrix, 'format'>,
  exponent: number,
): number {
  return reference / 2 ** lift(format, exponent);
}

/** Whether a value, of a format's codes times a scale, is a normal half as it is, given what 1 stands for. */
export function foldsAsIs(value: number, scale: number, unit: number): boolean {
  return isPowerOfTwo(scale) && Math.abs(value) >= smallestHalf * unit;
}

/** Whether a scale is a power of two that its row's reference can reach. */
function reachesReference(scale: number): boolean {
  return isPowerOfTwo(scale) && Math.abs(scale) <= scaleReference([scale]);
}

/** Whether a finite number's magnitude is a power of two. */
function isPowerOfTwo(value: number): boolean {
  const magnitude = Math.abs(value);
  return Number.isFinite(value) && 2 ** Math.round(Math.log2(magnitude)) === magnitude;
}
