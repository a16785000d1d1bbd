/**
 * @file Whether a library's product is right: some of its outputs against the exact products of the operands as the
 * library has them, within what its types round away.
 *
 * No library here promises an order of summation, and bounds for every order (K · u · Σ|a·b|) are so wide for f16
 * that a wrong result passes. So the tolerance is derived for rounding errors that are independent, have mean zero
 * and are uniform within half a unit (a model that Higham and Mary justify: "A New Approach to Probabilistic Rounding
 * Error Analysis", SIAM J. Sci. Comput. 41, 2019). With u the unit roundoff, an output that sums p_k = a_k · b_k has
 * an error of variance
 *
 * - u²/3 · K/2 · Σp² from the additions: partial sums of j random terms have the mean square j · Σp²/K, whatever the
 *   order; a tree or blocks have smaller ones
 * - u²/3 · 4 · Σp² from the multiplications, and from those by scales that block formats add (four of them at most)
 * - u'²/3 · d² from the output's type
 * - Σ (step²/12) · b² if A is rounded to integers on the way, step being the distance of two of them
 *
 * One output may be 8 standard deviations off, and all together twice the RMS that the model gives: random errors
 * exceed that about never, and a missing block of K, a wrong scale or a wrong layout by far.
 */

import { calcDiff, maxOverRms } from '../../src/report/metrics.js';
import { type Band, sampleBands } from '../sample.js';
import type { Quality } from '../workload.js';
import type { Operands } from './operands.js';

/** What a library rounds. */
export interface Rounding {
  /** The types that operands are given in. */
  readonly a: 'f32' | 'f16';
  readonly b: 'f32' | 'f16';
  /** Of sums, and of the output. */
  readonly sums: 'f32' | 'f16';
  readonly out: 'f32' | 'f16';
  /** A as signed integers: the largest of them stands for the largest magnitude of so many neighbours along K. */
  readonly integersOfA?: { readonly largest: number; readonly block: number };
  /** K weights of each output of a band, where they are not B's values in its type. */
  readonly weights?: (band: Band) => Float32Array;
}

const unitRoundoff = { f32: 2 ** -24, f16: 2 ** -11 } as const;
/** Half of the smallest subnormal of an output's type: what rounding changes where it is nothing beside the result. */
const leastError = { f32: 2 ** -126, f16: 2 ** -25 } as const;

/** Bands of rows of A and of columns of B: 36 squares of 4 × 4 outputs. */
const bands = 6;
/** Standard deviations that one output may be off, and RMS over the model's that all may. */
const [outermost, together] = [8, 2];

/**
 * Compares outputs all over D with their exact values.
 * @param d M × N, row-major
 */
export async function checkProduct(
  operands: Operands,
  d: Float32Array,
  rounding: Rounding,
  seed: number,
): Promise<Quality> {
  const { m, n, k } = operands.product;
  if (d.length !== m * n) return { failure: `the result has ${d.length} values, not ${m * n}` };
  const columns: { readonly band: Band; readonly values: Float32Array }[] = [];
  for (const band of sampleBands(n, bands, seed + 1)) {
    const values = rounding.weights?.(band) ?? (await operands.band('b', band, rounding.b));
    columns.push({ band, values });
  }
  const found: number[] = [];
  const exact: number[] = [];
  let squares = 0;
  let expected = 0;
  for (const rows of sampleBands(m, bands, seed)) {
    const a = await operands.band('a', rows, rounding.a);
    for (let i = 0; i < rows.count; i++) {
      const row = a.subarray(i * k, (i + 1) * k);
      for (const { band, values } of columns)
        for (let j = 0; j < band.count; j++) {
          const [y, x] = [rows.first + i, band.first + j];
          const value = d[y * n + x] as number;
          const output = outputOf(row, values.subarray(j * k, (j + 1) * k), rounding);
          const off = Math.abs(value - output.exact);
          const allowed = outermost * Math.sqrt(output.variance) + leastError[rounding.out];
          // Negated, so that a NaN is wrong too.
          if (!(off <= allowed))
            return { failure: `D(${y}, ${x}) is ${value}, not ${output.exact} ± ${allowed.toPrecision(3)}` };
          found.push(value);
          exact.push(output.exact);
          squares += off * off;
          expected += output.variance;
        }
    }
  }
  if (squares > together ** 2 * expected + found.length * leastError[rounding.out] ** 2) {
    const [rms, model] = [squares, expected].map((sum) => Math.sqrt(sum / found.length).toPrecision(3));
    return { failure: `the errors' RMS is ${rms}, where rounding explains ${model}` };
  }
  return { error: maxOverRms(found, exact), calcDiff: calcDiff(found, exact) };
}

/** An output without rounding, and the variance of its error by the model above. */
export function outputOf(
  a: Float32Array,
  b: Float32Array,
  rounding: Pick<Rounding, 'sums' | 'out' | 'integersOfA'>,
): { readonly exact: number; readonly variance: number } {
  // f64 sums are off by 2^-53 of their terms at most: nothing beside any type here.
  let exact = 0;
  let squares = 0;
  for (let i = 0; i < a.length; i++) {
    const term = (a[i] as number) * (b[i] as number);
    exact += term;
    squares += term * term;
  }
  const sums = (unitRoundoff[rounding.sums] ** 2 / 3) * squares * (a.length / 2 + 4);
  const output = (unitRoundoff[rounding.out] ** 2 / 3) * exact * exact;
  return { exact, variance: sums + output + varianceOfIntegers(a, b, rounding.integersOfA) };
}

function varianceOfIntegers(a: Float32Array, b: Float32Array, integers: Rounding['integersOfA']): number {
  if (!integers) return 0;
  let variance = 0;
  for (let start = 0; start < a.length; start += integers.block) {
    const end = Math.min(start + integers.block, a.length);
    let amax = 0;
    let squares = 0;
    for (let i = start; i < end; i++) {
      amax = Math.max(amax, Math.abs(a[i] as number));
      squares += (b[i] as number) ** 2;
    }
    variance += ((amax / integers.largest) ** 2 / 12) * squares;
  }
  return variance;
}
