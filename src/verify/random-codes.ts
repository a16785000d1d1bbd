/** @file Quantised matrices of random codes, for checks of sums: every exponent, and rows from full to nearly empty. */

import { decodeTable } from '../format/decode.js';
import { type Format, magnitudeMask } from '../format/format.js';
import { type GranularityName, granularityByName, scaleShape } from '../quantize/granularity.js';
import { QuantizedMatrix } from '../quantize/quantized-matrix.js';
import { randomWords } from './random.js';

export interface RandomCodesOptions {
  /** Of 8 bits. */
  readonly format: Format;
  /** tensor has one scale, 1; others have scales between 2^-60 and 2^60, some products of which leave f32's range. */
  readonly granularity: Exclude<GranularityName, '1x32' | '32x1'>;
  readonly seed: number;
  /** Whether one row in 16 holds a NaN or an infinity. */
  readonly specials: boolean;
}

/** Rows keep one code in 2^0 to 2^5: among few terms the largest exponent is often small, or only c's. */
const densities = 6;

/** Random finite codes, rows × cols, each as likely as the others; but the stand-ins for specials twice. */
export function randomCodes(rows: number, cols: number, options: RandomCodesOptions): QuantizedMatrix {
  const { format, granularity, seed, specials } = options;
  const finite = finiteCodes(format);
  const special = [...finite.keys()].filter((code) => finite[code] !== code);
  const codes = new Uint8Array(rows * cols);
  const groups = Math.ceil(cols / 4);
  for (let row = 0; row < rows; row++) {
    const [rowWord = 0, place = 0, which = 0] = randomWords(row, seed ^ 0x5eed);
    const threshold = 256 >> (rowWord % densities);
    for (let group = 0; group < groups; group++) {
      const [bytes = 0, chances = 0] = randomWords(row * groups + group, seed);
      const count = Math.min(4, cols - 4 * group);
      for (let i = 0; i < count; i++) {
        const kept = ((chances >>> (8 * i)) & 0xff) < threshold;
        if (kept) codes[row * cols + 4 * group + i] = finite[(bytes >>> (8 * i)) & 0xff] as number;
      }
    }
    if (specials && row % 16 === 5)
      codes[row * cols + (place % cols)] = special[which % special.length] as number;
  }
  const { scaleRows, scaleCols } = scaleShape(granularityByName(granularity), rows, cols);
  const scales = Float32Array.from({ length: scaleRows * scaleCols }, (_, i) => {
    if (granularity === 'tensor') return 1;
    const [fraction = 0, exponent = 0] = randomWords(i, seed ^ 0x5ca1e);
    return (1 + fraction * 2 ** -32) * 2 ** ((exponent % 121) - 60);
  });
  return new QuantizedMatrix(rows, cols, format, granularity, codes, scales);
}

/** By code: itself, or for NaN and infinity the code with the exponent's top bit cleared. */
function finiteCodes(format: Format): Uint8Array {
  const topBit = (magnitudeMask(format) + 1) >> 1;
  return Uint8Array.from(decodeTable(format), (value, code) =>
    Number.isFinite(value) ? code : code & ~topBit,
  );
}
