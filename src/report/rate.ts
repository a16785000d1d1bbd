/** @file The unit that rates of arithmetic are shown in. */

/** A unit, and how many of it a rate is. */
export interface RateUnit {
  readonly unit: 'TFLOP/s' | 'GFLOP/s';
  /** @param tflops 10^12 operations a second */
  rate(tflops: number): number;
}

/**
 * The unit for a table or a chart: the one in which the fastest of its rates reads well.
 * @param tflops 10^12 operations a second; null for what has no rate
 */
export function rateUnit(tflops: readonly (number | null)[]): RateUnit {
  const fastest = Math.max(0, ...tflops.map((one) => one ?? 0));
  return fastest >= 1
    ? { unit: 'TFLOP/s', rate: (one) => one }
    : { unit: 'GFLOP/s', rate: (one) => one * 1000 };
}
