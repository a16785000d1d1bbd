/** @file What is known of a quantised matrix's numbers wherever they lie, so that kernels need not look. */

import { decodeTable } from '../format/decode.js';
import type { Format } from '../format/format.js';
import { hasOrdinaryRange } from '../format/formats.js';
import type { Quantization } from './options.js';
import type { QuantizedMatrix } from './quantized-matrix.js';

export interface Traits {
  /**
   * Whether NaN codes are only where the scale is NaN or infinite, and an infinite scale's codes all zeros or NaN, as
   * quantisers make them: the scale then says all there is to say, and no kernel has to look for NaN among codes.
   */
  readonly scaleTellsNaN: boolean;
  /**
   * Whether scales are powers of two, zeros or NaN, or infinite where a quantiser met nothing finite: folding them into
   * values then rounds none (but see foldingOf).
   */
  readonly powersOfTwo: boolean;
}

/** Of numbers of which nothing is known. */
export const noTraits: Traits = { scaleTellsNaN: false, powersOfTwo: false };

/** Of what a quantiser makes. */
export function quantizedTraits({ format, scaling }: Pick<Quantization, 'format' | 'scaling'>): Traits {
  return { scaleTellsNaN: hasOrdinaryRange(format), powersOfTwo: scaling.powerOfTwo };
}

/** Found by looking at every code and scale. */
export function traitsOf(matrix: QuantizedMatrix): Traits {
  return { scaleTellsNaN: !holdsNaN(matrix), powersOfTwo: hasPowersOfTwo(matrix.scales) };
}

/** Whether a code is NaN, or a scale infinite. */
function holdsNaN({ format, codes, scales }: QuantizedMatrix): boolean {
  if (scales instanceof Float32Array && scales.some((scale) => Math.abs(scale) === Infinity)) return true;
  if (!losesNaN(format)) return false;
  const isNaNCode = Uint8Array.from(decodeTable(format), (value) => Number(Number.isNaN(value)));
  // A loop, since some() takes four times as long, of codes of which there may be a hundred million.
  for (let i = 0; i < codes.length; i++) if (isNaNCode[codes[i] as number] === 1) return true;
  return false;
}

/** Whether a format's NaN is lost where kernels do not look for it: others have none, or keep it. */
function losesNaN({ specials }: Format): boolean {
  return specials === 'all-ones-nan' || specials === 'negative-zero-nan';
}

function hasPowersOfTwo(scales: QuantizedMatrix['scales']): boolean {
  if (!(scales instanceof Float32Array)) return true;
  const bits = new Uint32Array(scales.buffer, scales.byteOffset, scales.length);
  // No mantissa unless the exponent has all its bits, which is NaN then, and otherwise infinity: a kernel that folds may
  // make NaN of it. Subnormal scales count as others.
  return bits.every((word) => ((word & 0x7fffff) === 0) !== ((word & 0x7f800000) === 0x7f800000));
}
