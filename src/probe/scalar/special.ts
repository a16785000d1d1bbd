/** @file Zeros with signs, infinities, overflow, and the bits of NaNs. */

import { anyNaN, type Hypothesis } from '../choice.js';
import { f16Precision, f32Precision, largest, type Precision, rounded } from '../precision.js';
import { choice, type Experiment, expression, observation } from './experiment.js';
import type { Operands, Operation } from './operation.js';
import { toF16Name } from './rounding.js';

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

/** What becomes of results that are too large. */
function overflowExperiments(precision: Precision): Experiment[] {
  const most = largest(precision);
  const half = 2 ** (precision.maxExponent - precision.fractionBits - 1);
  const subjects: readonly (readonly [Operation, readonly (readonly number[])[]])[] = [
    [
      'add',
      [
        [most, most],
        [-most, -most],
        [most, half],
      ],
    ],
    [
      'multiply',
      [
        [most, 2],
        [most, -most],
        [-most, 1.5],
      ],
    ],
    [
      'fma',
      [
        [most, 2, 0],
        [most, most, 1],
        [most, 1, most],
      ],
    ],
  ];
  const signed = (value: number) => (operands: Operands) =>
    precision.toBits(
      (precision.fromBits(operands[0] ?? 0) < 0 !== precision.fromBits(operands[1] ?? 0) < 0 ? -1 : 1) *
        value,
    );
  const own = subjects.map(([operation, values]) => {
    const sum = operation === 'add';
    const sign = (value: number) => (operands: Operands) =>
      precision.toBits(Math.sign(precision.fromBits(operands[0] ?? 0)) * value);
    return choice({
      precision,
      operation,
      property: 'overflow',
      question: `What does ${expression(operation)} give beyond the largest number?`,
      cases: values.map((operands) => operands.map(precision.toBits)),
      hypotheses: [
        { name: 'infinity', predict: (sum ? sign : signed)(Infinity) },
        { name: 'the largest number', predict: (sum ? sign : signed)(most) },
      ],
    });
  });
  const toF16 = (value: number) => (operands: Operands) =>
    f16Precision.toBits(Math.sign(f32Precision.fromBits(operands[0] ?? 0)) * value);
  return [
    ...own,
    choice({
      precision,
      operation: 'to-f16',
      property: 'overflow',
      question: `What does ${toF16Name(precision)} give beyond the largest f16?`,
      cases: [65520, -65520, 1e5, -1e9].map((value) => [f32Precision.toBits(value)]),
      hypotheses: [
        { name: 'infinity', predict: toF16(Infinity) },
        { name: 'the largest number', predict: toF16(65504) },
      ],
      names: ['65520', '-65520', '1e5', '-1e9'].map((value) => `to-f16(${value})`),
      operand: f32Precision,
      result: f16Precision,
    }),
  ];
}

/** What comes out as NaN, by its bits: of operations without a result, and of NaNs that go in. */
function nanExperiments(precision: Precision): Experiment[] {
  const { toBits, width, fractionBits } = precision;
  const infinity = toBits(Infinity);
  const sign = 2 ** (width - 1);
  const one = toBits(1);
  const payload = 0x155;
  const quiet = infinity + 2 ** (fractionBits - 1) + payload;
  const signalling = infinity + payload;
  const subjects: readonly (readonly [string, Operation, Operands, string])[] = [
    ['nan-of-infinities', 'subtract', [infinity, infinity], 'infinity - infinity'],
    ['nan-of-zero', 'multiply', [toBits(0), infinity], '0 * infinity'],
    ['nan-of-zeros', 'divide', [0, 0], '0 / 0'],
    ['nan-of-negative', 'sqrt', [toBits(-1)], 'sqrt(-1)'],
    ['nan-of-negative', 'log2', [toBits(-1)], 'log2(-1)'],
    ['nan-of-product', 'fma', [0, infinity, one], 'fma(0, infinity, 1)'],
    ['quiet-nan', 'copy', [quiet], 'a quiet NaN, only copied,'],
    ['signalling-nan', 'copy', [signalling], 'a signalling NaN, only copied,'],
    ['quiet-nan', 'negate', [quiet], '-(a quiet NaN)'],
    ['quiet-nan', 'add', [quiet, one], 'a quiet NaN + 1'],
    ['quiet-nan-last', 'add', [one, quiet], '1 + a quiet NaN'],
    ['signalling-nan', 'add', [signalling, one], 'a signalling NaN + 1'],
    ['negative-nan', 'add', [quiet + sign, one], 'a negative NaN + 1'],
    ['two-nans', 'add', [quiet, quiet + 1], 'the sum of two quiet NaNs'],
    ['quiet-nan', 'multiply', [quiet, one], 'a quiet NaN * 1'],
    ['quiet-nan', 'fma', [one, one, quiet], 'fma(1, 1, a quiet NaN)'],
    ['quiet-nan', 'minimum', [quiet, one], 'min(a quiet NaN, 1)'],
    ['quiet-nan', 'maximum', [one, quiet], 'max(1, a quiet NaN)'],
  ];
  return [
    ...subjects.map(([property, operation, operands, what]) =>
      observation({ precision, operation, property, question: `What is ${what}?`, operands }),
    ),
    observation({
      precision,
      operation: 'to-f16',
      property: 'quiet-nan',
      question: `What does ${toF16Name(precision)} make of a quiet NaN?`,
      operands: [0x7fd55555],
      operand: f32Precision,
      result: f16Precision,
    }),
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
    names: values.map((value) => `for ${value}: it`),
    operand: f32Precision,
    result: 'integer',
  });
}

/** Every experiment on special values. */
export function specialExperiments(precision: Precision): Experiment[] {
  return [
    ...(precision.name === 'f32' ? [neighborExperiment(precision)] : []),
    ...zeroExperiments(precision),
    ...infinityExperiments(precision),
    ...overflowExperiments(precision),
    ...nanExperiments(precision),
  ];
}
