/** @file The error of the accumulator alone: sums of codes on the adapter against the exact sums of the same codes. */

import type { Profile, ProfileName } from '../accumulate/profile.js';
import { spread } from '../arithmetic/spread.js';
import type { Context } from '../context.js';
import { ExactProduct } from '../gemm/exact.js';
import type { GpuQuantizedMatrix } from '../gpu-matrix.js';
import { toFloat32 } from '../matrix.js';
import type { QuantizedMatrix } from '../quantize/quantized-matrix.js';
import { maxOverRms, maxRelative, sqnr } from '../report/metrics.js';

/** Elements of K between promotions. */
export type Promote = number | 'none';

/** How to add up: every accumulator with every interval. */
export interface Orders {
  readonly accumulators: readonly ProfileName[];
  readonly promotes: readonly Promote[];
}

/** How far results are from the exact ones. */
export interface SumErrors {
  readonly maxOverRms: number;
  readonly maxRelative: number;
  readonly sqnr: number;
}

/** One way to add up, and how far its results are from the exact ones. */
export interface AccumulatorError extends SumErrors {
  readonly accumulator: ProfileName;
  readonly promote: Promote;
}

/**
 * The errors on one pair of operands. Intervals that take in all of K are left out, being the same as none.
 * @throws ArgumentError for an interval that cuts a scale's tile
 */
export async function accumulatorErrors(
  context: Context,
  left: QuantizedMatrix,
  right: QuantizedMatrix,
  { accumulators, promotes }: Orders,
): Promise<AccumulatorError[]> {
  const reference = exactResults(left, right);
  const errors: AccumulatorError[] = [];
  const a = await context.upload(left);
  try {
    const b = await context.upload(right);
    try {
      for (const accumulator of accumulators)
        for (const promote of promotes) {
          if (promote !== 'none' && promote >= left.cols) continue;
          const order = { accumulator, promote };
          errors.push({ ...order, ...(await sumErrors(context, a, b, reference, order)) });
        }
    } finally {
      b.dispose();
    }
  } finally {
    a.dispose();
  }
  return errors;
}

/**
 * The errors of one way to add up.
 * @param reference the exact results
 */
export async function sumErrors(
  context: Context,
  a: GpuQuantizedMatrix,
  b: GpuQuantizedMatrix,
  reference: Float64Array,
  order: { readonly accumulator: Profile | ProfileName; readonly promote: Promote; readonly kernel?: string },
): Promise<SumErrors> {
  const product = await context.gemm(a, b, order);
  try {
    const actual = toFloat32(await product.read());
    return {
      maxOverRms: maxOverRms(actual, reference),
      maxRelative: maxRelative(actual, reference),
      sqnr: sqnr(actual, reference),
    };
  } finally {
    product.dispose();
  }
}

/** The figures of one way to add up: the middle of all draws, and the mildest and the worst of them. */
export type ErrorFigures = {
  readonly accumulator: ProfileName;
  readonly promote: Promote;
  readonly draws: number;
  readonly max_over_rms: number;
  readonly max_over_rms_least: number;
  readonly max_over_rms_most: number;
  readonly max_relative: number;
  readonly max_relative_least: number;
  readonly max_relative_most: number;
  readonly sqnr: number;
};

/** What draws of the same data have in common: for each draw the errors of the same ways, in the same order. */
export function overDraws(draws: readonly (readonly AccumulatorError[])[]): ErrorFigures[] {
  const [first = []] = draws;
  return first.map(({ accumulator, promote }, i) => {
    const of = (name: 'maxOverRms' | 'maxRelative' | 'sqnr') =>
      spread(draws.map((errors) => (errors[i] as AccumulatorError)[name]));
    const [overRms, relative] = [of('maxOverRms'), of('maxRelative')];
    return {
      accumulator,
      promote,
      draws: draws.length,
      max_over_rms: overRms.median,
      max_over_rms_least: overRms.min,
      max_over_rms_most: overRms.max,
      max_relative: relative.median,
      max_relative_least: relative.min,
      max_relative_most: relative.max,
      sqnr: of('sqnr').median,
    };
  });
}

/** Every result without an error (rounded to odd), row-major. */
export function exactResults(a: QuantizedMatrix, b: QuantizedMatrix): Float64Array {
  const product = new ExactProduct(a, b);
  return Float64Array.from({ length: a.rows * b.rows }, (_, i) =>
    product.entry(Math.floor(i / b.rows), i % b.rows),
  );
}
