/** @file Whether subnormals count: those that go in, and those that come out. */

import type { Hypothesis } from '../choice.js';
import { f16Precision, f32Precision, type Precision, rounded, smallest } from '../precision.js';
import { choice, type Experiment, expression } from './experiment.js';
import type { Operands, Operation } from './operation.js';
import { fromF16Name, toF16Name } from './rounding.js';

type Compute = (...values: number[]) => number;

/** The result with every operand as it is, and with subnormal ones taken for zeros of their sign. */
function inputHypotheses(operand: Precision, result: Precision, compute: Compute): Hypothesis<Operands>[] {
  const flush = (value: number) => (Math.abs(value) < 2 ** operand.minExponent ? value * 0 : value);
  const from = (change: Compute) => (operands: Operands) =>
    result.toBits(rounded(result, compute(...operands.map((bits) => change(operand.fromBits(bits))))));
  return [
    { name: 'kept', predict: from((value = 0) => value) },
    { name: 'taken for 0', predict: from((value = 0) => flush(value)) },
  ];
}

/** The result as it is, and a zero in its place. */
function outputHypotheses(operand: Precision, result: Precision, compute: Compute): Hypothesis<Operands>[] {
  const on = (change: (value: number) => number) => (operands: Operands) =>
    result.toBits(change(rounded(result, compute(...operands.map(operand.fromBits)))));
  return [
    { name: 'kept', predict: on((value) => value) },
    { name: '0 of their sign', predict: on((value) => value * 0) },
    { name: '+0', predict: on(() => 0) },
  ];
}

interface Subject {
  readonly operation: Operation;
  readonly compute: Compute;
  /** Operands of which one or more are subnormal, whose result is normal or the operand itself. */
  readonly inputs?: readonly (readonly number[])[];
  /** Normal operands whose result is subnormal. */
  readonly outputs?: readonly (readonly number[])[];
}

/** Operations with operands around the smallest normal number. */
function subjects(precision: Precision): Subject[] {
  const { minExponent, fractionBits } = precision;
  const normal = 2 ** minExponent;
  const last = smallest(precision);
  const tiny = [last, -last, 3 * last, normal - last, -(normal - last)];
  const up = 2 ** (fractionBits + 2);
  return [
    { operation: 'copy', compute: (x = 0) => x, inputs: tiny.map((x) => [x]) },
    {
      operation: 'add',
      compute: (x = 0, y = 0) => x + y,
      inputs: tiny.flatMap((x) => [
        [x, 2 * normal],
        [-1.5 * normal, x],
      ]),
      outputs: [
        [1.5 * normal, -normal],
        [-1.5 * normal, normal],
        [normal + last, -normal],
        [-normal - last, normal],
      ],
    },
    {
      operation: 'multiply',
      compute: (x = 0, y = 0) => x * y,
      inputs: tiny.flatMap((x) => [
        [x, up],
        [-up, x],
      ]),
      outputs: [
        [normal, 0.5],
        [-normal, 0.5],
        // A tie: to even.
        [normal + last, 0.5],
        [normal + 3 * last, -0.5],
        [normal, 2 ** -fractionBits],
      ],
    },
    {
      operation: 'fma',
      compute: (x = 0, y = 0, z = 0) => x * y + z,
      inputs: tiny.flatMap((x) => [
        [x, up, 0],
        [1, 2 * normal, x],
      ]),
      outputs: [
        [normal, 0.5, 0],
        [1.5, normal, -normal],
        [-1.5, normal, normal],
      ],
    },
    {
      operation: 'divide',
      compute: (x = 0, y = 1) => x / y,
      // Powers of two, which a reciprocal and a product get right too.
      inputs: tiny.map((x) => [x, 1 / up]),
      outputs: [
        [normal, 2],
        [-normal, 2],
        [1.5 * normal, 4],
      ],
    },
    {
      operation: 'sqrt',
      compute: (x = 0) => Math.sqrt(x),
      inputs: [[2 ** (minExponent - (minExponent % 2 === 0 ? 2 : 1))]],
    },
    { operation: 'maximum', compute: (x = 0, y = 0) => Math.max(x, y), inputs: tiny.map((x) => [x, -1]) },
  ];
}

/** Every experiment on subnormals of the precision itself, and on those that conversions to and from f16 meet. */
export function subnormalExperiments(precision: Precision): Experiment[] {
  const within = (values: readonly (readonly number[])[], operand: Precision) =>
    values.map((operands) => operands.map(operand.toBits));
  const own = subjects(precision).flatMap(({ operation, compute, inputs, outputs }) => [
    ...(inputs
      ? [
          choice({
            precision,
            operation,
            property: 'subnormal-inputs',
            question: `What become of subnormals that go into ${expression(operation)}?`,
            cases: within(inputs, precision),
            hypotheses: inputHypotheses(precision, precision, compute),
          }),
        ]
      : []),
    ...(outputs
      ? [
          choice({
            precision,
            operation,
            property: 'subnormal-results',
            question: `What become of results of ${expression(operation)} that are subnormal?`,
            cases: within(outputs, precision),
            hypotheses: outputHypotheses(precision, precision, compute),
          }),
        ]
      : []),
  ]);
  const last = smallest(f16Precision);
  const identity = (x = 0) => x;
  return [
    ...own,
    choice({
      precision,
      operation: 'to-f16',
      property: 'subnormal-results',
      question: `What become of f16 subnormals that ${toF16Name(precision)} gives?`,
      cases: within([[last], [-last], [1.5 * last], [2.5 * last], [-1000.25 * last]], f32Precision),
      hypotheses: outputHypotheses(f32Precision, f16Precision, identity),
      operand: f32Precision,
      result: f16Precision,
    }),
    choice({
      precision,
      operation: 'from-f16',
      property: 'subnormal-inputs',
      question: `What become of f16 subnormals that go into ${fromF16Name(precision)}?`,
      cases: within([[last], [-last], [3 * last], [1023 * last], [-1023 * last]], f16Precision),
      hypotheses: inputHypotheses(f16Precision, f32Precision, identity),
      operand: f16Precision,
      result: f32Precision,
    }),
  ];
}
