/**
 * @file How far quotients, roots, exponentials and logarithms are from the exact result, in units in the last place
 * (ULP) of the precision. What is exact is computed in f64, whose own error is below 2^-27 of an f32's ULP for the
 * quotient and the root, and of that order for the others.
 */

import { floorLog2 } from '../../arithmetic/floor-log2.js';
import { type Finding, hexBits } from '../finding.js';
import { type Precision, rounded } from '../precision.js';
import { Stream } from '../stream.js';
import { type Experiment, expression } from './experiment.js';
import type { Operands, Operation } from './operation.js';

const samples = 2048;

interface Subject {
  readonly operation: Operation;
  readonly property?: string;
  readonly exact: (x: number, y: number) => number;
  readonly draw: (stream: Stream, precision: Precision) => number[];
  /** The unit of errors where the results' own ULP is not the measure. */
  readonly unit?: number;
}

const any = (stream: Stream, precision: Precision, low: number, high: number) =>
  stream.significand(precision.fractionBits) * 2 ** stream.whole(low, high);

/** Exponents of operands: inside f16's range, and wider in f32. */
const reach = (precision: Precision) => (precision.name === 'f32' ? 30 : 6);

const signed = (stream: Stream, precision: Precision) =>
  stream.sign() * any(stream, precision, -reach(precision) / 2, reach(precision) / 2);

const subjects: readonly Subject[] = [
  { operation: 'divide', exact: (x, y) => x / y, draw: (s, p) => [signed(s, p), signed(s, p)] },
  { operation: 'sqrt', exact: Math.sqrt, draw: (s, p) => [any(s, p, -reach(p), reach(p))] },
  {
    operation: 'inverse-sqrt',
    exact: (x) => 1 / Math.sqrt(x),
    draw: (s, p) => [any(s, p, -reach(p), reach(p))],
  },
  { operation: 'exp2', exact: (x) => 2 ** x, draw: (s, p) => [s.sign() * any(s, p, -8, 2)] },
  { operation: 'exp', exact: Math.exp, draw: (s, p) => [s.sign() * any(s, p, -8, 2)] },
  // Beyond [0.5, 2), where WGSL counts a logarithm's error in ULP.
  { operation: 'log2', exact: Math.log2, draw: (s, p) => [any(s, p, 1, reach(p)) ** s.sign()] },
  { operation: 'log', exact: Math.log, draw: (s, p) => [any(s, p, 1, reach(p)) ** s.sign()] },
  { operation: 'log2', property: 'near-1', exact: Math.log2, draw: (s, p) => [any(s, p, -1, 0)], unit: 1 },
];

/** Every experiment on accuracy. */
export function accuracyExperiments(precision: Precision): Experiment[] {
  return subjects.map((subject, index) => {
    const stream = new Stream(20 + index);
    const cases = Array.from({ length: samples }, () =>
      subject.draw(stream, precision).map((value) => precision.toBits(rounded(precision, value))),
    );
    const { operation, property } = subject;
    const id = `${precision.name}.${operation}.accuracy${property === undefined ? '' : `-${property}`}`;
    return {
      id,
      operation,
      cases,
      conclude: (seen) => measure(id, precision, subject, cases, seen),
    };
  });
}

function measure(
  id: string,
  precision: Precision,
  subject: Subject,
  cases: readonly Operands[],
  seen: ArrayLike<number>,
): Finding {
  const { operation, exact, unit } = subject;
  let worst = { error: -1, index: 0 };
  let right = 0;
  cases.forEach((operands, index) => {
    const wanted = exactResult(precision, exact, operands);
    const bits = seen[index] as number;
    if (bits === precision.toBits(rounded(precision, wanted))) right++;
    const ulp =
      unit ?? 2 ** (Math.max(floorLog2(Math.abs(wanted)), precision.minExponent) - precision.fractionBits);
    const error = Math.abs(precision.fromBits(bits) - wanted) / ulp;
    // NaN is the largest error there is.
    if (!(error <= worst.error)) worst = { error: Number.isNaN(error) ? Infinity : error, index };
  });
  const error = unit === undefined ? `${worst.error.toFixed(2)} ULP` : worst.error.toExponential(1);
  const operands = cases[worst.index] ?? [];
  return {
    id,
    question: `How far is ${expression(operation)} from the exact result${unit === undefined ? '' : ' for x from 0.5 to 2'}?`,
    answer:
      right === samples
        ? `correctly rounded in all of ${samples} samples`
        : `at most ${error} in ${samples} samples, ${right} correctly rounded`,
    cases: samples,
    agreement: { 'correctly rounded': right },
    evidence: [
      {
        inputs: operands.map((bits) => hexBits(bits, precision.width)),
        seen: hexBits(seen[worst.index] as number, precision.width),
        predicted: {
          'correctly rounded': hexBits(
            precision.toBits(rounded(precision, exactResult(precision, exact, operands))),
            precision.width,
          ),
        },
      },
    ],
  };
}

function exactResult(precision: Precision, exact: Subject['exact'], operands: Operands): number {
  const [x = 0, y = 0] = operands.map(precision.fromBits);
  return exact(x, y);
}
