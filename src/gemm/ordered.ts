/**
 * @file The f32 oracle: every operation rounded to f32, in the order the kernels state. In each promotion
 * interval products and sums in ascending k, from 0; then acc = fma(r(scale_a · scale_b), partial, acc), the
 * intervals in ascending order, from 0; then C is added.
 */

import { multiply } from '../arithmetic/f32.js';
import { fma } from '../arithmetic/fma.js';
import type { DecodedRow } from './decoded-operand.js';

/** One entry of D in f32, before it is rounded to the output's type. */
export function orderedEntry(a: DecodedRow, b: DecodedRow, interval: number, addend?: number): number {
  let acc = 0;
  for (let block = 0; block < a.scales.length; block++) {
    const from = block * interval;
    const to = Math.min(from + interval, a.values.length);
    let partial = 0;
    for (let k = from; k < to; k++)
      partial = Math.fround(partial + multiply(a.values[k] as number, b.values[k] as number));
    acc = fma(multiply(a.scales[block] as number, b.scales[block] as number), partial, acc);
  }
  return addend === undefined ? acc : Math.fround(acc + addend);
}
