/** @file From values to codes, for one row of an operand: its tiles, and every element on its way. */

import { decode } from '../format/decode.js';
import { scaleIndex } from '../quantize/granularity.js';
import { deriveScale, factorOf, scaled } from '../quantize/scale.js';
import { fromInput, fromKernel, fromOracle, type Quoted } from './quoted.js';
import type { RunSide } from './run.js';

/** A tile that shares a scale. Ranges are [start, end). */
export interface TileTrace {
  /** Its place among the scales. */
  readonly index: number;
  readonly rows: readonly [start: number, end: number];
  readonly ks: readonly [start: number, end: number];
  /** Where the largest magnitude lies; the first place of several. */
  readonly largestAt: { readonly row: number; readonly k: number };
  readonly amax: Quoted;
  /** amax, raised to the dialect's floor. */
  readonly floored: Quoted;
  /** What the dialect's division gives, before it is rounded up to a power of two. */
  readonly quotient: Quoted;
  readonly scale: Quoted;
  /** What values are multiplied or divided by. */
  readonly factor: Quoted;
}

/** One value on its way to a code. */
export interface ElementTrace {
  readonly k: number;
  readonly tile: TileTrace;
  readonly value: Quoted;
  /** The value in units of the scale: what is rounded to a code. */
  readonly scaled: Quoted;
  readonly code: Quoted;
  /** The code's value. */
  readonly decoded: Quoted;
  /** What the code stands for, code · scale, exactly. */
  readonly restored: Quoted;
}

/** One row of an operand. */
export interface RowTrace {
  readonly row: number;
  readonly side: RunSide;
  readonly tiles: readonly TileTrace[];
  readonly elements: readonly ElementTrace[];
}

export function traceRow(side: RunSide, row: number): RowTrace {
  const { cols } = side.source;
  const { granularity } = side.kernel;
  const width = Math.min(granularity.tileCols, cols);
  const tiles = Array.from({ length: Math.ceil(cols / width) }, (_, i) => traceTile(side, row, i * width));
  const elements = Array.from({ length: cols }, (_, k) =>
    traceElement(side, row, k, tiles[Math.floor(k / width)] as TileTrace),
  );
  return { row, side, tiles, elements };
}

function traceTile(side: RunSide, row: number, k: number): TileTrace {
  const { kernel, oracle, quantization, amax, factors } = side;
  const { format, granularity, scaling } = quantization;
  const { tileRows, tileCols } = granularity;
  const index = scaleIndex(granularity, kernel.scaleCols, row, k);
  const rows = range(row, tileRows, kernel.rows);
  const ks = range(k, tileCols, kernel.cols);
  const largest = amax.kernel[index] as number;
  const { floored, quotient } = deriveScale(largest, format, scaling);
  const scale = kernel.scaleValues()[index] as number;
  return {
    index,
    rows,
    ks,
    largestAt: placeOf(side, largest, rows, ks),
    amax: fromKernel(largest, amax.oracle[index] as number),
    floored: fromOracle(floored),
    quotient: fromOracle(quotient),
    scale: fromKernel(scale, oracle.scaleValues()[index] as number),
    factor: fromKernel(factors[index] as number, factorOf(largest, scale, format, scaling)),
  };
}

function traceElement(side: RunSide, row: number, k: number, tile: TileTrace): ElementTrace {
  const { source, kernel, oracle, quantization } = side;
  const at = row * kernel.cols + k;
  const value = source.data[at] as number;
  const code = kernel.codes[at] as number;
  const decoded = decode(kernel.format, code);
  return {
    k,
    tile,
    value: fromInput(value),
    scaled: fromOracle(scaled(value, tile.factor.value, quantization.scaling)),
    code: fromKernel(code, oracle.codes[at] as number),
    decoded: fromOracle(decoded),
    restored: fromOracle(decoded * tile.scale.value),
  };
}

/** The tile's range around an index, cut at the matrix's end. */
function range(index: number, size: number, end: number): [number, number] {
  if (size === Infinity) return [0, end];
  const start = Math.floor(index / size) * size;
  return [start, Math.min(start + size, end)];
}

function placeOf(
  { source }: RunSide,
  largest: number,
  rows: readonly [number, number],
  ks: readonly [number, number],
): { row: number; k: number } {
  for (let row = rows[0]; row < rows[1]; row++)
    for (let k = ks[0]; k < ks[1]; k++)
      if (Math.abs(source.data[row * source.cols + k] as number) === largest) return { row, k };
  return { row: rows[0], k: ks[0] };
}
