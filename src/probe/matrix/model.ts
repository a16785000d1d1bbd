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

interface Values {
  readonly products: ReadonlyMap<number, readonly [x: number, y: number]>;
  readonly c: number;
}

const decoded = new WeakMap<DotProduct, Values>();

/** The result of a dot product by a model, for finite operands and results. */
export function predictDot(types: FloatTypes, model: Model, dot: DotProduct): number {
  const { result } = types;
  const values = valuesOf(types, dot);
  const finish = (sum: number, { bits, direction }: Output) => roundToBits(sum, bits, direction, result);
  const evaluate = (sum: Sum, last: boolean): number => {
    const term = (one: Term): AlignedTerm => {
      if (one === 'c') return { value: values.c, exponent: exponentOf(result, values.c) };
      if (typeof one === 'number') return productTerm(types, model.alignment, values.products.get(one));
      // What is added, and not taken into a step, has been rounded as a result.
      const value = evaluate(one, sum.kind === 'added');
      return { value, exponent: exponentOf(result, value) };
    };
    const terms = sum.terms.map(term).filter(({ value }) => value !== 0);
    if (sum.kind === 'added')
      return finish(exactSum(terms), { bits: result.fractionBits, direction: model.addition });
    const total = fusedSum(terms, model.alignment);
    if (last) return finish(total, model.output);
    if (model.intermediate.bits === Infinity) return total;
    return roundToBits(total, model.intermediate.bits, model.intermediate.direction);
  };
  return evaluate(model.sum, true);
}

function valuesOf({ operand, result }: FloatTypes, dot: DotProduct): Values {
  let values = decoded.get(dot);
  if (!values) {
    const products = Object.keys(dot.a).map(Number);
    values = {
      products: new Map(
        products.map((index) => [
          index,
          [operand.fromBits(dot.a[index] ?? 0), operand.fromBits(dot.b[index] ?? 0)],
        ]),
      ),
      c: result.fromBits(dot.c),
    };
    decoded.set(dot, values);
  }
  return values;
}

function productTerm(
  { operand }: FloatTypes,
  { normalized }: Alignment,
  [x, y]: readonly [number, number] = [0, 0],
): AlignedTerm {
  const value = x * y;
  const exponent = normalized ? floorLog2(Math.abs(value)) : exponentOf(operand, x) + exponentOf(operand, y);
  return { value, exponent };
}

/** A number's exponent; a subnormal has that of the smallest normal. */
function exponentOf({ minExponent }: Precision, value: number): number {
  return Math.max(floorLog2(Math.abs(value)), minExponent);
}

/** Terms aligned, cut and added: whole units below 2^53 in a double, whatever the order. */
export function fusedSum(terms: readonly AlignedTerm[], { fractionBits, direction }: Alignment): number {
  if (fractionBits === Infinity) return exactSum(terms);
  const largest = terms.reduce((most, { exponent }) => Math.max(most, exponent), -Infinity);
  if (largest === -Infinity) return 0;
  const unit = 2 ** (largest - fractionBits);
  return terms.reduce((sum, { value }) => sum + roundWhole(value / unit, direction), 0) * unit;
}

/** The exact sum, rounded to odd where it is no double. */
function exactSum(terms: readonly AlignedTerm[]): number {
  const sum = new ExactSum();
  for (const { value } of terms) sum.add(value);
  return sum.value();
}
