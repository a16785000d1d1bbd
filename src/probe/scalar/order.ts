/** @file What compilers do to longer expressions: reordering, simplifying, wider intermediates. */

import { anyNaN, type Hypothesis, separating } from '../choice.js';
import { oddSum, type Precision, rounded } from '../precision.js';
import type { Stream } from '../stream.js';
import { dotOrder } from './dot.js';
import { choice, type Experiment, expression } from './experiment.js';
import { generate } from './generate.js';
import type { Operands } from './operation.js';

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
