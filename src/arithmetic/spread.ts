/** @file What is said about a list of figures that differ from one measurement to the next. */

import { ArgumentError } from '../errors.js';

export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
  readonly samples: number;
}

/**
 * The smallest, the middle and the largest of `values`; the median of an even number is the mean of both in
 * the middle.
 * @throws ArgumentError for an empty list or a NaN
 */
export function spread(values: readonly number[]): Spread {
  if (values.length === 0) throw new ArgumentError('values.length', 0, 'at least 1');
  const strange = values.findIndex((value) => Number.isNaN(value));
  if (strange >= 0) throw new ArgumentError(`values[${strange}]`, values[strange], 'a number');
  const sorted = [...values].sort((a, b) => a - b);
  const at = (index: number) => sorted[index] as number;
  const middle = sorted.length / 2;
  return {
    min: at(0),
    median: (at(Math.ceil(middle) - 1) + at(Math.floor(middle))) / 2,
    max: at(sorted.length - 1),
    samples: sorted.length,
  };
}
