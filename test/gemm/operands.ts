/** @file Quantised matrices for tests, straight from random codes and scales: no quantiser is involved. */

import { decode, decodeTable } from '../../src/format/decode.js';
import { e8m0, type FormatName, formatByName } from '../../src/format/formats.js';
import { makeCodes } from '../../src/format/pack.js';
import { roundTo } from '../../src/gemm/exact.js';
import { type Dtype, type Matrix, matrix } from '../../src/matrix.js';
import { type GranularityName, granularityByName, scaleShape } from '../../src/quantize/granularity.js';
import { QuantizedMatrix } from '../../src/quantize/quantized-matrix.js';
import { bigProduct } from '../arithmetic/big.js';
import { randomWords } from '../random.js';

export interface OperandOptions {
  readonly format?: FormatName;
  readonly granularity?: GranularityName;
  readonly seed?: number;
  /** Which values to draw codes of. Default: every finite one below 2^40. */
  readonly values?: (value: number) => boolean;
  /** Scales are between 2^-spread and 2^spread. Default 6. */
  readonly spread?: number;
  /** Whether scales are powers of two, as those of 1x32 always are. Default not. */
  readonly powersOfTwo?: boolean;
}

/** A quantised matrix of random codes and random scales. */
export function randomOperand(rows: number, cols: number, options: OperandOptions = {}): QuantizedMatrix {
  const { format = 'e4m3', granularity = '1x128', seed = 1, spread = 6, powersOfTwo = false } = options;
  const { values = (value) => Math.abs(value) < 2 ** 40 } = options;
  const next = randomWords(seed);
  const descriptor = formatByName(format);
  const allowed = codesOf(format, values);
  const codes = makeCodes(descriptor, rows * cols);
  for (let i = 0; i < codes.length; i++) codes[i] = allowed[next() % allowed.length] as number;

  const { scaleRows, scaleCols } = scaleShape(granularityByName(granularity), rows, cols);
  const exponent = () => (2 * (next() / 2 ** 32) - 1) * spread;
  const length = scaleRows * scaleCols;
  const scales =
    granularity === '1x32'
      ? Uint8Array.from({ length }, () => 127 + Math.round(exponent()))
      : Float32Array.from({ length }, () => 2 ** (powersOfTwo ? Math.round(exponent()) : exponent()));
  return new QuantizedMatrix(rows, cols, format, granularity, codes, scales);
}

const tables = new Map<FormatName, Float32Array>();

/** The codes of the values that fit. */
function codesOf(format: FormatName, fits: (value: number) => boolean): number[] {
  const table = tables.get(format) ?? decodeTable(formatByName(format));
  tables.set(format, table);
  return [...table.keys()].filter((code) => fits(table[code] as number));
}

/** The same matrix with one code or one scale replaced. */
export function altered(
  source: QuantizedMatrix,
  change: { readonly code?: [index: number, code: number]; readonly scale?: [index: number, scale: number] },
): QuantizedMatrix {
  const { rows, cols, format, granularity } = source;
  const codes = source.codes.slice();
  const scales = source.scales.slice();
  if (change.code) codes[change.code[0]] = change.code[1];
  if (change.scale) scales[change.scale[0]] = change.scale[1];
  return new QuantizedMatrix(rows, cols, format, granularity, codes, scales);
}

/** A matrix of random values around ±`size`. */
export function randomMatrix(rows: number, cols: number, dtype: Dtype, seed = 1, size = 1000): Matrix {
  const next = randomWords(seed);
  const values = Array.from({ length: rows * cols }, () => roundTo(dtype, (next() / 2 ** 31 - 1) * size));
  return matrix(rows, cols, dtype === 'f32' ? Float32Array.from(values) : Uint16Array.from(values), dtype);
}

/** Entry (row, col) of the exact product in integers, times 2^unit: another way than the oracle's. */
export function bigEntry(a: QuantizedMatrix, b: QuantizedMatrix, row: number, col: number): bigint {
  let sum = 0n;
  for (let k = 0; k < a.cols; k++)
    sum += bigProduct(value(a, row, k) * value(b, col, k), scale(a, row, k) * scale(b, col, k));
  return sum;
}

function value({ format, codes, cols }: QuantizedMatrix, row: number, k: number): number {
  return decode(format, codes[row * cols + k] as number);
}

function scale(source: QuantizedMatrix, row: number, k: number): number {
  const { tileRows, tileCols, scaleFormat } = source.granularity;
  const scaleRow = tileRows === Infinity ? 0 : Math.floor(row / tileRows);
  const scaleCol = tileCols === Infinity ? 0 : Math.floor(k / tileCols);
  const stored = source.scales[scaleRow * source.scaleCols + scaleCol] as number;
  return scaleFormat === 'e8m0' ? decode(e8m0, stored) : stored;
}
