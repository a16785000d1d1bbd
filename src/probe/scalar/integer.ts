/** @file Floats that become integers: toward zero, and what comes of those that no integer equals. */

import { largest, type Precision } from '../precision.js';
import { choice, type Experiment, observation } from './experiment.js';
import type { Operands } from './operation.js';

/** Every experiment on conversions to integers. */
export function integerExperiments(precision: Precision): Experiment[] {
  const { toBits, fromBits } = precision;
  const toInteger = (round: (value: number) => number) => (operands: Operands) =>
    round(fromBits(operands[0] ?? 0)) >>> 0;
  const nearestEven = (value: number) => {
    const floor = Math.floor(value);
    return value - floor === 0.5 ? floor + (Math.abs(floor) % 2) : Math.round(value);
  };
  const hypotheses = [
    { name: 'toward zero', predict: toInteger(Math.trunc) },
    { name: 'to nearest even', predict: toInteger(nearestEven) },
    { name: 'down', predict: toInteger(Math.floor) },
  ];
  const positive = [0.5, 0.75, 1.5, 2.5, 3.75, 1000.5];
  const beyond: readonly (readonly [string, number])[] =
    precision.name === 'f32'
      ? [
          ['2^31', 2 ** 31],
          ['-3e9', -3e9],
          ['5e9', 5e9],
        ]
      : [['-65504', -largest(precision)]];
  const extremes = [
    ...beyond,
    ['infinity', Infinity],
    ['-infinity', -Infinity],
    ['NaN', Number.NaN],
  ] as const;
  return [
    choice({
      precision,
      operation: 'to-i32',
      property: 'rounding',
      question: `How does i32(${precision.name}) round?`,
      cases: [...positive, ...positive.map((value) => -value)].map((value) => [toBits(value)]),
      hypotheses,
      result: 'integer',
    }),
    choice({
      precision,
      operation: 'to-u32',
      property: 'rounding',
      question: `How does u32(${precision.name}) round?`,
      cases: positive.map((value) => [toBits(value)]),
      hypotheses: hypotheses.slice(0, 2),
      result: 'integer',
    }),
    ...(['to-i32', 'to-u32'] as const).flatMap((operation) =>
      [...extremes, ['-1', -1] as const].flatMap(([name, value]) =>
        operation === 'to-i32' && Math.abs(value) < 2 ** 31
          ? []
          : [
              observation({
                precision,
                operation,
                property: `of-${name}`,
                question: `What is ${operation.slice(3)}(${name})?`,
                operands: [toBits(value)],
                result: 'integer',
              }),
            ],
      ),
    ),
  ];
}
