/** @file From values to codes and scales: the oracle, written to be read. */

import type { Format } from '../format/format.js';
import type { FormatName } from '../format/formats.js';
import type { Matrix } from '../matrix.js';
import type { DialectName } from './dialect.js';
import type { Granularity, GranularityName } from './granularity.js';
import type { QuantizedMatrix } from './quantized-matrix.js';

export interface QuantizeOptions {
  /** Element format. Default e4m3. */
  readonly format?: Format | FormatName;
  /** Default 1x128. */
  readonly granularity?: Granularity | GranularityName;
  /** Default deepgemm; mx for 1x32. */
  readonly dialect?: DialectName;
  /** Round scales up to powers of two. Default false; always true for 1x32. */
  readonly powerOfTwo?: boolean;
}

/** Quantises a matrix on the CPU. */
export function quantize(_source: Matrix, _options: QuantizeOptions = {}): QuantizedMatrix {
  throw new Error('being written');
}
