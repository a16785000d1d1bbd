/** @file What is known of a quantised matrix's numbers wherever they lie, so that kernels need not look. */

import { decodeTable } from '../format/decode.js';
import type { Format } from '../format/format.js';
import { e8m0, hasOrdinaryRange } from '../format/formats.js';
import type { Quantization } from './options.js';
import type { QuantizedMatrix } from './quantized-matrix.js';

export interface Traits {
  /**
   * Whether NaN codes are only where the scale is NaN or infinite, and an infinite scale's codes all zeros or NaN, as
   * quantisers make them: the scale then says all there is to say, and no kernel has to look for NaN among codes.
   */
  readonly scaleTellsNaN: boolean;
  /**
   * Whether scales are powers of two from 2^-100 to 2^100, but for zeros (2^-127 in e8m0) and NaN, and for what a
   * quantiser makes of values beyond. Folding them into values then rounds none, unless it lies far below what its
   * row's largest scale reaches (foldingOf).
   */
  readonly powersOfTwo: boolean;
}

/** Of numbers of which nothing is known. */
export const noTraits: Traits = { scaleTellsNaN: false, powersOfTwo: false };

/** Of what a quantiser makes. */
export function quantizedTraits({ format, granularity, scaling }: Quantization): Traits {
  const { dialect, powerOfTwo } = scaling;
  // Without a floor a tile of zeros has scale 1 in f32, beside which its row's other scales may be nothing.
  const near = dialect.amaxFloor > 0 || granularity.scaleFormat === 'e8m0';
  return { scaleTellsNaN: hasOrdinaryRange(format), powersOfTwo: powerOfTwo && near };
}

/** Found by looking at every code and scale. */
export function traitsOf(matrix: QuantizedMatrix): Traits {
  return { scaleTellsNaN: !holdsNaN(matrix), powersOfTwo: hasPowersOfTwo(matrix) };
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

function hasPowersOfTwo({ scales }: QuantizedMatrix): boolean {
  // The smallest one is that of tiles of zeros.
  if (!(scales instanceof Float32Array))
    return scales.every((code) => code === 0 || code === nanE8m0 || isFoldable(2 ** (code - e8m0.bias)));
  return scales.every((scale) => scale === 0 || Number.isNaN(scale) || isFoldable(scale));
}

/** References of rows of scales are kept within 2^-100 and 2^100, so that they and their inverses are normal f32s. */
export const foldableExponent = 100;

const nanE8m0 = 255;

/** Whether a scale is a power of two that a row's reference can be. */
export function isFoldable(scale: number): boolean {
  const exponent = Math.log2(Math.abs(scale));
  return Math.abs(exponent) <= foldableExponent && 2 ** Math.round(exponent) === Math.abs(scale);
}
