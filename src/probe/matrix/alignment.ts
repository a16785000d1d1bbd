/**
 * @file How a step aligns its terms: the fraction bits that are kept below the largest exponent, and what becomes of
 * the rest.
 *
 * Where three terms meet, two of them are 1 and -1 and cancel, so that what is left of the third shows bit by bit.
 * Where only two meet, they are 1 and -(1 - 2^-f), which leave 2^-f if all of the second is kept.
 */

import { directions, roundWhole } from '../../accumulate/round.js';
import { type Choice, decide, type Hypothesis } from '../choice.js';
import { type Finding, hexBits } from '../finding.js';
import { isNaNBits } from '../precision.js';
import type { Alignment, Sum } from './model.js';
import type { Order } from './order.js';
import { type DotProduct, dotOf, type FloatTypes, factors, type Product, showDot } from './unit.js';

/** One experiment: terms of one step, in units of 2^scale, and the dot product that puts them there. */
interface Case {
  readonly dot: DotProduct;
  readonly terms: readonly number[];
  readonly scale: number;
}

/** Terms that meet in one step: places of products, the last step's where c is not needed. */
export interface Meeting {
  readonly products: readonly number[];
  readonly withC: boolean;
}

/** Where the most terms meet. */
export function meeting({ blocks, sum }: Order): Meeting {
  const first = blocks[0] ?? [];
  const withC = first.length < 3 && meetsC(sum);
  return { products: withC ? first : (blocks.at(-1) ?? []), withC };
}

/** Whether c is a term of a step, among products. */
function meetsC({ kind, terms }: Sum): boolean {
  if (kind === 'fused' && terms.includes('c')) return true;
  return terms.some((term) => typeof term === 'object' && meetsC(term));
}

/** How many terms can meet there. */
export function termsMeeting({ products, withC }: Meeting): number {
  return products.length + (withC ? 1 : 0);
}

/** The most fraction bits that three terms can tell, or two. */
export function reach({ operand, result }: FloatTypes, terms: number): number {
  // Two terms: as long as 1 - 2^-f is a product of two operands.
  if (terms < 3) return 2 * operand.fractionBits;
  // Three: as long as the third is a normal number, whatever the larger ones are.
  return result.name === 'f16' ? 28 : 40;
}

function threeTermCases(types: FloatTypes, { products, withC }: Meeting): Case[] {
  const scale = 14;
  const most = reach(types, 3);
  const [first = 0, second = 1, third = 2] = products;
  return Array.from({ length: most + 1 }, (_, f) => f).flatMap((f) =>
    [1, -1, 1.5, -1.5].map((significand): Case => {
      const small = significand * 2 ** -f;
      const [x, y] = factors(significand, scale - f);
      const large = factors(1, scale);
      const minus = factors(-1, scale);
      const dot = withC
        ? dotOf(
            types,
            [
              [first, ...minus],
              [second, x, y],
            ],
            2 ** scale,
          )
        : dotOf(types, [
            [first, ...large],
            [second, ...minus],
            [third, x, y],
          ]);
      return { dot, terms: [1, -1, small], scale };
    }),
  );
}

function twoTermCases(types: FloatTypes, { products, withC }: Meeting): Case[] {
  const [first = 0, second = 1] = products;
  const { fractionBits } = types.operand;
  // So that what is left is a normal number.
  const scale = types.result.name === 'f16' ? 6 : 0;
  const nearOne = Array.from({ length: fractionBits }, (_, i) => i + 1).flatMap((i) => [
    [1 - 2 ** -i, 1],
    [1 - 2 ** -i, 1 + 2 ** -i],
  ]);
  return nearOne.flatMap(([x = 0, y = 0]) =>
    [1, -1].map((sign): Case => {
      const one = sign * 2 ** scale;
      const products: Product[] = withC
        ? [[first, -one * x, y]]
        : [
            [first, one, 1],
            [second, -one * x, y],
          ];
      return { dot: dotOf(types, products, withC ? one : 0), terms: [sign, -sign * x * y], scale };
    }),
  );
}

/** The dot products that tell the alignment; none where a step has one term alone. */
export function alignmentCases(types: FloatTypes, order: Order): Case[] {
  const where = meeting(order);
  const terms = termsMeeting(where);
  if (terms < 2) return [];
  return terms < 3 ? twoTermCases(types, where) : threeTermCases(types, where);
}

/** The most fraction bits of an alignment that is tried. */
const mostBits = 48;

/**
 * Every alignment that is tried: no loss first, then those that cut, which is what known units do, and which rounding
 * to one bit less resembles.
 */
export function everyAlignment(): Alignment[] {
  const lengths = [Infinity, ...Array.from({ length: mostBits }, (_, i) => i + 1)];
  const cut = lengths.map(
    (fractionBits): Alignment => ({
      fractionBits,
      direction: 'toward-zero',
      normalized: false,
    }),
  );
  const others = directions.filter((direction) => direction !== 'toward-zero');
  const rounded = cut
    .slice(1)
    .flatMap((one) => others.map((direction): Alignment => ({ ...one, direction })));
  return [...cut, ...rounded];
}

function alignmentName({ fractionBits, direction }: Alignment): string {
  return fractionBits === Infinity ? 'no loss' : `${fractionBits} bits, ${direction}`;
}

export interface AlignmentDecision {
  readonly finding: Finding;
  /** Alignments that predict everything, without regard to `normalized`. */
  readonly fitting: readonly Alignment[];
}

/** The alignment, out of the results of alignmentCases. */
export function decideAlignment(
  types: FloatTypes,
  cases: readonly Case[],
  seen: readonly number[],
): AlignmentDecision {
  const candidates = everyAlignment();
  const hypothesis = (alignment: Alignment): Hypothesis<Case> => ({
    name: alignmentName(alignment),
    predict: ({ terms, scale }) =>
      types.result.toBits(alignedSum(terms, alignment.fractionBits, alignment.direction) * 2 ** scale),
  });
  const choice: Choice<Case> = {
    id: 'alignment',
    question:
      'How many fraction bits of each term are kept below the largest, and what becomes of the others?',
    cases,
    hypotheses: candidates.map(hypothesis),
    inputs: ({ dot }) => showDot(types, dot),
    show: (bits) => hexBits(bits, types.result.width),
    isNaN: (bits) => isNaNBits(types.result, bits),
    answer: (names) => alignmentAnswer(candidates.filter((one) => names.includes(alignmentName(one)))),
  };
  const { finding, fitting } = decide(choice, seen);
  const names = new Set(fitting.map(({ name }) => name));
  return {
    finding,
    fitting: candidates.filter((one) => names.has(alignmentName(one))),
  };
}

/** The sum of terms whose largest is 1. */
function alignedSum(
  terms: readonly number[],
  fractionBits: number,
  direction: Alignment['direction'],
): number {
  if (fractionBits === Infinity) return terms.reduce((sum, term) => sum + term, 0);
  const unit = 2 ** -fractionBits;
  return terms.reduce((sum, term) => sum + roundWhole(term / unit, direction) * unit, 0);
}

/** Where no loss fits, so do all that are long enough: the shortest of them is what is known. */
export function alignmentAnswer(fitting: readonly Alignment[]): string {
  const lengths = fitting.map(({ fractionBits }) => fractionBits);
  if (lengths.includes(Infinity)) return `${Math.min(...lengths)} bits or more`;
  return fitting.map(({ fractionBits, direction }) => `${fractionBits} bits, ${direction}`).join(' or ');
}

/** Whether a product's exponent is its own or the sum of its factors': terms of 2.25, which is 1.5 * 1.5. */
export function exponentCases(types: FloatTypes, order: Order, { fractionBits }: Alignment): Case[] {
  const { products, withC } = meeting(order);
  const [first = 0, second = 1, third = 2] = products;
  if (products.length < 3 || withC || fractionBits === Infinity) return [];
  const scale = 13;
  return [1, 1.5].flatMap((significand) =>
    [0, 1].flatMap((less): Case[] => {
      const exponent = scale - fractionBits + less;
      if (exponent < types.result.minExponent) return [];
      const [x, y] = factors(1.5, scale);
      const small = factors(significand, exponent);
      const dot = dotOf(types, [
        [first, x, 1.5 * y],
        [second, -x, 1.5 * y],
        [third, ...small],
      ]);
      return [{ dot, terms: [2.25, -2.25, significand * 2 ** (less - fractionBits)], scale }];
    }),
  );
}

/** What the exponent of a product is. */
export function decideExponent(
  types: FloatTypes,
  { fractionBits, direction }: Alignment,
  cases: readonly Case[],
  seen: readonly number[],
): { finding: Finding; normalized: boolean } {
  const of = (name: string, exponent: number): Hypothesis<Case> => ({
    name,
    predict: ({ terms, scale }) =>
      types.result.toBits(alignedSum(terms, fractionBits - exponent, direction) * 2 ** scale),
  });
  const normalized = 'its own';
  const choice: Choice<Case> = {
    id: 'exponent',
    question: "Is a product aligned by the sum of its factors' exponents, or by its own?",
    cases,
    hypotheses: [of("the sum of its factors'", 0), of(normalized, 1)],
    inputs: ({ dot }) => showDot(types, dot),
    show: (bits) => hexBits(bits, types.result.width),
    isNaN: (bits) => isNaNBits(types.result, bits),
    answer: (names) => names.join(' or '),
  };
  const { finding } = decide(choice, seen);
  return { finding, normalized: finding.answer === normalized };
}
