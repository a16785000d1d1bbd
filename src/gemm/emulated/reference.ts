/** @file D = A · Bᵀ (+ C) as a tensor core adds it up, on the CPU: the oracle of the kernel `emulated`. */

import { chain } from '../../accumulate/chain.js';
import { operands } from '../../accumulate/operand.js';
import { type AccumulateOptions, type AccumulatePlan, planAccumulation } from '../../accumulate/plan.js';
import type { CodeRange } from '../../accumulate/step.js';
import type { AccumulationWatch } from '../../accumulate/watch.js';
import { fma } from '../../arithmetic/fma.js';
import { ArgumentError } from '../../errors.js';
import { scaleIndex } from '../../quantize/granularity.js';
import type { QuantizedMatrix } from '../../quantize/quantized-matrix.js';

/** Computes single outputs of an emulated GEMM, so that large ones can be checked on samples. */
export interface EmulatedOutputs {
  readonly plan: AccumulatePlan;
  /**
   * Output (row, col) in f32, before C and the output type.
   * @param start where each interval's sums start; 0 unless C enters the accumulator of the only interval
   */
  at(row: number, col: number, start?: number): number;
  /** The same, with someone who sees every step and every promotion. */
  watched(row: number, col: number, watch: AccumulationWatch): number;
}

/**
 * Prepares the operands of D = A · Bᵀ, A M × K and B N × K.
 * @throws ArgumentError if K differs or the options do not fit the granularities
 */
export function emulatedOutputs(
  a: QuantizedMatrix,
  b: QuantizedMatrix,
  options: AccumulateOptions,
): EmulatedOutputs {
  if (a.cols !== b.cols)
    throw new ArgumentError('b.cols', b.cols, `a.cols = ${a.cols}, the K of both operands`);
  return plannedOutputs(a, b, planAccumulation(a.cols, a.granularity, b.granularity, options));
}

/** The same in an order that is resolved already. */
export function plannedOutputs(
  a: QuantizedMatrix,
  b: QuantizedMatrix,
  plan: AccumulatePlan,
): EmulatedOutputs {
  const [left, right] = [side(a), side(b)];
  const entry = (row: number, col: number, start: number) => ({ a: left, row, b: right, col, start });
  return {
    plan,
    at: (row, col, start = 0) => output(plan, entry(row, col, start)),
    watched: (row, col, watch) => output(plan, entry(row, col, 0), watch),
  };
}

interface Side {
  readonly matrix: QuantizedMatrix;
  readonly operands: CodeRange['operands'];
  readonly scales: Float32Array;
}

function side(matrix: QuantizedMatrix): Side {
  return { matrix, operands: operands(matrix.format), scales: matrix.scaleValues() };
}

function output(plan: AccumulatePlan, entry: Entry, watch?: AccumulationWatch): number {
  let total: number | undefined;
  for (let split = 0; split + 1 < plan.splits.length; split++) {
    const part = accumulatePart(plan, entry, split, watch);
    total = total === undefined ? part : Math.fround(total + part);
  }
  return total as number;
}

interface Entry {
  readonly a: Side;
  readonly row: number;
  readonly b: Side;
  readonly col: number;
  /** Where sums start. */
  readonly start: number;
}

/** One part of K: partial sums, promoted after every interval. */
function accumulatePart(
  plan: AccumulatePlan,
  { a, row, b, col, start }: Entry,
  split: number,
  watch?: AccumulationWatch,
): number {
  const end = plan.splits[split + 1] as number;
  let accumulator = 0;
  for (let k = plan.splits[split] as number; k < end; k += plan.interval) {
    const count = Math.min(plan.interval, end - k);
    const partial = chain(plan.profile, range(a, row, k), range(b, col, k), count, start, watch);
    const [scaleA, scaleB] = [scale(a, row, k), scale(b, col, k)];
    const { rounded, after } = promote(plan, accumulator, partial, scaleA, scaleB);
    watch?.promoted({ start: k, count, partial, scaleA, scaleB, rounded, before: accumulator, after });
    accumulator = after;
  }
  return accumulator;
}

/** The two orders of promotion; fma rounds once. */
function promote(
  plan: AccumulatePlan,
  accumulator: number,
  partial: number,
  scaleA: number,
  scaleB: number,
): { rounded: number; after: number } {
  if (plan.promotion === 'fused') {
    const rounded = Math.fround(scaleA * scaleB);
    return { rounded, after: fma(rounded, partial, accumulator) };
  }
  const rounded = Math.fround(partial * scaleA);
  return { rounded, after: fma(rounded, scaleB, accumulator) };
}

function range(side: Side, row: number, k: number): CodeRange {
  return { operands: side.operands, codes: side.matrix.codes, start: row * side.matrix.cols + k };
}

function scale(side: Side, row: number, k: number): number {
  const { granularity, scaleCols } = side.matrix;
  return side.scales[scaleIndex(granularity, scaleCols, row, k)] as number;
}
