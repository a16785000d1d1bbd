/** @file How far values are moved, by a power of two of their format, before they become halves: lifted.wgsl. */

import liftedWgsl from '../../shaders/gemm/lifted.wgsl?raw';
import { Expression, type ShaderPart } from '../gpu/shader.js';
import { lift } from './fold.js';
import type { SumType } from './matrix-units.js';
import type { GemmProblem, OperandKind } from './problem.js';

/**
 * The exponent of the largest value that is added up in halves: 128 products of values below 2^4 stay below 2^15, a
 * half's largest power of two.
 */
const summedExponent = 3;

/** The power of two, as an exponent, that an operand's values are multiplied by. */
export function liftOf({ format }: Pick<OperandKind, 'format'>, sums: SumType): number {
  return sums === 'f32' ? 0 : lift(format, summedExponent);
}

/** lifted.wgsl with its constants. */
export function liftedPart({ a, b }: GemmProblem, sums: SumType): ShaderPart {
  const factor = (operand: OperandKind) => new Expression(`${2 ** liftOf(operand, sums)}f`);
  return { files: [liftedWgsl], constants: { A_FACTOR: factor(a), B_FACTOR: factor(b) } };
}
