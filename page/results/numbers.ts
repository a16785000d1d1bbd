/** @file Measured numbers as the page writes them, each with its unit. */

import { significant } from '../../src/report/number.js';

/** TFLOP/s or, where that would be all zeros, GFLOP/s. */
export function speedText(tflops: number): { value: string; unit: string } {
  return tflops < 0.1
    ? { value: significant(tflops * 1e3), unit: 'GFLOP/s' }
    : { value: significant(tflops), unit: 'TFLOP/s' };
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
