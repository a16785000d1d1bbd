/** @file How far values are moved down, by a power of two of their format, before they become halves: lifted.wgsl. */

import liftedWgsl from '../../../shaders/gemm/matrix/lifted.wgsl?raw';
import { type Format, minExponent } from '../../format/format.js';
import { f16, maxFinite } from '../../format/formats.js';
import { Expression, type ShaderPart } from '../../gpu/shader.js';
import { largestHalfExponent, lift } from '../fold.js';
import { type GemmProblem, longestInterval, type OperandKind } from '../problem.js';
import type { SumType } from './tile.js';

/**
 * The exponent of the largest value whose products are added up in halves: an interval's products of values below
 * twice as much stay below 2^15, half of what a half holds, so that their sums may be rounded up.
 */
const summedExponent = Math.floor((largestHalfExponent - Math.log2(longestInterval)) / 2) - 1;

/** Bits of exponent of formats whose normal values stay normal halves where the largest has that exponent. */
const mostExponentBits = 4;
/** The farthest that values are moved: two factors, their product and its reciprocal are then f32s. */
const farthest = 63;

/**
 * The power of two, as an exponent, that an operand's values are multiplied by: never up, so that promoted sums
 * overflow only where the result does.
 */
export function liftOf({ format }: Pick<OperandKind, 'format'>, sums: SumType): number {
  return sums === 'f32' ? 0 : Math.min(lift(format, summedExponent), 0);
}

/** Why values without their scales cannot be multiplied as halves. */
export function unfitLifted({ a, b }: GemmProblem, sums: SumType): string | undefined {
  const wide = [a, b].find(({ format }) => sums === 'f16' && format.exponentBits > mostExponentBits);
  if (wide)
    return (
      `it adds up in halves, which hold values of up to ${mostExponentBits} bits of exponent; ` +
      `${wide.format.name} has ${wide.format.exponentBits}`
    );
  const apart = [a, b].find(({ format }) => !areHalves(format, liftOf({ format }, sums)));
  const moved =
    sums === 'f32'
      ? 'as they are'
      : `once they are moved below 2^${summedExponent + 1}, by 2^${farthest} at most`;
  return (
    apart &&
    `it multiplies codes whose values are halves ${moved}, which those of ${apart.format.name} are not`
  );
}

function areHalves(format: Format, exponent: number): boolean {
  const smallest = minExponent(format) - format.mantissaBits + exponent;
  const half = minExponent(f16) - f16.mantissaBits;
  return (
    Math.abs(exponent) <= farthest && maxFinite(format) * 2 ** exponent <= maxFinite(f16) && smallest >= half
  );
}

/** lifted.wgsl with its constants. */
export function liftedPart({ a, b }: GemmProblem, sums: SumType): ShaderPart {
  const factor = (operand: OperandKind) => new Expression(`${2 ** liftOf(operand, sums)}f`);
  return { files: [liftedWgsl], constants: { A_FACTOR: factor(a), B_FACTOR: factor(b) } };
}
