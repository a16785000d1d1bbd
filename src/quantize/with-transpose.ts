/**
 * @file Tiles along both sides of a matrix: the oracles. A product that sums over the rows of X, as the weight
 * gradient does, needs 1×128 tiles of Xᵀ, which are tiles of 128 rows and one column of X.
 */

import type { Matrix } from '../matrix.js';
import { chooseTiles, ofFormat, type TileOptions } from './block.js';
import { dequantize } from './dequantize.js';
import { quantize } from './quantize.js';
import type { QuantizedMatrix } from './quantized-matrix.js';
import { transpose } from './transpose.js';

/** A matrix quantised along its rows, and its transpose along its own. */
export interface QuantizedPair<Quantized = QuantizedMatrix> {
  /** Rows × cols, in 1×128 tiles. */
  readonly quantized: Quantized;
  /** Cols × rows, in 1×128 tiles. */
  readonly transposed: Quantized;
}

/**
 * Quantises a matrix and its transpose, each with scales of its own tiles.
 * @throws ArgumentError naming the option that does not exist or does not fit
 */
export function quantizeWithTranspose(source: Matrix, options: TileOptions = {}): QuantizedPair {
  chooseTiles(options);
  return { quantized: quantize(source, options), transposed: quantize(transpose(source), options) };
}

/**
 * From tiles along the rows of X to tiles along the rows of Xᵀ: the values that codes and scales stand for, rounded
 * to f32, are transposed and quantised again.
 *
 * What that adds to the error of the first quantisation is one more rounding to the new tile's codes. It is nothing
 * at all for a value that the new tile can hold: with power-of-two scales a value keeps its significand, and only
 * the exponent must be one of the format's. Kept are values from 2^-13 of their new tile's largest magnitude on in
 * e4m3, and from 2^-28 on in e5m2 and e5m6, if the largest is above the dialect's floor.
 * @param options the format is the source's unless told otherwise
 * @throws ArgumentError naming the option that does not exist or does not fit
 */
export function requantizeTransposed(source: QuantizedMatrix, options: TileOptions = {}): QuantizedMatrix {
  const ways = ofFormat(source.format, options);
  chooseTiles(ways);
  return quantize(transpose(dequantize(source)), ways);
}
