/** @file The way of one number: from two rows of values to one output, each number with its source. */

import type { PromotionEvent } from '../accumulate/watch.js';
import { emulatedOutputs } from '../gemm/emulated/reference.js';
import { ExactProduct, roundTo } from '../gemm/exact.js';
import { matrix, toFloat32 } from '../matrix.js';
import { fromKernel, fromOracle, type Quoted } from './quoted.js';
import type { DataflowRun, Outputs } from './run.js';
import { accumulateOptions } from './settings.js';
import { StepRecorder, type StepTrace } from './steps.js';
import { type RowTrace, traceRow } from './tiles.js';

/** A step of the instruction, with its result from the kernel where the kernel was run to there. */
export interface QuotedStep extends StepTrace {
  readonly result: Quoted;
}

/** A promotion interval: the steps that give its partial sum, and how that is added to the accumulator. */
export interface QuotedInterval {
  readonly start: number;
  readonly count: number;
  readonly steps: readonly QuotedStep[];
  readonly partial: Quoted;
  readonly scaleA: Quoted;
  readonly scaleB: Quoted;
  /** r(scaleA · scaleB), or in Transformer Engine's order r(partial · scaleA). */
  readonly rounded: Quoted;
  readonly before: Quoted;
  readonly after: Quoted;
}

export interface OutputTrace {
  readonly row: number;
  readonly col: number;
  readonly a: RowTrace;
  readonly b: RowTrace;
  readonly intervals: readonly QuotedInterval[];
  /** The last accumulator, in f32. */
  readonly sum: Quoted;
  /** The value of the element of D, rounded to the output's type. */
  readonly output: Quoted;
  /** The product of the same codes and scales without any error of accumulation (rounded to odd). */
  readonly exact: number;
  /** The product of the values before quantising, in f64. */
  readonly unquantized: number;
}

/**
 * Traces output (row, col). Each oracle starts from what the kernel before it gave, so that a disagreement shows at
 * the stage where it arises and nowhere else.
 */
export function traceOutput(run: DataflowRun, row: number, col: number): OutputTrace {
  const { plan, a, b, settings } = run;
  const recorder = new StepRecorder(plan.profile, a.kernel, row, b.kernel, col);
  const expected = emulatedOutputs(a.kernel, b.kernel, accumulateOptions(settings)).watched(
    row,
    col,
    recorder,
  );
  const at = row * settings.n + col;
  const left = traceRow(a, row);
  const right = traceRow(b, col);
  const intervals = recorder.intervals.map((interval): QuotedInterval => {
    const { start, count, steps } = interval;
    const before = start === 0 ? fromOracle(0) : quote(run.promoted, start, at, interval.before);
    return {
      start,
      count,
      steps: steps.map((step) => ({
        ...step,
        result: quote(run.partials, step.start + step.count, at, step.after),
      })),
      partial: quote(run.partials, start + count, at, interval.partial),
      scaleA: scaleOf(left, start),
      scaleB: scaleOf(right, start),
      rounded: fromOracle(interval.rounded),
      before,
      after: quote(run.promoted, start + count, at, interval.after),
    };
  });
  const { out, k } = settings;
  const data = toFloat32(run.product);
  return {
    row,
    col,
    a: left,
    b: right,
    intervals,
    sum: fromKernel(run.sums[at] as number, expected),
    output: fromKernel(data[at] as number, widened(out, roundTo(out, expected))),
    exact: new ExactProduct(a.kernel, b.kernel).entry(row, col),
    unquantized: dot(toFloat32(a.source), row * k, toFloat32(b.source), col * k, k),
  };
}

/** The kernel's number at element `k` of K where there is one; otherwise the oracle's alone. */
function quote(known: ReadonlyMap<number, Outputs>, k: number, at: number, oracle: number): Quoted {
  const outputs = known.get(k);
  return outputs ? fromKernel(outputs[at] as number, oracle) : fromOracle(oracle);
}

function scaleOf({ elements }: RowTrace, k: PromotionEvent['start']): Quoted {
  return (elements[k] as RowTrace['elements'][number]).tile.scale;
}

/** The value of an element of a matrix of a type. */
function widened(dtype: DataflowRun['product']['dtype'], element: number): number {
  const data = dtype === 'f32' ? Float32Array.of(element) : Uint16Array.of(element);
  return toFloat32(matrix(1, 1, data, dtype))[0] as number;
}

function dot(a: Float32Array, i: number, b: Float32Array, j: number, count: number): number {
  let sum = 0;
  for (let k = 0; k < count; k++) sum += (a[i + k] as number) * (b[j + k] as number);
  return sum;
}
