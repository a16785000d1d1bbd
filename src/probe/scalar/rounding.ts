/** @file How one operation rounds: sums, products, fused multiply-adds, conversions of integers and to f16. */

import { type Direction, directions } from '../../accumulate/round.js';
import { type Hypothesis, separating } from '../choice.js';
import { f16Precision, f32Precision, oddSum, type Precision, rounded } from '../precision.js';
import { Stream } from '../stream.js';
import { choice, type Experiment, expression } from './experiment.js';
import type { Operands } from './operation.js';

/** Candidates that are looked through for those that tell hypotheses apart. */
const candidates = 4096;

/** Hypotheses that round an exact result in each direction. */
function inEachDirection(result: Precision, exact: (operands: Operands) => number): Hypothesis<Operands>[] {
  return directions.map((name) => ({
    name,
    predict: (operands) => result.toBits(rounded(result, exact(operands), name)),
  }));
}

function* generate(
  make: (stream: Stream) => Operands,
  seed: number,
  count = candidates,
): Generator<Operands> {
  const stream = new Stream(seed);
  for (let i = 0; i < count; i++) yield make(stream);
}

/** A random number with an exponent in a range, of either sign. */
function random(precision: Precision, stream: Stream, low: number, high: number): number {
  return stream.sign() * stream.significand(precision.fractionBits) * 2 ** stream.whole(low, high);
}

/** The exact sum, difference or product of two operands, rounded to odd where it is no double. */
const exactly: Readonly<Record<'add' | 'subtract' | 'multiply', (x: number, y: number) => number>> = {
  add: oddSum,
  subtract: (x, y) => oddSum(x, -y),
  multiply: (x, y) => x * y,
};

/** How sums, differences and products round, on numbers far from the precision's limits. */
export function basicRounding(
  precision: Precision,
  operation: 'add' | 'subtract' | 'multiply',
): Experiment & {
  readonly hypotheses: readonly Hypothesis<Operands>[];
} {
  const hypotheses = inEachDirection(precision, ([x = 0, y = 0]) =>
    exactly[operation](precision.fromBits(x), precision.fromBits(y)),
  );
  const make = (stream: Stream) => {
    const x = random(precision, stream, 0, 3);
    const y = random(precision, stream, operation === 'multiply' ? -3 : -precision.fractionBits - 1, 3);
    return [x, y].map(precision.toBits);
  };
  return choice({
    precision,
    operation,
    property: 'rounding',
    question: `How is ${expression(operation)} rounded?`,
    cases: separating(hypotheses, generate(make, 1), { some: 256 }),
    hypotheses,
  });
}

/** Ways to compute x * y + z. */
function multiplyAddHypotheses(precision: Precision): Hypothesis<Operands>[] {
  const on =
    (compute: (x: number, y: number, z: number) => number) =>
    ([x = 0, y = 0, z = 0]: Operands) =>
      precision.toBits(compute(precision.fromBits(x), precision.fromBits(y), precision.fromBits(z)));
  const round = (value: number, direction: Direction) => rounded(precision, value, direction);
  const ways = (['nearest-even', 'toward-zero'] as const).flatMap((direction) => [
    {
      name: `fused, ${direction}`,
      predict: on((x, y, z) => round(oddSum(x * y, z), direction)),
    },
    {
      name: `product rounded first, ${direction}`,
      predict: on((x, y, z) => round(oddSum(round(x * y, direction), z), direction)),
    },
  ]);
  if (precision.name === 'f32') return ways;
  // A product of two f16s is exact in f32.
  const inF32 = on((x, y, z) => round(Math.fround(x * y + z), 'nearest-even'));
  return [...ways, { name: 'in f32, then rounded to f16', predict: inF32 }];
}

/** Triples whose sum nearly cancels, or hangs on the last bits of the product. */
function multiplyAddTriple(precision: Precision) {
  const { toBits } = precision;
  const round = (value: number) => rounded(precision, value);
  return (stream: Stream): Operands => {
    const x = random(precision, stream, 0, 0);
    const kind = stream.whole(0, 2);
    // Large enough that no bit of a product is below the smallest normal f16.
    if (kind === 0) {
      const y = random(precision, stream, 8, 8);
      return [x, y, -round(x * y)].map(toBits);
    }
    if (kind === 1)
      return [x, random(precision, stream, 6, 10), random(precision, stream, 5, 11)].map(toBits);
    // A product next to half of the addend's last bit.
    const exponent = stream.whole(0, 2);
    const y = round(2 / x) * 2 ** (exponent - precision.fractionBits - 2);
    return [x, y, stream.sign() * stream.significand(precision.fractionBits) * 2 ** exponent].map(toBits);
  };
}

/** Whether fma() rounds once, and whether a compiler makes one out of x * y + z. */
export function multiplyAdd(precision: Precision, operation: 'fma' | 'multiply-add') {
  const hypotheses = multiplyAddHypotheses(precision);
  return choice({
    precision,
    operation,
    property: 'rounding',
    question:
      operation === 'fma'
        ? `Does ${expression('fma')} round its product and its sum together?`
        : `Is ${expression('multiply-add')} computed as written, or fused?`,
    cases: separating(hypotheses, generate(multiplyAddTriple(precision), 2), { some: 256 }),
    hypotheses,
  });
}

/** How integers become floats. */
export function fromInteger(precision: Precision, operation: 'from-i32' | 'from-u32') {
  const signed = operation === 'from-i32';
  // For magnitudes alone, down is toward zero.
  const hypotheses = inEachDirection(precision, ([word = 0]) => (signed ? word | 0 : word >>> 0)).filter(
    ({ name }) => signed || name !== 'down',
  );
  // Beyond f16's largest the result is an overflow, which is another question.
  const bits = precision.name === 'f16' ? 16 : 32;
  const make = (stream: Stream) => {
    const magnitude =
      stream.word() >>> (32 - bits + stream.whole(signed ? 1 : 0, bits - precision.fractionBits - 2));
    return [Math.min(magnitude, bits === 16 ? 65000 : 2 ** 32 - 1) * (signed ? stream.sign() : 1)].map(
      (value) => value >>> 0,
    );
  };
  return choice({
    precision,
    operation,
    property: 'rounding',
    question: `How is ${signed ? 'an i32' : 'a u32'} rounded to ${precision.name}?`,
    cases: separating(hypotheses, generate(make, 3), { some: 64 }),
    hypotheses,
    operand: f32Precision,
  });
}

/** How f32 becomes f16. */
export function toF16(precision: Precision) {
  const hypotheses = inEachDirection(f16Precision, ([word = 0]) => f32Precision.fromBits(word));
  const make = (stream: Stream) => {
    const bits = stream.whole(0, 2) === 0 ? 23 : stream.whole(10, 13);
    const value = stream.sign() * stream.significand(bits) * 2 ** stream.whole(-14, 14);
    return [f32Precision.toBits(value)];
  };
  return choice({
    precision,
    operation: 'to-f16',
    property: 'rounding',
    question: `How does ${toF16Name(precision)} round?`,
    cases: separating(hypotheses, generate(make, 4), { some: 128 }),
    hypotheses,
    operand: f32Precision,
    result: f16Precision,
  });
}

/** What turns an f32 into an f16 in the shaders of this precision. */
export function toF16Name(precision: Precision): string {
  return precision.name === 'f32' ? 'pack2x16float()' : 'f16(f32)';
}

/** What turns an f16 into an f32. */
export function fromF16Name(precision: Precision): string {
  return precision.name === 'f32' ? 'unpack2x16float()' : 'f32(f16)';
}

/** Every experiment on rounding. */
export function roundingExperiments(precision: Precision): Experiment[] {
  return [
    ...(['add', 'subtract', 'multiply'] as const).map((operation) => basicRounding(precision, operation)),
    multiplyAdd(precision, 'fma'),
    multiplyAdd(precision, 'multiply-add'),
    toF16(precision),
    fromInteger(precision, 'from-i32'),
    fromInteger(precision, 'from-u32'),
  ];
}
