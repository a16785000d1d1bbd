/** @file From codes and scales back to values: the oracle, written to be read. */

import { f32Array, multiply } from '../arithmetic/f32.js';
import { ArgumentError } from '../errors.js';
import { decodeAll } from '../format/decode.js';
import { encodeAll } from '../format/encode.js';
import { formats } from '../format/formats.js';
import { type Dtype, dtypes, type Matrix, matrix } from '../matrix.js';
import { scaleIndex } from './granularity.js';
import { asQuantizedMatrix, type QuantizedMatrix } from './quantized-matrix.js';

/**
 * Dequantises on the CPU: r(value of the code · scale), rounded once to f32, and that rounded to `dtype`, both
 * to nearest even. What is too large becomes infinity; every NaN is the positive quiet one.
 * @param dtype default f32
 * @throws ArgumentError if the source is no quantised matrix, or there is no such dtype
 */
export function dequantize(source: QuantizedMatrix, dtype: Dtype = 'f32'): Matrix {
  requireDtype(dtype);
  const { rows, cols, format, granularity, scaleCols } = asQuantizedMatrix(source, 'source');
  const codeValues = decodeAll(format, source.codes);
  const scales = source.scaleValues();
  const values = codeValues.map((value, i) => {
    const tile = scaleIndex(granularity, scaleCols, Math.floor(i / cols), i % cols);
    return multiply(value, scales[tile] as number);
  });
  if (dtype === 'f32') return matrix(rows, cols, f32Array(values), 'f32');
  const bits = Uint16Array.from(encodeAll(formats[dtype], values, { overflow: 'ieee' }));
  return matrix(rows, cols, bits, dtype);
}

/** @throws ArgumentError if there is no such dtype */
export function requireDtype(dtype: string): void {
  if (!(dtypes as readonly string[]).includes(dtype))
    throw new ArgumentError('dtype', dtype, dtypes.join(', '));
}
