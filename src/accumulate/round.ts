/** @file Rounding to fewer fraction bits than a double has. */

import { floorLog2 } from '../arithmetic/floor-log2.js';

/** Where a value between two neighbours goes. `up` and `down`: toward +∞ and -∞. */
export const directions = ['nearest-even', 'nearest-away', 'toward-zero', 'up', 'down'] as const;
export type Direction = (typeof directions)[number];

/** Exponents of the smallest and the largest normal numbers. */
export interface Range {
  readonly minExponent: number;
  readonly maxExponent: number;
}

const f32Range: Range = { minExponent: -126, maxExponent: 127 };

/**
 * A value rounded to `fractionBits` fraction bits (1 to 50) within a range, f32's unless told otherwise: subnormal
 * results keep the exponent of the smallest normal, results beyond the largest are infinite.
 */
export function roundToBits(
  value: number,
  fractionBits: number,
  direction: Direction,
  range: Range = f32Range,
): number {
  if (value === 0 || !Number.isFinite(value)) return value;
  const quantum = 2 ** (Math.max(floorLog2(Math.abs(value)), range.minExponent) - fractionBits);
  const rounded = roundWhole(value / quantum, direction) * quantum;
  return Math.abs(rounded) >= 2 ** (range.maxExponent + 1) ? Math.sign(value) * Infinity : rounded;
}

/** A whole number for a number below 2^52. */
export function roundWhole(steps: number, direction: Direction): number {
  const down = Math.trunc(steps);
  return down !== steps && goesAway(steps, down, direction) ? down + Math.sign(steps) : down;
}

/** Whether a number that is not whole goes away from zero. */
function goesAway(steps: number, down: number, direction: Direction): boolean {
  const rest = Math.abs(steps - down);
  switch (direction) {
    case 'nearest-even':
      return rest > 0.5 || (rest === 0.5 && down % 2 !== 0);
    case 'nearest-away':
      return rest >= 0.5;
    case 'toward-zero':
      return false;
    case 'up':
      return steps > 0;
    case 'down':
      return steps < 0;
  }
}
