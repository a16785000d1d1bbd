/** @file Whether folding a matrix's scales into halves changes its values: fold.ts says how it is done. */

import { ArgumentError } from '../errors.js';
import { decodeTable } from '../format/decode.js';
import type { Format } from '../format/format.js';
import { hasHalfUnit } from '../format/halves.js';
import { asQuantizedMatrix, type QuantizedMatrix } from '../quantize/quantized-matrix.js';
import { isFoldable } from '../quantize/traits.js';
import { halfExponent, largestHalfExponent, lift, scaleReference, smallestHalf } from './fold.js';

/** Exact, or why not. */
export type Folding = { readonly exact: true } | { readonly exact: false; readonly reason: string };

/** The kernels that fold, and the exponent of the largest half that they fold values to. */
const exponents: Readonly<Record<string, number>> = { matrix: largestHalfExponent, half: halfExponent };

/**
 * Whether a kernel that folds scales into halves multiplies a matrix's values as they are: where scales are powers of
 * two from 2^-100 to 2^100 and no value lies so far below what its row's largest scale reaches that it would become a
 * subnormal half. Other values are rounded to halves, which the kernel's error bound allows for. How products are added
 * up is another matter: `half` adds in halves.
 *
 * @param matrix as the kernel multiplies it, in rows along K
 * @param kernel matrix or half
 * @throws ArgumentError if it is no matrix, of a format whose values are no halves, or there is no such kernel
 */
export function foldingOf(matrix: QuantizedMatrix, kernel = 'matrix'): Folding {
  const { format, granularity, rows, cols, codes, scaleRows, scaleCols } = asQuantizedMatrix(
    matrix,
    'matrix',
  );
  const exponent = Object.hasOwn(exponents, kernel) ? exponents[kernel] : undefined;
  if (exponent === undefined) throw new ArgumentError('kernel', kernel, Object.keys(exponents).join(' or '));
  if (!isHalf(format))
    throw new ArgumentError('matrix.format', format.name, 'a format whose values are halves');

  const scales = matrix.scaleValues();
  const references: number[] = [];
  const least = new Float64Array(scales.length);
  for (let row = 0; row < scaleRows; row++) {
    const first = row * scaleCols;
    const reference = scaleReference(scales.subarray(first, first + scaleCols));
    references.push(reference);
    const unit = foldedUnit(reference, format, exponent);
    for (let i = first; i < first + scaleCols; i++) least[i] = leastFolded(scales[i] as number, unit);
  }
  const magnitudes = decodeTable(format).map(Math.abs);
  const tileRows = Math.min(granularity.tileRows, rows);
  const tileCols = Math.min(granularity.tileCols, cols);
  for (let row = 0; row < rows; row++) {
    const scaleRow = Math.floor(row / tileRows);
    for (let col = 0; col < cols; col++) {
      const magnitude = magnitudes[codes[row * cols + col] as number] as number;
      const scaleCol = Math.floor(col / tileCols);
      const enough = least[scaleRow * scaleCols + scaleCol] as number;
      if (!(magnitude > 0 && magnitude < enough)) continue;
      const reason =
        enough === Infinity
          ? `scale (${scaleRow}, ${scaleCol}) is ${scales[scaleRow * scaleCols + scaleCol]}, no power of two from 2^-100 to 2^100`
          : `element (${row}, ${col}) becomes a subnormal half where ${references[scaleRow]}, the power of two at the largest scale of its row, takes the largest code to 2^${exponent}`;
      return { exact: false, reason };
    }
  }
  return { exact: true };
}

/** Whether a format's values are halves times a power of two, in f32's range. */
export function isHalf(format: Format): boolean {
  const { exponentBits, mantissaBits, specials } = format;
  const fits = exponentBits < 5 || (exponentBits === 5 && specials === 'ieee');
  return mantissaBits <= 10 && fits && hasHalfUnit(format);
}

/** What 1 stands for once a row's scales are folded, given their reference. */
export function foldedUnit(reference: number, format: Format, exponent: number): number {
  return reference / 2 ** lift(format, exponent);
}

/**
 * The least magnitude of a code that a scale makes a normal half, as it is: 0 if any is as good as it is, Infinity if
 * none is. Given what 1 stands for.
 */
export function leastFolded(scale: number, unit: number): number {
  if (scale === 0 || Number.isNaN(scale)) return 0;
  return isFoldable(scale) ? (smallestHalf * unit) / Math.abs(scale) : Infinity;
}
