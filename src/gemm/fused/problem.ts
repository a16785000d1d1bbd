/** @file What a product of plain values A and quantised B is asked to compute. */

import { ArgumentError } from '../../errors.js';
import { width } from '../../format/format.js';
import type { Dtype } from '../../matrix.js';
import type { TileOptions } from '../../quantize/block.js';
import type { Scaling } from '../../quantize/dialect.js';
import { chooseQuantization } from '../../quantize/options.js';
import { quantizedTraits } from '../../quantize/traits.js';
import type { GemmOptions } from '../gemm.js';
import { type Addend, type GemmProblem, gemmProblem, type Operand } from '../problem.js';

/** How A is quantised, what is added, and the output's type. */
export interface QuantizeAndGemmOptions extends TileOptions, Pick<GemmOptions, 'c' | 'out'> {}

/** A product whose A is made of values of a type, by a scaling. */
export interface FusedProblem extends GemmProblem {
  readonly values: Dtype;
  readonly scaling: Scaling;
}

/** Bits of the widest codes: a byte each is staged. */
export const widestCode = 8;

/**
 * The problem that values and a quantised matrix pose.
 * @throws ArgumentError naming what does not fit
 */
export function fusedProblem(a: Addend, b: Operand, options: QuantizeAndGemmOptions = {}): FusedProblem {
  const { c, out = 'f32', ...rest } = options;
  const quantization = chooseQuantization({ ...rest, granularity: '1x128' });
  const { format, granularity, scaling } = quantization;
  if (width(format) > widestCode)
    throw new ArgumentError(
      'format',
      `${format.name} of ${width(format)} bits`,
      `a format of at most ${widestCode} bits; others in two steps, by quantize() and gemm()`,
    );
  const { rows, cols, dtype } = a;
  const codes = { rows, cols, format, granularity, powersOfTwo: quantizedTraits(quantization).powersOfTwo };
  return { ...gemmProblem(codes, b, c, out), values: dtype, scaling };
}
