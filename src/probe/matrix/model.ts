/**
 * @file What a matrix unit may be: the order in which products and c are added up, and how each sum is taken. The
 * accumulation profiles (src/accumulate) are some of these models; a probe has to tell them from others, such as
 * those that round addends to nearest or add in pairs.
 */

import { type Direction, roundToBits, roundWhole } from '../../accumulate/round.js';
import { ExactSum } from '../../arithmetic/exact-sum.js';
import { floorLog2 } from '../../arithmetic/floor-log2.js';
import type { Precision } from '../precision.js';
import type { DotProduct, FloatTypes } from './unit.js';

/** What a sum takes: a product by its index along K, c, or another sum's result. */
export type Term = number | 'c' | Sum;

export interface Sum {
  readonly terms: readonly Term[];
  /**
   * - fused: terms are aligned to the largest exponent among them, cut, added, and the sum is rounded
   * - added: two results are added as floating-point numbers
   */
  readonly kind: 'fused' | 'added';
}

/** How terms of a fused sum are aligned. */
export interface Alignment {
  /** Fraction bits kept below the largest exponent. Infinity: no loss. */
  readonly fractionBits: number;
  /** What becomes of the bits below. */
  readonly direction: Direction;
  /** Whether a product's exponent is that of the product, and not the sum of its factors' exponents. */
  readonly normalized: boolean;
}

/** How a fused sum becomes a result. */
export interface Output {
  readonly bits: number;
  readonly direction: Direction;
  /** How a sum becomes an f32 first, which the result is then made of. Absent: not at all. */
  readonly through?: Direction;
}

export interface Model {
  readonly sum: Sum;
  readonly alignment: Alignment;
  readonly output: Output;
  /** How a fused sum becomes a term of another; of Infinity bits: as it is. */
  readonly intermediate: Output;
  /** How results are added. */
  readonly addition: Direction;
}

interface AlignedTerm {
  readonly value: number;
  readonly exponent: number;
}

/** A dot product's terms that are not zero, products by their index, c by its name. */
type Terms = ReadonlyMap<number | 'c', AlignedTerm & { readonly ownExponent: number }>;

const taken = new WeakMap<DotProduct, Terms>();

/** The result of a dot product by a model, for finite operands and results. */
export function predictDot(types: FloatTypes, model: Model, dot: DotProduct): number {
  const { result } = types;
  const { alignment, output, intermediate, addition } = model;
  const terms = termsOf(types, dot);
  const evaluate = (sum: Sum, isResult: boolean): number => {
    const aligned: AlignedTerm[] = [];
    for (const term of sum.terms) {
      if (typeof term === 'object') {
        // What is added, and not taken into a step, has been rounded as a result.
        const value = evaluate(term, sum.kind === 'added');
        if (value !== 0) aligned.push({ value, exponent: exponentOf(result, value) });
      } else {
        const one = terms.get(term);
        if (one) aligned.push(alignment.normalized ? { ...one, exponent: one.ownExponent } : one);
      }
    }
    if (sum.kind === 'added') return roundToBits(exactSum(aligned), result.fractionBits, addition, result);
    const total = fusedSum(aligned, alignment);
    if (isResult) {
      const whole = output.through === undefined ? total : roundToBits(total, 23, output.through);
      return roundToBits(whole, output.bits, output.direction, result);
    }
    return intermediate.bits === Infinity
      ? total
      : roundToBits(total, intermediate.bits, intermediate.direction);
  };
  return evaluate(model.sum, true);
}

function termsOf({ operand, result }: FloatTypes, dot: DotProduct): Terms {
  const known = taken.get(dot);
  if (known) return known;
  const terms = new Map<number | 'c', AlignedTerm & { ownExponent: number }>();
  for (const index of Object.keys(dot.a).map(Number)) {
    const [x, y] = [operand.fromBits(dot.a[index] ?? 0), operand.fromBits(dot.b[index] ?? 0)];
    const value = x * y;
    if (value === 0) continue;
    const exponent = exponentOf(operand, x) + exponentOf(operand, y);
    terms.set(index, { value, exponent, ownExponent: floorLog2(Math.abs(value)) });
  }
  const c = result.fromBits(dot.c);
  const exponent = exponentOf(result, c);
  if (c !== 0) terms.set('c', { value: c, exponent, ownExponent: exponent });
  taken.set(dot, terms);
  return terms;
}

/** A number's exponent; a subnormal has that of the smallest normal. */
function exponentOf({ minExponent }: Precision, value: number): number {
  return Math.max(floorLog2(Math.abs(value)), minExponent);
}

/** Terms aligned, cut and added: whole units below 2^53 in a double, whatever the order. */
function fusedSum(terms: readonly AlignedTerm[], { fractionBits, direction }: Alignment): number {
  if (terms.length === 0) return 0;
  if (fractionBits === Infinity) return exactSum(terms);
  let largest = -Infinity;
  for (const { exponent } of terms) largest = Math.max(largest, exponent);
  const unit = 2 ** (largest - fractionBits);
  let units = 0;
  for (const { value } of terms) units += roundWhole(value / unit, direction);
  return units * unit;
}

/** The exact sum, rounded to odd where it is no double. */
function exactSum(terms: readonly AlignedTerm[]): number {
  const sum = new ExactSum();
  for (const { value } of terms) sum.add(value);
  return sum.value();
}
