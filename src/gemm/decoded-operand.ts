/** @file A quantised matrix as the CPU oracles read it: values and scales as doubles, a row at a time. */

import { decode } from '../format/decode.js';
import { codeCount } from '../format/format.js';
import { scaleIndex } from '../quantize/granularity.js';
import type { QuantizedMatrix } from '../quantize/quantized-matrix.js';

/** A row's decoded codes, and its scale in every promotion interval. */
export interface DecodedRow {
  readonly values: Float64Array;
  readonly scales: Float64Array;
}

/** Decodes rows when they are first asked for, so that a sample of a large product costs no more than it must. */
export class DecodedOperand {
  /** The largest finite magnitude among the codes that occur; 0 if there is none. */
  readonly largest: number;
  /** A power of two of which every finite value that occurs is a multiple. */
  readonly quantum: number;
  /** Values by code; 0 for a code that does not occur. */
  readonly #table: Float64Array;
  readonly #scales: Float32Array;
  readonly #rows: (DecodedRow | undefined)[] = [];

  constructor(
    readonly source: QuantizedMatrix,
    readonly interval: number,
  ) {
    const { format } = source;
    this.#scales = source.scaleValues();
    // Only codes that occur are decoded: a format of 16 bits has many more.
    const occurs = new Uint8Array(codeCount(format));
    for (const code of source.codes) occurs[code] = 1;
    this.#table = Float64Array.from(occurs, (one, code) => (one ? decode(format, code) : 0));
    let largest = 0;
    let quantum = Infinity;
    for (const value of this.#table) {
      const magnitude = Math.abs(value);
      if (!(magnitude > 0 && magnitude < Infinity)) continue;
      largest = Math.max(largest, magnitude);
      quantum = Math.min(quantum, lowestBit(magnitude));
    }
    this.largest = largest;
    this.quantum = largest === 0 ? 1 : quantum;
  }

  row(row: number): DecodedRow {
    let decoded = this.#rows[row];
    if (!decoded) {
      decoded = { values: this.#values(row), scales: this.#rowScales(row) };
      this.#rows[row] = decoded;
    }
    return decoded;
  }

  #values(row: number): Float64Array {
    const { cols, codes } = this.source;
    const values = new Float64Array(cols);
    for (let k = 0; k < cols; k++) values[k] = this.#table[codes[row * cols + k] as number] as number;
    return values;
  }

  #rowScales(row: number): Float64Array {
    const { cols, granularity, scaleCols } = this.source;
    return Float64Array.from(
      { length: Math.ceil(cols / this.interval) },
      (_, block) => this.#scales[scaleIndex(granularity, scaleCols, row, block * this.interval)] as number,
    );
  }
}

/** The value of the last 1 in a positive number's binary digits. */
function lowestBit(value: number): number {
  let bit = 2 ** Math.ceil(Math.log2(value));
  while (value % bit !== 0) bit /= 2;
  return bit;
}
