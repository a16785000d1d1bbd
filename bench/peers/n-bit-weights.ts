/**
 * @file Weights in blocks of few bits, as ONNX Runtime's MatMulNBits takes them (onnxruntime,
 * docs/ContribOperators.md, com.microsoft.MatMulNBits): for each row of B transposed and each block along K a scale,
 * and codes around the middle code, two to a byte where they have 4 bits, the first in the low half.
 */

import { decodeTable } from '../../src/format/decode.js';
import { encode } from '../../src/format/encode.js';
import { f16 } from '../../src/format/formats.js';
import type { Band } from '../sample.js';

export interface NBitWeights {
  readonly bits: 4 | 8;
  /** Weights that share a scale. */
  readonly block: number;
  /** N × K codes. */
  readonly codes: Uint8Array;
  /** N × K / block scales, of f32 or the bits of f16. */
  readonly scales: Float32Array | Uint16Array;
  /** What the codes of some rows stand for, K values a row. */
  values(band: Band): Float32Array;
}

/**
 * Rounds weights to the nearest code, each block's largest magnitude being the largest code.
 * @param weights N × K, K a multiple of `block`
 * @param dtype of the scales
 */
export function roundToBits(
  weights: Float32Array,
  k: number,
  bits: 4 | 8,
  block: number,
  dtype: 'f32' | 'f16',
): NBitWeights {
  const middle = 2 ** (bits - 1);
  const most = middle - 1;
  const blocks = weights.length / block;
  const codes = new Uint8Array((weights.length * bits) / 8);
  const scales = dtype === 'f32' ? new Float32Array(blocks) : new Uint16Array(blocks);
  const scaleValues = new Float32Array(blocks);
  const halves = decodeTable(f16);
  for (let i = 0; i < blocks; i++) {
    let amax = 0;
    for (let j = i * block; j < (i + 1) * block; j++) amax = Math.max(amax, Math.abs(weights[j] as number));
    const wanted = amax / most;
    scales[i] = dtype === 'f32' ? wanted : encode(f16, wanted);
    const scale = dtype === 'f32' ? Math.fround(wanted) : (halves[scales[i] as number] as number);
    scaleValues[i] = scale;
    for (let j = i * block; j < (i + 1) * block; j++) {
      const nearest = scale === 0 ? 0 : Math.round((weights[j] as number) / scale);
      const code = middle + Math.max(-middle, Math.min(most, nearest));
      if (bits === 8) codes[j] = code;
      else codes[j >> 1] = (codes[j >> 1] as number) | (code << (4 * (j & 1)));
    }
  }
  const codeAt = (j: number) =>
    bits === 8 ? (codes[j] as number) : ((codes[j >> 1] as number) >> (4 * (j & 1))) & 15;
  return {
    bits,
    block,
    codes,
    scales,
    values: ({ first, count }) =>
      Float32Array.from({ length: count * k }, (_, i) => {
        const j = first * k + i;
        return (codeAt(j) - middle) * (scaleValues[Math.floor(j / block)] as number);
      }),
  };
}
