/**
 * @file One fused dot product of a matrix instruction: the oracle, in the five steps of the model, to be read
 * beside them. The model is that of "Accurate models of NVIDIA tensor cores" and MMA-Sim (truncated fused dot
 * product and accumulate, T-FDA); its constants are the profile's.
 */

import { ExactSum } from '../arithmetic/exact-sum.js';
import { fma } from '../arithmetic/fma.js';
import type { Operands } from './operand.js';
import type { Profile } from './profile.js';
import { roundToBits } from './round.js';
import type { StepWatch } from './watch.js';

/** The bits tensor cores give for an invalid sum: any NaN, 0 · infinity, or infinity - infinity. */
export const tensorCoreNaN = 0x7fffffff;

/** A stretch of one row's codes: `count` codes from `start`. */
export interface CodeRange {
  readonly operands: Operands;
  readonly codes: ArrayLike<number>;
  readonly start: number;
}

/**
 * d = c + Σ a[i]·b[i] over `count` products, as the profile's instruction adds them. A NaN result is NaN; its
 * bits are tensorCoreNaN.
 * @param watch sees what happens, but for infinities and NaNs and where nothing is lost
 */
export function fusedStep(
  profile: Profile,
  a: CodeRange,
  b: CodeRange,
  count: number,
  c: number,
  watch?: StepWatch,
): number {
  if (profile.chaining === 'added') {
    const alone = fusedStep({ ...profile, chaining: 'fused' }, a, b, count, 0, watch);
    return Math.fround(c + alone);
  }
  const special = specialResult(a, b, count, c);
  if (special !== undefined) return special;
  if (profile.fractionBits === Infinity) return withoutLoss(a, b, count, c);
  return truncated(profile, a, b, count, c, watch);
}

/** The five steps of a truncating accumulator. */
function truncated(
  profile: Profile,
  a: CodeRange,
  b: CodeRange,
  count: number,
  c: number,
  watch?: StepWatch,
): number {
  const mantissaBits = a.operands.mantissaBits + b.operands.mantissaBits;

  // 1. A product's significand is the integer product of the operands' significands, not normalised; its
  //    exponent is the sum of theirs. c has its own f32 exponent.
  const significandOf = (i: number) => productSignificand(a, b, i);
  const exponentOf = (i: number) => productExponent(a, b, i);

  // 2. The largest exponent among the nonzero terms.
  let largest = c === 0 ? -Infinity : exponentOfF32(c);
  for (let i = 0; i < count; i++) if (significandOf(i) !== 0) largest = Math.max(largest, exponentOf(i));
  if (largest === -Infinity) return 0;

  // 3. Every term is cut off toward zero to a multiple of 2^(largest - fractionBits), and
  // 4. what is left adds exactly: whole numbers below 2^53 in a double, whatever the order.
  const unit = 2 ** (largest - profile.fractionBits);
  watch?.aligned(largest, unit);
  let sum = Math.trunc(c / unit);
  watch?.keptSum(sum);
  for (let i = 0; i < count; i++) {
    const kept = Math.trunc((significandOf(i) * 2 ** (exponentOf(i) - mantissaBits)) / unit);
    watch?.keptProduct(i, kept);
    sum += kept;
  }
  watch?.summed(sum);

  // 5. The sum is normalised and rounded to the result's fraction bits; nothing left gives +0.
  const result = sum === 0 ? 0 : roundToBits(sum * unit, profile.outputBits, profile.outputRounding);
  watch?.rounded(result);
  return result;
}

/** The same without a loss in alignment: an exact sum, rounded once to f32. */
function withoutLoss(a: CodeRange, b: CodeRange, count: number, c: number): number {
  // One product is a fused multiply-add. The product of two codes is exact in a double.
  if (count === 1) return fma(value(a, 0), value(b, 0), c);
  const sum = new ExactSum();
  sum.add(c);
  for (let i = 0; i < count; i++) sum.add(value(a, i) * value(b, i));
  return Math.fround(sum.value());
}

/** The result if a NaN or an infinity takes part: NaN for an invalid sum, otherwise the infinity wins. */
function specialResult(a: CodeRange, b: CodeRange, count: number, c: number): number | undefined {
  let special = Number.isFinite(c) ? 0 : c;
  for (let i = 0; i < count; i++) {
    const x = value(a, i);
    const y = value(b, i);
    if (!Number.isFinite(x) || !Number.isFinite(y)) special += x * y;
  }
  return special === 0 ? undefined : special;
}

/**
 * The whole significand of product i, with its sign; its lowest bit stands for 2^(exponent - mantissa bits of both).
 */
export function productSignificand(a: CodeRange, b: CodeRange, i: number): number {
  return significand(a, i) * significand(b, i);
}

/** The exponent of product i. */
export function productExponent(a: CodeRange, b: CodeRange, i: number): number {
  return exponent(a, i) + exponent(b, i);
}

function significand(range: CodeRange, i: number): number {
  return range.operands.significand[range.codes[range.start + i] as number] as number;
}

function exponent(range: CodeRange, i: number): number {
  return range.operands.exponent[range.codes[range.start + i] as number] as number;
}

function value(range: CodeRange, i: number): number {
  return range.operands.value[range.codes[range.start + i] as number] as number;
}

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The exponent of a nonzero f32; a subnormal has that of the smallest normal. */
export function exponentOfF32(x: number): number {
  float[0] = x;
  return Math.max(((bits[0] as number) >>> 23) & 0xff, 1) - 127;
}
