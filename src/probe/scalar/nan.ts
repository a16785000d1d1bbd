/** @file What comes out as NaN, by its bits: of operations without a result, and of NaNs that go in. */

import { f16Precision, f32Precision, type Precision } from '../precision.js';
import { type Experiment, observation } from './experiment.js';
import type { Operands, Operation } from './operation.js';
import { toF16Name } from './rounding.js';

/** Every experiment on the bits of NaNs. */
export function nanExperiments(precision: Precision): Experiment[] {
  const { toBits, width, fractionBits } = precision;
  const infinity = toBits(Infinity);
  const sign = 2 ** (width - 1);
  const one = toBits(1);
  const payload = 0x155;
  const quiet = infinity + 2 ** (fractionBits - 1) + payload;
  const signalling = infinity + payload;
  const subjects: readonly (readonly [string, Operation, Operands, string])[] = [
    ['nan-of-infinities', 'subtract', [infinity, infinity], 'What is infinity - infinity?'],
    ['nan-of-zero', 'multiply', [toBits(0), infinity], 'What is 0 * infinity?'],
    ['nan-of-zeros', 'divide', [0, 0], 'What is 0 / 0?'],
    ['nan-of-negative', 'sqrt', [toBits(-1)], 'What is sqrt(-1)?'],
    ['nan-of-negative', 'log2', [toBits(-1)], 'What is log2(-1)?'],
    ['nan-of-product', 'fma', [0, infinity, one], 'What is fma(0, infinity, 1)?'],
    ['quiet-nan', 'copy', [quiet], 'What is a quiet NaN that is only copied?'],
    ['signalling-nan', 'copy', [signalling], 'What is a signalling NaN that is only copied?'],
    ['quiet-nan', 'negate', [quiet], 'What is -(a quiet NaN)?'],
    ['quiet-nan', 'add', [quiet, one], 'What is a quiet NaN + 1?'],
    ['quiet-nan-last', 'add', [one, quiet], 'What is 1 + a quiet NaN?'],
    ['signalling-nan', 'add', [signalling, one], 'What is a signalling NaN + 1?'],
    ['negative-nan', 'add', [quiet + sign, one], 'What is a negative NaN + 1?'],
    ['two-nans', 'add', [quiet, quiet + 1], 'What is the sum of two quiet NaNs?'],
    ['quiet-nan', 'multiply', [quiet, one], 'What is a quiet NaN * 1?'],
    ['quiet-nan', 'fma', [one, one, quiet], 'What is fma(1, 1, a quiet NaN)?'],
    ['quiet-nan', 'minimum', [quiet, one], 'What is min(a quiet NaN, 1)?'],
    ['quiet-nan', 'maximum', [one, quiet], 'What is max(1, a quiet NaN)?'],
  ];
  return [
    ...subjects.map(([property, operation, operands, question]) =>
      observation({ precision, operation, property, question, operands }),
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
