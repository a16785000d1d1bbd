/** @file Zeros with signs, infinities, and operations that have no result. */

import { anyNaN, type Hypothesis } from '../choice.js';
import { type Precision, rounded } from '../precision.js';
import { choice, type Experiment, expression } from './experiment.js';
import type { Operands, Operation } from './operation.js';

type Compute = (...values: number[]) => number;

function ieee(precision: Precision, compute: Compute): Hypothesis<Operands> {
  return {
    name: 'as IEEE 754',
    predict: (operands) => {
      const value = compute(...operands.map(precision.fromBits));
      return Number.isNaN(value) ? anyNaN : precision.toBits(rounded(precision, value));
    },
  };
}

/** An operation on numbers, in words. */
function applied(operation: Operation, operands: readonly number[]): string {
  return `${operation}(${operands.map((value) => (Object.is(value, -0) ? '-0' : String(value))).join(', ')})`;
}

/** Operations, and operands that give zeros. */
const zeros: readonly (readonly [Operation, Compute, readonly (readonly number[])[]])[] = [
  ['copy', (x = 0) => x, [[0], [-0]]],
  ['negate', (x = 0) => -x, [[0], [-0]]],
  [
    'add',
    (x = 0, y = 0) => x + y,
    [
      [0, -0],
      [-0, 0],
      [-0, -0],
      [1.5, -1.5],
      [-1.5, 1.5],
    ],
  ],
  [
    'subtract',
    (x = 0, y = 0) => x - y,
    [
      [0, 0],
      [-0, 0],
      [-0, -0],
      [1.5, 1.5],
    ],
  ],
  [
    'multiply',
    (x = 0, y = 0) => x * y,
    [
      [-0, 1],
      [0, -1],
      [-0, -0],
      [0, 0],
    ],
  ],
  [
    'fma',
    (x = 0, y = 0, z = 0) => x * y + z,
    [
      [-1, 0, -0],
      [1, 0, -0],
      [-1, 0, 0],
      [1, 1, -1],
      [-1, 1, 1],
    ],
  ],
  [
    'divide',
    (x = 0, y = 0) => x / y,
    [
      [-0, 1],
      [0, -1],
      [1, -Infinity],
    ],
  ],
  ['sqrt', (x = 0) => Math.sqrt(x), [[0], [-0]]],
];

/** Operations, and operands that give infinities, or NaNs of any bits. */
const infinities: readonly (readonly [Operation, Compute, readonly (readonly number[])[]])[] = [
  [
    'add',
    (x = 0, y = 0) => x + y,
    [
      [Infinity, 1],
      [-Infinity, 1],
      [Infinity, Infinity],
      [Infinity, -Infinity],
    ],
  ],
  [
    'multiply',
    (x = 0, y = 0) => x * y,
    [
      [Infinity, 2],
      [Infinity, -2],
      [-Infinity, -Infinity],
      [Infinity, 0],
    ],
  ],
  [
    'fma',
    (x = 0, y = 0, z = 0) => x * y + z,
    [
      [Infinity, 2, 1],
      [1, 1, -Infinity],
      [Infinity, 1, -Infinity],
      [0, Infinity, 1],
    ],
  ],
  [
    'divide',
    (x = 0, y = 0) => x / y,
    [
      [1, 0],
      [-1, 0],
      [1, -0],
      [1, Infinity],
      [0, 0],
      [Infinity, Infinity],
    ],
  ],
  ['sqrt', (x = 0) => Math.sqrt(x), [[Infinity], [-1]]],
  ['log2', (x = 0) => Math.log2(x), [[0], [Infinity], [-1]]],
  ['exp2', (x = 0) => 2 ** x, [[Infinity], [-Infinity]]],
];

function zeroExperiments(precision: Precision): Experiment[] {
  return zeros.map(([operation, compute, values]) =>
    choice({
      precision,
      operation,
      property: 'zero-signs',
      question: `What sign have zeros that ${expression(operation)} gives?`,
      cases: values.map((operands) => operands.map(precision.toBits)),
      hypotheses: [ieee(precision, compute), { name: 'always +', predict: () => 0 }],
      names: values.map((operands) => applied(operation, operands)),
    }),
  );
}

function infinityExperiments(precision: Precision): Experiment[] {
  return infinities.map(([operation, compute, values]) =>
    choice({
      precision,
      operation,
      property: 'infinities',
      question: `What does ${expression(operation)} make of infinities and of what has no result?`,
      cases: values.map((operands) => operands.map(precision.toBits)),
      hypotheses: [ieee(precision, compute)],
      names: values.map((operands) => applied(operation, operands)),
    }),
  );
}

/** Every experiment on zeros and infinities. */
export function specialExperiments(precision: Precision): Experiment[] {
  return [...zeroExperiments(precision), ...infinityExperiments(precision)];
}
