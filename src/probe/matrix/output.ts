/**
 * @file How a sum becomes a result: the fraction bits that a result has, where the others go, whether a step's result
 * is rounded before the next step takes it, and how results are added.
 */

import { directions } from '../../accumulate/round.js';
import { type Choice, decide, type Hypothesis } from '../choice.js';
import { type Finding, hexBits } from '../finding.js';
import { isNaNBits, rounded } from '../precision.js';
import { Stream } from '../stream.js';
import { meeting, termsMeeting } from './alignment.js';
import { everyIntermediate, everyOutput, type Observed } from './fit.js';
import { middleDots, nearMiddleDots } from './middle.js';
import { type Model, type Output, predictDot } from './model.js';
import type { Order } from './order.js';
import { type DotProduct, dotOf, type FloatTypes, factors, type Product, showDot } from './unit.js';

/** Questions about whole dot products, each hypothesis being a model. */
function modelChoice(
  types: FloatTypes,
  about: Pick<Choice<DotProduct>, 'id' | 'question' | 'cases' | 'answer'>,
  models: readonly (readonly [name: string, model: Model])[],
): Choice<DotProduct> {
  return {
    ...about,
    hypotheses: models.map(
      ([name, model]): Hypothesis<DotProduct> => ({
        name,
        predict: (dot) => types.result.toBits(predictDot(types, model, dot)),
      }),
    ),
    inputs: (dot) => showDot(types, dot),
    show: (bits) => hexBits(bits, types.result.width),
    isNaN: (bits) => isNaNBits(types.result, bits),
  };
}

const samples = 96;

/** Sums with bits far below their first, and such that lie in the middle between two results, or next to it. */
export function outputDots(types: FloatTypes, order: Order, fractionBits: number): DotProduct[] {
  return [
    ...middleDots(types, order, fractionBits),
    ...nearMiddleDots(types, order),
    ...longDots(types, order, fractionBits),
  ];
}

/**
 * A few numbers of about 1, whose sums carry, and short numbers down to `fractionBits` below. Where only two terms
 * meet, numbers of all bits.
 */
function longDots(types: FloatTypes, order: Order, fractionBits: number): DotProduct[] {
  const stream = new Stream(80);
  const where = meeting(order);
  const terms = termsMeeting(where);
  const { products, withC } = where;
  const { operand, result } = types;
  const any = (bits: number, low: number, high: number) =>
    stream.sign() * stream.significand(bits) * 2 ** stream.whole(low, high);
  if (terms < 3)
    return Array.from({ length: samples }, () => {
      const used = products
        .slice(0, 2)
        .map((index): Product => [index, any(operand.fractionBits, -1, 1), any(operand.fractionBits, -1, 1)]);
      return dotOf(types, used, withC ? any(result.fractionBits, -1, 2) : 0);
    });
  const depth = Math.min(fractionBits, 27);
  return Array.from({ length: samples }, () => {
    const used = products.slice(0, 8);
    const leading = stream.whole(1, used.length - 1);
    const sign = stream.sign();
    return dotOf(
      types,
      used.map((index, i): Product => {
        // Products up to 3.0625 of the exponent 0, so that sums carry far.
        if (i < leading) {
          const factor = 1 + stream.whole(0, 3) / 4;
          return [index, sign * factor, factor];
        }
        const below = i === leading ? depth : stream.whole(1, depth);
        const bits = stream.whole(1, Math.min(operand.fractionBits, below));
        const [x, y] = factors(stream.sign() * ((stream.word() % 2 ** bits) | 1), -below);
        return [index, x, y];
      }),
    );
  });
}

/**
 * How results are rounded, out of the results of outputDots.
 * @param fitting the outputs that fit, if any; others are shown beside the model's
 */
export function decideOutput(
  types: FloatTypes,
  model: Model,
  fitting: readonly Output[],
  { dots, seen }: Observed,
): Finding {
  // Rivals of about the same length are enough to see why the others do not fit.
  const tried = everyOutput(types).filter(
    ({ bits }) => fitting.length === 0 || fitting.some((one) => Math.abs(one.bits - bits) <= 1),
  );
  const choice = modelChoice(
    types,
    {
      id: 'output',
      question: 'How many fraction bits has a result, and how is it rounded to them?',
      cases: dots,
      answer: () => outputAnswer(fitting),
    },
    tried.map((output) => [outputName(output), { ...model, output, intermediate: output }]),
  );
  return decide(choice, seen).finding;
}

function outputName(output: Output): string {
  return `${output.bits} bits, ${roundingName(output)}`;
}

function roundingName({ direction, through }: Output): string {
  return through === undefined ? direction : `${direction}, by way of an f32 rounded ${through}`;
}

/** Where no sum is long enough to be rounded, every direction fits. */
function outputAnswer(fitting: readonly Output[]): string {
  const lengths = [...new Set(fitting.map(({ bits }) => bits))];
  // By way of an f32 only where nothing straight fits.
  const straight = fitting.filter(({ through }) => through === undefined);
  const told = straight.length > 0 ? straight : fitting;
  const used = [...new Set(told.map(roundingName))];
  const least = Math.min(...lengths);
  const size = lengths.length === 1 ? `${least} bits` : `${least} bits or more`;
  return used.length === directions.length
    ? `${size}, with nothing to round`
    : `${size}, ${used.join(' or ')}`;
}

/**
 * Sums of the first step with bits that the result would lose, from most of which the last step takes the leading part
 * away.
 */
export function intermediateDots(types: FloatTypes, order: Order, fractionBits: number): DotProduct[] {
  const [one = 0, two = 1, third] = order.blocks.flat();
  const last = order.blocks.at(-1)?.[0] ?? 0;
  if (order.sum.kind !== 'fused' || order.blocks.length < 2 || third === undefined) return [];
  const stream = new Stream(81);
  const depth = Math.min(fractionBits, types.result.name === 'f16' ? 24 : 27);
  // So that what is left is a normal number.
  const scale = types.result.name === 'f16' ? 10 : 0;
  return Array.from({ length: 2 * depth }, (_, i) => {
    const sign = stream.sign();
    const [x, y] = factors(stream.sign() * (i % 2 === 0 ? 1 : 3), scale - depth + Math.trunc(i / 2));
    return dotOf(types, [
      [one, sign, 2 ** scale],
      [two, x, y],
      [last, -sign, 2 ** scale],
    ]);
  });
}

/** Whether a step's result is rounded before the next step takes it. */
export function decideIntermediate(types: FloatTypes, model: Model, { dots, seen }: Observed): Finding {
  const choice = modelChoice(
    types,
    {
      id: 'intermediate',
      question: "Is a step's result rounded before the next step takes it?",
      cases: dots,
    },
    everyIntermediate(model.output).map((intermediate) => [
      intermediate.bits === Infinity ? 'kept whole' : `rounded to ${outputName(intermediate)}`,
      { ...model, intermediate },
    ]),
  );
  return decide(choice, seen).finding;
}

/** Results that are added: of every step that stands apart, and c. */
export function additionDots(types: FloatTypes, order: Order): DotProduct[] {
  if (order.sum.kind !== 'added') return [];
  const stream = new Stream(82);
  const { operand, result } = types;
  const places = order.blocks.map(([index = 0]) => index).slice(0, 2);
  const chained =
    order.sum.terms.every((term) => typeof term !== 'object' || term.kind === 'fused') &&
    order.addend === 'last';
  return Array.from({ length: 96 }, () => {
    const used = (chained ? places.slice(0, 1) : places).map(
      (index, i): Product => [
        index,
        stream.sign() * stream.significand(operand.fractionBits) * 2 ** (i * -stream.whole(0, 6)),
        1,
      ],
    );
    const c = stream.sign() * stream.significand(result.fractionBits) * 2 ** stream.whole(-6, 2);
    return dotOf(types, used, rounded(result, c));
  });
}

/** How results are added. */
export function decideAddition(types: FloatTypes, model: Model, { dots, seen }: Observed): Finding {
  const choice = modelChoice(
    types,
    { id: 'addition', question: 'How is the sum of two results rounded?', cases: dots },
    directions.map((addition) => [addition, { ...model, addition }]),
  );
  return decide(choice, seen).finding;
}

/** Seeds of the random dot products that models are fitted to, and of those that they have to predict. */
export const randomSeeds = { fitted: 83, predicted: 84 } as const;

/** Random dot products of every index and c, some of numbers of about one size, some of very different ones. */
export function randomDots({ operand, result }: FloatTypes, k: number, seed: number): DotProduct[] {
  const stream = new Stream(seed);
  return Array.from({ length: 256 }, (_, i) => {
    const spread = i % 2 === 0 ? 1 : result.name === 'f16' ? 3 : 6;
    const any = (bits: number, exponents: number) =>
      stream.sign() * stream.significand(bits) * 2 ** stream.whole(-exponents, exponents);
    const products = Array.from(
      { length: k },
      (_, index): Product => [index, any(operand.fractionBits, spread), any(operand.fractionBits, spread)],
    );
    return dotOf({ operand, result }, products, any(result.fractionBits, 2 * spread));
  });
}

/** The answer of a model that predicts every random dot product. */
export const allPredicted = 'all of them';

/** Whether a model, the first, predicts the results of dot products that it was not made from; and others beside it. */
export function decidePrediction(
  types: FloatTypes,
  models: readonly (readonly [name: string, model: Model])[],
  { dots, seen }: Observed,
): { finding: Finding; predicted: number } {
  const choice = modelChoice(
    types,
    { id: 'prediction', question: 'Do these answers together predict random dot products?', cases: dots },
    models,
  );
  const { finding } = decide(choice, seen);
  const predict = choice.hypotheses[0]?.predict;
  const predicted = dots.filter((dot, i) => predict?.(dot) === seen[i]).length;
  const answer = predicted === dots.length ? allPredicted : `${predicted} of ${dots.length}`;
  return { finding: { ...finding, answer }, predicted };
}
