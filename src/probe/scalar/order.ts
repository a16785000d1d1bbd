/** @file What compilers do to longer expressions: reordering, simplifying, wider intermediates, the order of dot(). */

import { ExactSum } from '../../arithmetic/exact-sum.js';
import { anyNaN, type Hypothesis, separating } from '../choice.js';
import { oddSum, type Precision, rounded } from '../precision.js';
import { Stream } from '../stream.js';
import { choice, type Experiment, expression } from './experiment.js';
import type { Operands } from './operation.js';

const candidates = 4096;

function* generate(
  make: (stream: Stream) => number[],
  precision: Precision,
  seed: number,
): Generator<Operands> {
  const stream = new Stream(seed);
  for (let i = 0; i < candidates; i++) yield make(stream).map(precision.toBits);
}

function on(precision: Precision, compute: (...values: number[]) => number): (operands: Operands) => number {
  return (operands) => precision.toBits(compute(...operands.map(precision.fromBits)));
}

/** Whether x + y + z is two rounded sums from left to right. */
export function sumOrder(precision: Precision) {
  const add = (x: number, y: number) => rounded(precision, oddSum(x, y));
  const ways: Hypothesis<Operands>[] = [
    { name: 'left to right', predict: on(precision, (x = 0, y = 0, z = 0) => add(add(x, y), z)) },
    { name: 'right to left', predict: on(precision, (x = 0, y = 0, z = 0) => add(x, add(y, z))) },
    { name: 'the outer two first', predict: on(precision, (x = 0, y = 0, z = 0) => add(add(x, z), y)) },
    {
      name: 'left to right in wider precision',
      predict: on(precision, (x = 0, y = 0, z = 0) =>
        rounded(precision, wider(precision, wider(precision, x + y) + z)),
      ),
    },
  ];
  const make = (stream: Stream) =>
    [0, 1, 2].map(
      () => stream.sign() * stream.significand(precision.fractionBits) * 2 ** stream.whole(-2, 2),
    );
  return choice({
    precision,
    operation: 'sum3',
    property: 'order',
    question: `In what order is ${expression('sum3')} added up, and is the first sum rounded?`,
    cases: separating(ways, generate(make, precision, 5), { some: 128 }),
    hypotheses: ways,
  });
}

/** Rounded to the next wider precision: f32 for f16, f64 for f32. */
function wider(precision: Precision, value: number): number {
  return precision.name === 'f16' ? Math.fround(value) : value;
}

/** Whether (x + y) - y is simplified to x, as compensated sums cannot bear. */
export function addBack(precision: Precision) {
  const round = (value: number) => rounded(precision, value);
  const hypotheses: Hypothesis<Operands>[] = [
    {
      name: 'computed as written',
      predict: on(precision, (x = 0, y = 0) => round(oddSum(round(oddSum(x, y)), -y))),
    },
    { name: 'simplified to x', predict: ([x = 0]) => x },
  ];
  const make = (stream: Stream) => [
    stream.sign() * stream.significand(precision.fractionBits),
    stream.sign() * stream.significand(precision.fractionBits) * 2 ** stream.whole(1, 6),
  ];
  return choice({
    precision,
    operation: 'add-back',
    property: 'simplified',
    question: `Is ${expression('add-back')} computed as written?`,
    cases: separating(hypotheses, generate(make, precision, 6), { some: 64 }),
    hypotheses,
  });
}

/** Whether x - x and x * 0 are taken for 0, as holds for finite numbers alone. */
export function assumedFinite(precision: Precision, operation: 'minus-itself' | 'times-zero') {
  const { toBits } = precision;
  const values = [1.5, -1.5, Infinity, -Infinity, 2 ** precision.maxExponent];
  return choice({
    precision,
    operation,
    property: 'simplified',
    question: `Is ${expression(operation)} taken for 0, even where x is infinite?`,
    cases: values.map((value) => [toBits(value)]),
    hypotheses: [
      {
        name: 'computed as written',
        predict: orNaN(precision, (x) => (operation === 'times-zero' ? x * 0 : x - x)),
      },
      { name: 'taken for 0', predict: () => 0 },
    ],
  });
}

function orNaN(precision: Precision, compute: (x: number) => number) {
  return ([bits = 0]: Operands) => {
    const value = compute(precision.fromBits(bits));
    return Number.isNaN(value) ? anyNaN : precision.toBits(value);
  };
}

type Pairs = readonly (readonly [number, number])[];

/** Ways to add up products: how each sum is taken, and in what order. */
function dotHypotheses(precision: Precision, split: (operands: Operands) => Pairs): Hypothesis<Operands>[] {
  const round = (value: number) => rounded(precision, value);
  const fused = (x: number, y: number, sum: number) => round(oddSum(x * y, sum));
  const add = (x: number, y: number) => round(oddSum(x, y));
  const product = ([x, y]: readonly [number, number]) => round(x * y);
  const chain = (pairs: Pairs) =>
    pairs.slice(1).reduce((sum, pair) => add(sum, product(pair)), product(pairs[0] ?? [0, 0]));
  const fusedChain = (pairs: Pairs) =>
    pairs.slice(1).reduce((sum, [x, y]) => fused(x, y, sum), product(pairs[0] ?? [0, 0]));
  const reversed = (pairs: Pairs) => [...pairs].reverse();
  const halves = (pairs: Pairs): [Pairs, Pairs] => [
    pairs.slice(0, pairs.length / 2),
    pairs.slice(pairs.length / 2),
  ];
  const evenOdd = (pairs: Pairs): [Pairs, Pairs] => [
    pairs.filter((_, i) => i % 2 === 0),
    pairs.filter((_, i) => i % 2 === 1),
  ];
  const inParts =
    (parts: (pairs: Pairs) => [Pairs, Pairs], sum: (pairs: Pairs) => number) => (pairs: Pairs) => {
      const [one, other] = parts(pairs);
      return add(sum(one), sum(other));
    };
  const exactly = (pairs: Pairs) => {
    const sum = new ExactSum();
    for (const [x, y] of pairs) sum.add(x * y);
    return round(sum.value());
  };
  const inF32 = (pairs: Pairs) =>
    round(pairs.reduce((sum, [x, y]) => Math.fround(sum + Math.fround(x * y)), 0));
  const ways: readonly (readonly [string, (pairs: Pairs) => number])[] = [
    ['first to last, products rounded', chain],
    ['last to first, products rounded', (pairs) => chain(reversed(pairs))],
    ['first to last, fused multiply-adds', fusedChain],
    ['last to first, fused multiply-adds', (pairs) => fusedChain(reversed(pairs))],
    ['halves apart, products rounded', inParts(halves, chain)],
    ['halves apart, fused multiply-adds', inParts(halves, fusedChain)],
    [
      'halves apart and backward, fused multiply-adds',
      inParts(halves, (pairs) => fusedChain(reversed(pairs))),
    ],
    ['even and odd apart, products rounded', inParts(evenOdd, chain)],
    ['even and odd apart, fused multiply-adds', inParts(evenOdd, fusedChain)],
    ['rounded once', exactly],
    ...(precision.name === 'f16' ? [['first to last in f32, then rounded to f16', inF32] as const] : []),
  ];
  return ways.map(([name, sum]) => ({ name, predict: (operands) => precision.toBits(sum(split(operands))) }));
}

/** How dot() adds up. */
export function dotOrder(precision: Precision, operation: 'dot2' | 'dot4') {
  const length = operation === 'dot2' ? 2 : 4;
  const split = (operands: Operands): Pairs => {
    const values = operands.map(precision.fromBits);
    return values.slice(0, length).map((x, i) => [x, values[length + i] ?? 0]);
  };
  const hypotheses = distinct(dotHypotheses(precision, split), precision, length);
  const make = randomPairs(precision, length);
  return choice({
    precision,
    operation,
    property: 'order',
    question: `In what order does ${expression(operation)} add up, and are its products rounded?`,
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

/** Two products leave fewer ways than four: of ways that give the same, the first. */
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

/** Every experiment on longer expressions. */
export function orderExperiments(precision: Precision): Experiment[] {
  return [
    sumOrder(precision),
    addBack(precision),
    assumedFinite(precision, 'minus-itself'),
    assumedFinite(precision, 'times-zero'),
    dotOrder(precision, 'dot2'),
    dotOrder(precision, 'dot4'),
  ];
}
