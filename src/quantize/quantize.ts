/** @file From values to codes and scales: the oracle, written to be read. */

import { f32Array } from '../arithmetic/f32.js';
import { decode } from '../format/decode.js';
import { encode } from '../format/encode.js';
import { e8m0 } from '../format/formats.js';
import { makeCodes } from '../format/pack.js';
import { asMatrix, type Matrix, toFloat32 } from '../matrix.js';
import { type Granularity, scaleIndex, scaleShape } from './granularity.js';
import { chooseQuantization, type QuantizeOptions } from './options.js';
import { QuantizedMatrix } from './quantized-matrix.js';
import { factorOf, scaled, scaleOf } from './scale.js';

export type { QuantizeOptions } from './options.js';

/**
 * Quantises a matrix on the CPU: each tile's largest magnitude gives its scale, and each value, divided by its
 * tile's scale, is rounded to the nearest code (the even one of two equally near), saturating. Values are
 * widened to f32 first, exactly. The arithmetic is that of the dialect, operation by operation: src/quantize/dialect.ts
 * and scale.ts.
 *
 * - A tile of zeros has codes 0 with the signs of its zeros. Its scale is that of the dialect's floor, 1 where
 *   there is no floor (ieee), and 2^-127 for mx.
 * - Beside one huge value the small ones of its tile become 0: what is below half of the smallest code times
 *   the scale.
 * - NaN in a tile makes its scale NaN and all its codes NaN: the positive one, or -0 in a format that has none.
 * - Infinity in a tile makes its scale infinite, and the dialect's arithmetic goes on: finite values become 0
 *   with their signs, infinities NaN. Scales kept as e8m0, which has no infinity, are NaN, and so are the codes.
 * - Where a scale is a subnormal f32 (a tile of magnitudes below 2^-126 · max, in a dialect without a floor) it
 *   has few bits, and the largest codes may saturate by up to a third of their value.
 *
 * @returns the same rows × cols; ceil(rows / tile rows) × ceil(cols / tile columns) scales
 * @throws ArgumentError if the source is no matrix, or naming the option that does not exist or does not fit
 */
export function quantize(source: Matrix, options: QuantizeOptions = {}): QuantizedMatrix {
  const { rows, cols } = asMatrix(source, 'source');
  const { format, granularity, scaling } = chooseQuantization(options);
  const { scaleCols } = scaleShape(granularity, rows, cols);
  const values = toFloat32(source);

  const largest = largestMagnitudes(values, rows, cols, granularity);
  const exactScales = [...largest].map((amax) => scaleOf(amax, format, scaling));
  const scales =
    granularity.scaleFormat === 'f32'
      ? f32Array(exactScales)
      : // Powers of two are encoded exactly; overflow to NaN concerns infinity alone.
        Uint8Array.from(exactScales, (scale) => encode(e8m0, scale, { overflow: 'ieee' }));

  const factors = Array.from(largest, (amax, tile) => {
    const stored = scales[tile] as number;
    const scale = granularity.scaleFormat === 'f32' ? stored : decode(e8m0, stored);
    return factorOf(amax, scale, format, scaling);
  });

  const codes = makeCodes(format, rows * cols);
  for (let row = 0; row < rows; row++)
    for (let col = 0; col < cols; col++) {
      const factor = factors[scaleIndex(granularity, scaleCols, row, col)] as number;
      const value = values[row * cols + col] as number;
      codes[row * cols + col] = encode(format, scaled(value, factor, scaling));
    }
  return new QuantizedMatrix(rows, cols, format, granularity, codes, scales);
}

/** The largest magnitude of each tile; NaN where the tile has a NaN. */
export function largestMagnitudes(
  values: Float32Array,
  rows: number,
  cols: number,
  granularity: Granularity,
): Float32Array {
  const { scaleRows, scaleCols } = scaleShape(granularity, rows, cols);
  const largest = new Float32Array(scaleRows * scaleCols);
  for (let row = 0; row < rows; row++)
    for (let col = 0; col < cols; col++) {
      const tile = scaleIndex(granularity, scaleCols, row, col);
      // Math.max gives NaN if either is NaN.
      largest[tile] = Math.max(largest[tile] as number, Math.abs(values[row * cols + col] as number));
    }
  return largest;
}
