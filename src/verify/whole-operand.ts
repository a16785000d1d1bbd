/** @file Operands of small whole numbers, whose products every kernel adds up without an error, in any order. */

import { encodeAll } from '../format/encode.js';
import { type FormatName, formats, maxFinite } from '../format/formats.js';
import { type GranularityName, granularityByName, scaleShape } from '../quantize/granularity.js';
import { QuantizedMatrix } from '../quantize/quantized-matrix.js';
import { randomWordList } from './random.js';

/** No product is 0, so that none can be left out unseen. */
const values = [-2, -1, 1, 2] as const;

/** As codes near the format's largest, which one scale makes what they are: kernels that fold scales lose nothing. */
export function wholeOperand(
  rows: number,
  cols: number,
  seed: number,
  format: FormatName,
  granularity: GranularityName,
): QuantizedMatrix {
  const descriptor = formats[format];
  const unit = 2 ** (Math.floor(Math.log2(maxFinite(descriptor))) - 1);
  const words = randomWordList(rows * cols, seed);
  const codes = encodeAll(
    descriptor,
    Float32Array.from(words, (word) => (values[word & 3] as number) * unit),
  );
  const { scaleRows, scaleCols } = scaleShape(granularityByName(granularity), rows, cols);
  const scales = new Float32Array(scaleRows * scaleCols).fill(1 / unit);
  return new QuantizedMatrix(rows, cols, format, granularity, codes, scales);
}
