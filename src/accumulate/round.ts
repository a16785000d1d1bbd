/** @file Rounding to fewer fraction bits than f32 has. */

import { floorLog2 } from '../arithmetic/floor-log2.js';

/**
 * A value rounded to `fractionBits` fraction bits (1 to 23) within f32's range: subnormal results keep the
 * exponent of the smallest normal, results beyond the largest are infinite.
 */
export function roundTo(
  value: number,
  fractionBits: number,
  rounding: 'toward-zero' | 'nearest-even',
): number {
  if (value === 0 || !Number.isFinite(value)) return value;
  const quantum = 2 ** (Math.max(floorLog2(Math.abs(value)), -126) - fractionBits);
  const steps = value / quantum;
  const down = Math.trunc(steps);
  const rest = Math.abs(steps - down);
  const up = rounding === 'nearest-even' && (rest > 0.5 || (rest === 0.5 && down % 2 !== 0));
  const rounded = (up ? down + Math.sign(value) : down) * quantum;
  return Math.abs(rounded) >= 2 ** 128 ? Math.sign(value) * Infinity : rounded;
}
