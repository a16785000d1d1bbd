/**
 * @file Small whole numbers, whose products every kernel adds up without an error, in any order: as codes near their
 * format's largest, which one scale makes what they are, so that kernels which fold scales into halves lose nothing.
 */

import { encodeAll } from '../format/encode.js';
import type { Format } from '../format/format.js';
import { type FormatName, formats, maxFinite } from '../format/formats.js';
import { type GranularityName, granularityByName, scaleShape } from '../quantize/granularity.js';
import { QuantizedMatrix } from '../quantize/quantized-matrix.js';
import { randomWordList } from './random.js';

/** No product is 0, so that none can be left out unseen. */
export const wholeValues = [-2, -1, 1, 2] as const;

/** The value of the code that stands for 1: half of the format's largest power of two, or 2^14 of larger ones' (bf16). */
export function wholeUnit(format: Format): number {
  return 2 ** (Math.min(Math.floor(Math.log2(maxFinite(format))), 15) - 1);
}

/** A matrix of them. */
export function wholeMatrix(
  rows: number,
  cols: number,
  seed: number,
  format: FormatName,
  granularity: GranularityName,
): QuantizedMatrix {
  const descriptor = formats[format];
  const unit = wholeUnit(descriptor);
  const words = randomWordList(rows * cols, seed);
  const codes = encodeAll(
    descriptor,
    Float32Array.from(words, (word) => (wholeValues[word & 3] as number) * unit),
  );
  const { scaleRows, scaleCols } = scaleShape(granularityByName(granularity), rows, cols);
  const scales = new Float32Array(scaleRows * scaleCols).fill(1 / unit);
  return new QuantizedMatrix(rows, cols, format, granularity, codes, scales);
}
