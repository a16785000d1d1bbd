/** @file What in a matrix decides how well it quantises, and what became of its values. */

import { decode, decodeTable } from '../format/decode.js';
import { magnitudeMask, maxCode } from '../format/format.js';
import { maxFinite } from '../format/formats.js';
import { scaleIndex } from '../quantize/granularity.js';
import type { QuantizedMatrix } from '../quantize/quantized-matrix.js';
import type { CodeShares, Statistics } from './data.js';
import { rootMeanSquare } from './metrics.js';

/** Columns of the tile whose amax is compared with the matrix's. */
const tileCols = 128;

/**
 * Size and spread of a matrix's values.
 * @param values row-major, rows × cols, finite
 */
export function describe(values: ArrayLike<number>, rows: number, cols: number): Statistics {
  const tileAmax: number[] = [];
  for (let row = 0; row < rows; row++)
    for (let start = 0; start < cols; start += tileCols) {
      let amax = 0;
      for (let col = start; col < Math.min(start + tileCols, cols); col++)
        amax = Math.max(amax, Math.abs(values[row * cols + col] as number));
      tileAmax.push(amax);
    }
  const amax = tileAmax.reduce((most, one) => Math.max(most, one), 0);
  const rms = rootMeanSquare(values);
  const medianTile = tileAmax.sort((a, b) => a - b)[Math.floor((tileAmax.length - 1) / 2)] as number;
  return {
    amax,
    rms,
    crest: rms === 0 ? 1 : amax / rms,
    tileOctaves: medianTile === 0 ? 0 : Math.log2(amax / medianTile),
  };
}

/**
 * What became of a matrix's values, in shares of those that were not zero. A value counts as saturated where
 * rounding to the format without a largest value would have gone beyond the largest.
 * @param values what was quantised, row-major
 */
export function codeShares(quantized: QuantizedMatrix, values: ArrayLike<number>): CodeShares {
  const { format, codes, cols, granularity, scaleCols } = quantized;
  const magnitude = magnitudeMask(format);
  const firstNormal = 2 ** format.mantissaBits;
  const largest = maxFinite(format);
  const limit = largest + (largest - decode(format, maxCode(format) - 1)) / 2;
  const scales = quantized.scaleValues();
  let nonzero = 0;
  let flushed = 0;
  let subnormal = 0;
  let saturated = 0;
  codes.forEach((code: number, i: number) => {
    const value = Math.abs(values[i] as number);
    if (value === 0) return;
    nonzero++;
    const bare = code & magnitude;
    if (bare === 0) flushed++;
    else if (bare < firstNormal) subnormal++;
    const col = i % cols;
    const scale = scales[scaleIndex(granularity, scaleCols, (i - col) / cols, col)] as number;
    if (value > limit * scale) saturated++;
  });
  const share = (count: number) => (nonzero === 0 ? 0 : count / nonzero);
  return { flushed: share(flushed), subnormal: share(subnormal), saturated: share(saturated) };
}

/** The values that codes and scales stand for, code · scale, in f64: exact. Of the first `rows` rows only, if given. */
export function dequantizeInF64(quantized: QuantizedMatrix, rows = quantized.rows): Float64Array {
  const { cols, codes, granularity, scaleCols } = quantized;
  const table = decodeTable(quantized.format);
  const scales = quantized.scaleValues();
  const result = new Float64Array(rows * cols);
  for (let row = 0; row < rows; row++)
    for (let col = 0; col < cols; col++) {
      const i = row * cols + col;
      result[i] =
        (table[codes[i] as number] as number) *
        (scales[scaleIndex(granularity, scaleCols, row, col)] as number);
    }
  return result;
}
