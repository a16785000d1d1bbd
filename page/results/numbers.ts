/** @file Measured numbers as the page writes them, each with its unit. */

import { significant } from '../../src/report/number.js';

/** The unit in which the fastest of some speeds is no row of zeros, and what TFLOP/s are multiplied by for it. */
export function speedScale(topTflops: number): { unit: string; factor: number } {
  return topTflops < 0.1 ? { unit: 'GFLOP/s', factor: 1e3 } : { unit: 'TFLOP/s', factor: 1 };
}

/** TFLOP/s or, where that would be all zeros, GFLOP/s. */
export function speedText(tflops: number): { value: string; unit: string } {
  const { unit, factor } = speedScale(tflops);
  return { value: significant(tflops * factor), unit };
}

/** Bytes a second. */
export function bandwidthText(bytes: number): { value: string; unit: string } {
  return bytes < 1e12
    ? { value: significant(bytes / 1e9), unit: 'GB/s' }
    : { value: significant(bytes / 1e12), unit: 'TB/s' };
}

/** "1.2 TFLOP/s". */
export function withUnit({ value, unit }: { value: string; unit: string }): string {
  return `${value} ${unit}`;
}
