/** @file What a matrix unit makes of subnormals, zeros, infinities, NaNs and results that are too large. */

import { type Choice, decide, type Hypothesis } from '../choice.js';
import { type Finding, hexBits } from '../finding.js';
import { describeBits, isNaNBits, largest, type Precision, smallest } from '../precision.js';
import { type DotProduct, dotOf, type FloatTypes, type Product, showDot } from './unit.js';

export interface SpecialExperiment {
  readonly dots: readonly DotProduct[];
  conclude(seen: readonly number[]): Finding;
}

/** Every experiment on special values, for a unit of at least two products. */
export function specialExperiments(types: FloatTypes): SpecialExperiment[] {
  return [...subnormalExperiments(types), ...overflowExperiments(types), ...observations(types)];
}

interface Wanted {
  readonly dot: DotProduct;
  readonly kept: number;
}

/** Whether results are `kept`, or zeros. */
function kept(types: FloatTypes, id: string, question: string, wanted: readonly Wanted[]): SpecialExperiment {
  const { result } = types;
  const hypothesis = (name: string, change: (value: number) => number): Hypothesis<Wanted> => ({
    name,
    predict: (one) => result.toBits(change(one.kept)),
  });
  const choice: Choice<Wanted> = {
    id,
    question,
    cases: wanted,
    hypotheses: [
      hypothesis('kept', (value) => value),
      hypothesis('taken for 0', () => 0),
      hypothesis('taken for 0 of their sign', (value) => value * 0),
    ],
    inputs: ({ dot }) => showDot(types, dot),
    show: (bits) => hexBits(bits, result.width),
    isNaN: (bits) => isNaNBits(result, bits),
  };
  return { dots: wanted.map(({ dot }) => dot), conclude: (seen) => decide(choice, seen).finding };
}

function subnormalExperiments(types: FloatTypes): SpecialExperiment[] {
  const { operand, result } = types;
  const last = smallest(operand);
  // Few bits, which even a short accumulator keeps.
  const tinyC = 2 ** (result.minExponent - 1);
  // Large enough that the product is a normal number.
  const up = 2 ** (operand.fractionBits + 1);
  const product = (x: number, y: number): Wanted => ({ dot: dotOf(types, [[0, x, y]]), kept: x * y });
  const addend = (c: number): Wanted => ({ dot: dotOf(types, [], c), kept: c });
  const root = 2 ** Math.ceil(result.minExponent / 2);
  const reachable = 2 ** (2 * operand.minExponent) < 2 ** result.minExponent;
  return [
    kept(types, 'subnormal-operands', 'What become of subnormal factors?', [
      product(last, up),
      product(-up, last),
      product(1.5 * 2 * last, up),
      product(2 ** operand.minExponent - last, -up),
    ]),
    kept(types, 'subnormal-addend', 'What becomes of a subnormal c?', [
      addend(tinyC),
      addend(-tinyC / 2),
      addend(1.5 * tinyC),
    ]),
    // Products of f16s are no subnormal f32s.
    ...(reachable
      ? [
          kept(types, 'subnormal-results', 'What become of subnormal results?', [
            product(root, root / 4),
            product(-root, root / 8),
            product(1.5 * root, root / 4),
          ]),
        ]
      : []),
  ];
}

function overflowExperiments(types: FloatTypes): SpecialExperiment[] {
  const { operand, result } = types;
  // The largest product of f16s is far below f32's largest number.
  if (operand.name === 'f16' && result.name === 'f32') return [];
  const root = 2 ** Math.ceil((result.maxExponent + 1) / 2);
  const cases = [1, -1].flatMap((sign) => [
    { sign, dot: dotOf(types, [[0, sign * root, root]]) },
    {
      sign,
      dot: dotOf(types, [
        [0, sign * root, root / 2],
        [1, sign * root, root / 2],
      ]),
    },
    { sign, dot: dotOf(types, [[0, sign * root, root / 2]], sign * largest(result)) },
  ]);
  const to = (name: string, value: number): Hypothesis<(typeof cases)[number]> => ({
    name,
    predict: ({ sign }) => result.toBits(sign * value),
  });
  const choice: Choice<(typeof cases)[number]> = {
    id: 'overflow',
    question: 'What becomes of results beyond the largest number?',
    cases,
    hypotheses: [to('infinity', Infinity), to('the largest number', largest(result))],
    inputs: ({ dot }) => showDot(types, dot),
    show: (bits) => hexBits(bits, result.width),
    isNaN: (bits) => isNaNBits(result, bits),
  };
  return [{ dots: cases.map(({ dot }) => dot), conclude: (seen) => decide(choice, seen).finding }];
}

/** Questions whose answer is the bits that come out. */
function observations(types: FloatTypes): SpecialExperiment[] {
  const { operand, result } = types;
  const quiet = (precision: Precision) =>
    precision.toBits(Infinity) + 2 ** (precision.fractionBits - 1) + 0x155;
  const products = (...list: Product[]) => dotOf(types, list);
  const subjects: readonly (readonly [id: string, what: string, dot: DotProduct])[] = [
    [
      'nan.operand',
      'the result where a factor is NaN',
      { a: { 0: quiet(operand) }, b: { 0: operand.toBits(1) }, c: 0 },
    ],
    ['nan.addend', 'the result where c is NaN', { a: {}, b: {}, c: quiet(result) }],
    ['nan.zero-times-infinity', 'the result of 0 * infinity', products([0, 0, Infinity])],
    [
      'nan.infinities',
      'infinity - infinity, both of them products',
      products([0, Infinity, 1], [1, -Infinity, 1]),
    ],
    [
      'nan.infinity-and-c',
      'infinity, a product, and c = -infinity',
      dotOf(types, [[0, Infinity, 1]], -Infinity),
    ],
    ['infinity.product', 'an infinite product among finite ones', products([0, Infinity, 1], [1, -1, 1])],
    ['infinity.addend', '1 and c = -infinity', dotOf(types, [[0, 1, 1]], -Infinity)],
    ['zero.cancelled', '1 - 1', products([0, 1, 1], [1, -1, 1])],
    ['zero.addend', 'c = -0 and products of zeros', dotOf(types, [], -0)],
    ['zero.product', 'a product of -0 and c = -0', dotOf(types, [[0, -0, 1]], -0)],
  ];
  return subjects.map(([id, what, dot]) => ({
    dots: [dot],
    conclude: ([bits = 0]) => ({
      id,
      question: `What is ${what}?`,
      answer: describeBits(result, bits),
      cases: 1,
      agreement: {},
      evidence: [{ inputs: showDot(types, dot), seen: hexBits(bits, result.width), predicted: {} }],
    }),
  }));
}
