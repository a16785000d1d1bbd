/** @file Durations out of a clock's ticks, and how far they scatter. Pure functions. */

import { spread } from '../src/arithmetic/spread.js';

/**
 * The step of the clock that gave `ticks`, in their unit: the greatest common divisor of the distances from
 * the first tick. A coarsened clock shows itself so (browsers round to 65,536 or 100,000 ns); a fine one gives
 * its own step, a few ns. 0 where all ticks are equal.
 */
export function clockStep(ticks: BigUint64Array): number {
  const first = ticks[0] ?? 0n;
  let step = 0n;
  for (const tick of ticks) {
    let rest = tick > first ? tick - first : first - tick;
    while (rest > 0n) [step, rest] = [rest, step % rest];
  }
  return Number(step);
}

/**
 * Durations out of pairs of ticks, begin and end of each sample in their order. A sample counts from its begin
 * or from the end of the one before, whichever is later: samples that use different buffers may overlap on the
 * GPU, and each moment must be counted once. A clock that ran backwards gives a negative duration.
 */
export function durations(ticks: BigUint64Array): number[] {
  const result: number[] = [];
  let before = 0n;
  for (let i = 0; i + 1 < ticks.length; i += 2) {
    const [begin = 0n, end = 0n] = ticks.subarray(i, i + 2);
    result.push(Number(end - (begin > before ? begin : before)));
    before = end;
  }
  return result;
}

/**
 * How many runs one sample must hold so that the clock's step is at most 1 % of it.
 * @param duration of one run, in the unit of `step`
 */
export function runsPerSample(step: number, duration: number): number {
  return Math.max(1, Math.ceil((100 * step) / duration));
}

/**
 * The median absolute deviation: the middle of the distances of `values` from their median. A few samples that
 * something disturbed do not move it, as they would move a standard deviation.
 * @throws ArgumentError for an empty list or a NaN
 */
export function medianDeviation(values: readonly number[]): number {
  const { median } = spread(values);
  return spread(values.map((value) => Math.abs(value - median))).median;
}
