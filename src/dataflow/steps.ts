/** @file Inside a matrix instruction: every term of every step, what alignment leaves of it, and what falls off. */

import { type Operands, operands } from '../accumulate/operand.js';
import type { Profile } from '../accumulate/profile.js';
import { type CodeRange, exponentOfF32, productExponent, productSignificand } from '../accumulate/step.js';
import type { AccumulationWatch, PromotionEvent } from '../accumulate/watch.js';
import { ExactSum } from '../arithmetic/exact-sum.js';
import type { QuantizedMatrix } from '../quantize/quantized-matrix.js';

/** A term of a sum: value = significand · 2^(exponent - fractionBits), the significand a whole number. */
export interface TermTrace {
  /** The product's place in K; `sum` for the sum so far. */
  readonly k: number | 'sum';
  readonly significand: number;
  readonly exponent: number;
  readonly fractionBits: number;
  readonly value: number;
  /** What alignment leaves of it. */
  readonly kept: number;
  /** value - kept, exactly. */
  readonly lost: number;
}

/** One step of the instruction: count products from element `start` of K on, added to the sum so far. */
export interface StepTrace {
  readonly start: number;
  readonly count: number;
  readonly before: number;
  /** The sum so far first, where it is one of the terms and not 0; then the products. */
  readonly terms: readonly TermTrace[];
  /** The largest exponent of a nonzero term, and what terms are cut off to multiples of; absent where nothing is. */
  readonly alignment: { readonly largest: number; readonly unit: number } | undefined;
  /** What is left of all terms together, exactly. */
  readonly kept: number;
  /** What the instruction makes of it. Where the sum so far is added afterwards, before that. */
  readonly rounded: number;
  readonly after: number;
  /** before + all products, exactly (rounded to odd). */
  readonly exact: number;
  /** Σ lost. */
  readonly lostInAlignment: number;
  /** exact - after - lostInAlignment: what rounding the sum took away, or added where it rounds to nearest. */
  readonly lostInRounding: number;
}

export interface IntervalTrace extends PromotionEvent {
  readonly steps: readonly StepTrace[];
}

/** Sees one dot product and keeps what it sees: row `row` of `a` with row `col` of `b`. */
export class StepRecorder implements AccumulationWatch {
  readonly intervals: IntervalTrace[] = [];
  readonly #profile: Profile;
  readonly #rows: readonly [Row, Row];
  #steps: StepTrace[] = [];
  #next = 0;
  #open: OpenStep = openStep(0, 0, 0);

  constructor(profile: Profile, a: QuantizedMatrix, row: number, b: QuantizedMatrix, col: number) {
    this.#profile = profile;
    this.#rows = [rowOf(a, row), rowOf(b, col)];
  }

  begins(start: number, count: number, sum: number): void {
    this.#open = openStep(this.#next + start, count, sum);
  }

  aligned(largest: number, unit: number): void {
    this.#open.alignment = { largest, unit };
  }

  keptSum(units: number): void {
    this.#open.keptSum = units;
  }

  keptProduct(index: number, units: number): void {
    this.#open.keptProducts[index] = units;
  }

  summed(units: number): void {
    this.#open.units = units;
  }

  rounded(sum: number): void {
    this.#open.rounded = sum;
  }

  ends(sum: number): void {
    this.#steps.push(closeStep(this.#profile, this.#rows, this.#open, sum));
  }

  promoted(event: PromotionEvent): void {
    this.intervals.push({ ...event, steps: this.#steps });
    this.#steps = [];
    this.#next = event.start + event.count;
  }
}

/** What has been seen of a step that goes on. */
interface OpenStep {
  readonly start: number;
  readonly count: number;
  readonly before: number;
  alignment: StepTrace['alignment'];
  keptSum: number;
  readonly keptProducts: number[];
  units: number | undefined;
  rounded: number | undefined;
}

function openStep(start: number, count: number, before: number): OpenStep {
  return {
    start,
    count,
    before,
    alignment: undefined,
    keptSum: 0,
    keptProducts: [],
    units: undefined,
    rounded: undefined,
  };
}

function closeStep(profile: Profile, rows: readonly [Row, Row], open: OpenStep, after: number): StepTrace {
  const { start, count, before, alignment } = open;
  const unit = alignment?.unit;
  const left = (value: number, units: number | undefined) =>
    unit === undefined ? value : (units ?? 0) * unit;
  const terms: TermTrace[] = [];
  if (before !== 0 && profile.chaining === 'fused') terms.push(sumTerm(before, left(before, open.keptSum)));
  for (let i = 0; i < count; i++)
    terms.push(productTerm(rows, start + i, (value) => left(value, open.keptProducts[i])));

  const exact = total([before, ...terms.filter(({ k }) => k !== 'sum').map(({ value }) => value)]);
  const lostInAlignment = total(terms.map(({ lost }) => lost));
  const kept = total(terms.map(({ kept }) => kept));
  return {
    start,
    count,
    before,
    terms,
    alignment,
    kept: unit === undefined || open.units === undefined ? kept : open.units * unit,
    rounded: open.rounded ?? after,
    after,
    exact,
    lostInAlignment,
    lostInRounding: total([exact, -after, -lostInAlignment]),
  };
}

/** One row of codes, as the instruction takes them. */
interface Row {
  readonly operands: Operands;
  readonly codes: ArrayLike<number>;
  readonly first: number;
}

function rowOf({ format, codes, cols }: QuantizedMatrix, row: number): Row {
  return { operands: operands(format), codes, first: row * cols };
}

function productTerm(
  [left, right]: readonly [Row, Row],
  k: number,
  keptOf: (value: number) => number,
): TermTrace {
  const at = ({ operands, codes, first }: Row): CodeRange => ({ operands, codes, start: first + k });
  const [a, b] = [at(left), at(right)];
  const significand = productSignificand(a, b, 0);
  const exponent = productExponent(a, b, 0);
  const fractionBits = left.operands.mantissaBits + right.operands.mantissaBits;
  const value = significand * 2 ** (exponent - fractionBits);
  const kept = keptOf(value);
  return { k, significand, exponent, fractionBits, value, kept, lost: value - kept };
}

/** Fraction bits of an f32. */
const f32FractionBits = 23;

function sumTerm(value: number, kept: number): TermTrace {
  const exponent = exponentOfF32(value);
  return {
    k: 'sum',
    significand: value * 2 ** (f32FractionBits - exponent),
    exponent,
    fractionBits: f32FractionBits,
    value,
    kept,
    lost: value - kept,
  };
}

/** An exact sum, rounded to odd. */
function total(terms: readonly number[]): number {
  const sum = new ExactSum();
  for (const term of terms) sum.add(term);
  return sum.value();
}
