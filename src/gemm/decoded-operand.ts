/** @file A quantised matrix as the CPU oracles read it: values and scales as doubles, a row at a time. */

import { decodeTable } from '../format/decode.js';
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
  readonly #table: Float32Array;
  readonly #scales: Float32Array;
  readonly #rows: (DecodedRow | undefined)[] = [];

  constructor(
    readonly source: QuantizedMatrix,
    readonly interval: number,
  ) {
    this.#table = decodeTable(source.format);
    this.#scales = source.scaleValues();
    let largest = 0;
    let quantum = Infinity;
    for (const code of new Set(source.codes)) {
      const magnitude = Math.abs(this.#table[code] as number);
      if (magnitude === 0 || !Number.isFinite(magnitude)) continue;
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
