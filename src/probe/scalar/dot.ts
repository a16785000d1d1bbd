/** @file In what order dot() adds up its products, and which of them are rounded. */

import { ExactSum } from '../../arithmetic/exact-sum.js';
import { type Hypothesis, separating } from '../choice.js';
import { oddSum, type Precision, rounded } from '../precision.js';
import type { Stream } from '../stream.js';
import { choice, expression } from './experiment.js';
import { generate } from './generate.js';
import type { Operands } from './operation.js';

type Pairs = readonly (readonly [number, number])[];

/** A way to add up products, and the formula for it. */
interface Way {
  readonly name: string;
  readonly sum: (pairs: Pairs) => number;
  /** The formula is a sum, which stands in brackets within another. */
  readonly added?: true;
}

function bracketed({ name, added }: Way): string {
  return added ? `(${name})` : name;
}

const letters = ['x', 'y', 'z', 'w'];

/**
 * Every way to add up the products of these components, for compilers take orders that nobody would write: two sums are
 * added, and a product alone is rounded. Where `contracted`, a product is rounded only as the first of a sum, to which
 * others are added by fused multiply-adds.
 */
function everyWay(precision: Precision, components: readonly number[], contracted: boolean): Way[] {
  const round = (value: number) => rounded(precision, value);
  const [first = 0, ...others] = components;
  const product = (pairs: Pairs, component: number) => {
    const [x, y] = pairs[component] ?? [0, 0];
    return x * y;
  };
  if (others.length === 0)
    return [{ name: `round(${letters[first]})`, sum: (pairs) => round(product(pairs, first)) }];
  const fused = (contracted ? components : []).flatMap((component) =>
    everyWay(
      precision,
      components.filter((one) => one !== component),
      contracted,
    ).map(
      ({ name, sum }): Way => ({
        name: `fma(${letters[component]}, ${name})`,
        sum: (pairs) => round(oddSum(product(pairs, component), sum(pairs))),
      }),
    ),
  );
  const least = contracted ? 2 : 1;
  const added = subsets(others)
    .filter(({ length }) => length + 1 >= least && others.length - length >= least)
    .flatMap((subset) => {
      const rest = others.filter((one) => !subset.includes(one));
      const right = everyWay(precision, rest, contracted);
      return everyWay(precision, [first, ...subset], contracted).flatMap((left) =>
        right.map(
          (one): Way => ({
            name: `${bracketed(left)} + ${bracketed(one)}`,
            added: true,
            sum: (pairs) => round(oddSum(left.sum(pairs), one.sum(pairs))),
          }),
        ),
      );
    });
  return [...fused, ...added];
}

function subsets(values: readonly number[]): number[][] {
  const [first, ...rest] = values;
  return first === undefined ? [[]] : subsets(rest).flatMap((subset) => [subset, [first, ...subset]]);
}

/** Ways to add up `length` products, the usual ones in words. */
function ways(precision: Precision, length: number): Way[] {
  const round = (value: number) => rounded(precision, value);
  const product = ([x, y]: readonly [number, number]) => round(x * y);
  const chain = ([first = [0, 0], ...rest]: Pairs) =>
    rest.reduce((sum, pair) => round(oddSum(sum, product(pair))), product(first));
  const fusedChain = ([first = [0, 0], ...rest]: Pairs) =>
    rest.reduce((sum, [x, y]) => round(oddSum(x * y, sum)), product(first));
  const backward = (sum: (pairs: Pairs) => number) => (pairs: Pairs) => sum([...pairs].reverse());
  const exactly = (pairs: Pairs) => {
    const sum = new ExactSum();
    for (const [x, y] of pairs) sum.add(x * y);
    return round(sum.value());
  };
  const inF32 = (pairs: Pairs) =>
    round(pairs.reduce((sum, [x, y]) => Math.fround(sum + Math.fround(x * y)), 0));
  return [
    { name: 'first to last, products rounded', sum: chain },
    { name: 'last to first, products rounded', sum: backward(chain) },
    { name: 'first to last, fused multiply-adds', sum: fusedChain },
    { name: 'last to first, fused multiply-adds', sum: backward(fusedChain) },
    { name: 'rounded once', sum: exactly },
    ...(precision.name === 'f16' ? [{ name: 'first to last in f32, then rounded to f16', sum: inF32 }] : []),
    ...[false, true].flatMap((contracted) =>
      everyWay(
        precision,
        Array.from({ length }, (_, component) => component),
        contracted,
      ),
    ),
  ];
}

/** How dot() adds up. */
export function dotOrder(precision: Precision, operation: 'dot2' | 'dot4') {
  const length = operation === 'dot2' ? 2 : 4;
  const split = (operands: Operands): Pairs => {
    const values = operands.map(precision.fromBits);
    return values.slice(0, length).map((x, i) => [x, values[length + i] ?? 0]);
  };
  const all = ways(precision, length).map(
    ({ name, sum }): Hypothesis<Operands> => ({
      name,
      predict: (operands) => precision.toBits(sum(split(operands))),
    }),
  );
  const hypotheses = distinct(all, precision, length);
  const make = randomPairs(precision, length);
  return choice({
    precision,
    operation,
    property: 'order',
    question: `In what order does ${expression(operation)} add up the products ${letters.slice(0, length).join(', ')} of its components, and which are rounded?`,
    cases: separating(hypotheses, generate(make, precision, 7), { some: 128 }),
    hypotheses,
  });
}

/** Factors of 8 and more: no bit of an f16's product is then below the smallest normal f16. */
function randomPairs(precision: Precision, length: number) {
  return (stream: Stream) =>
    Array.from(
      { length: 2 * length },
      () => stream.sign() * stream.significand(precision.fractionBits) * 2 ** stream.whole(3, 5),
    );
}

/** Of ways that give the same, such as a formula and its words, the first. */
function distinct(
  hypotheses: readonly Hypothesis<Operands>[],
  precision: Precision,
  length: number,
): Hypothesis<Operands>[] {
  const trials = [...generate(randomPairs(precision, length), precision, 7)].slice(0, 1024);
  const known = new Set<string>();
  return hypotheses.filter(({ predict }) => {
    const outcome = trials.map(predict).join();
    if (known.has(outcome)) return false;
    known.add(outcome);
    return true;
  });
}
