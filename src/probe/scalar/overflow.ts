/** @file What becomes of results that are too large for their type. */

import { f16Precision, f32Precision, largest, type Precision } from '../precision.js';
import { choice, type Experiment, expression } from './experiment.js';
import type { Operands, Operation } from './operation.js';
import { toF16Name } from './rounding.js';

type Compute = (...values: number[]) => number;

/** Infinity, or the largest number, with the sign of what a double holds of the result. */
function hypotheses(operand: Precision, result: Precision, compute: Compute) {
  const signed = (value: number) => (operands: Operands) =>
    result.toBits(Math.sign(compute(...operands.map(operand.fromBits))) * value);
  return [
    { name: 'infinity', predict: signed(Infinity) },
    { name: 'the largest number', predict: signed(largest(result)) },
  ];
}

/** Operations, and operands too large for them. */
function subjects(precision: Precision): (readonly [Operation, Compute, readonly (readonly number[])[]])[] {
  const most = largest(precision);
  // Half of the distance between the largest numbers: to even, which is infinity.
  const half = 2 ** (precision.maxExponent - precision.fractionBits - 1);
  return [
    [
      'add',
      (x = 0, y = 0) => x + y,
      [
        [most, most],
        [-most, -most],
        [most, half],
      ],
    ],
    [
      'multiply',
      (x = 0, y = 0) => x * y,
      [
        [most, 2],
        [most, -most],
        [-most, 1.5],
      ],
    ],
    [
      'fma',
      (x = 0, y = 0, z = 0) => x * y + z,
      [
        [most, 2, 0],
        [most, most, 1],
        [most, 1, most],
      ],
    ],
  ];
}

/** Whether what is too large for one half of pack2x16float() spoils the other. */
function neighborExperiment(precision: Precision): Experiment {
  const values = [1, 65520, 1e5, -1e9, Infinity, Number.NaN];
  return choice({
    precision,
    operation: 'to-f16-neighbor',
    property: 'spoilt',
    question: `Is ${expression('to-f16-neighbor')} 0, whatever x is?`,
    cases: values.map((value) => [f32Precision.toBits(value)]),
    hypotheses: [{ name: 'always 0', predict: () => 0 }],
    names: values.map((value) => `beside ${value}`),
    operand: f32Precision,
    result: 'integer',
  });
}

/** Every experiment on overflow. */
export function overflowExperiments(precision: Precision): Experiment[] {
  const beyondF16 = [65520, -65520, 1e5, -1e9];
  return [
    ...subjects(precision).map(([operation, compute, values]) =>
      choice({
        precision,
        operation,
        property: 'overflow',
        question: `What does ${expression(operation)} give beyond the largest number?`,
        cases: values.map((operands) => operands.map(precision.toBits)),
        hypotheses: hypotheses(precision, precision, compute),
      }),
    ),
    choice({
      precision,
      operation: 'to-f16',
      property: 'overflow',
      question: `What does ${toF16Name(precision)} give beyond the largest f16?`,
      cases: beyondF16.map((value) => [f32Precision.toBits(value)]),
      hypotheses: hypotheses(f32Precision, f16Precision, (x = 0) => x),
      names: beyondF16.map((value) => `to-f16(${value})`),
      operand: f32Precision,
      result: f16Precision,
    }),
    ...(precision.name === 'f32' ? [neighborExperiment(precision)] : []),
  ];
}
