/**
 * @file From a tile's largest magnitude to its scale, and on to the factor that turns its values into codes:
 * the dialects' arithmetic, written to be read. The shader is shaders/quantize/scale.wgsl.
 */

import { divide, f32Bits, f32FromBits, multiply } from '../arithmetic/f32.js';
import { floorLog2 } from '../arithmetic/floor-log2.js';
import type { Format } from '../format/format.js';
import { maxFinite } from '../format/formats.js';
import type { Scaling } from './dialect.js';

/** A scale, and what it came from on the way. */
export interface DerivedScale {
  /** amax, raised to the dialect's floor. */
  readonly floored: number;
  /** The f32 that the dialect's division gives, before a zero becomes 1 and before rounding up. */
  readonly quotient: number;
  readonly scale: number;
}

/**
 * The scale of a tile whose largest magnitude is `amax`, an f32.
 *
 * A scale of 0 (of a tile of zeros, or of magnitudes so small that the division underflows) would make every
 * code 0 / 0: it is 1 instead. NaN gives NaN and infinity gives infinity; the octave rule gives NaN for both, as
 * OCP's microxcaling library does.
 */
export function scaleOf(amax: number, format: Format, scaling: Scaling): number {
  return deriveScale(amax, format, scaling).scale;
}

/** The same scale, and what it came from. */
export function deriveScale(amax: number, format: Format, scaling: Scaling): DerivedScale {
  const max = maxFinite(format);
  const { dialect, powerOfTwo } = scaling;
  const largest = floored(amax, scaling);
  if (dialect.scaleRule === 'octave') {
    const scale = octaveScale(amax, max);
    return { floored: largest, quotient: scale, scale };
  }
  const quotient =
    dialect.scaleRule === 'times-reciprocal' ? multiply(largest, divide(1, max)) : divide(largest, max);
  const nonzero = quotient === 0 ? 1 : quotient;
  return { floored: largest, quotient, scale: powerOfTwo ? roundUpToPowerOfTwo(nonzero) : nonzero };
}

/**
 * What the values of a tile are multiplied by, or divided by where the dialect's rule is to divide.
 * @param scale the tile's scale as it is stored
 */
export function factorOf(amax: number, scale: number, format: Format, scaling: Scaling): number {
  switch (scaling.dialect.codeRule) {
    case 'divide':
      return scale;
    case 'times-inverse':
      return divide(1, scale);
    case 'times-max-over-amax':
      // A power of two is not max / amax upside down: codes have to belong to the scale that is stored.
      if (scaling.powerOfTwo) return divide(1, scale);
      return multiply(divide(1, floored(amax, scaling)), maxFinite(format));
  }
}

/** A tile's value in units of its scale: what is encoded. */
export function scaled(value: number, factor: number, { dialect }: Scaling): number {
  return dialect.codeRule === 'divide' ? divide(value, factor) : multiply(value, factor);
}

/** amax, raised to the dialect's floor. NaN stays NaN. */
function floored(amax: number, { dialect }: Scaling): number {
  return Math.max(amax, Math.fround(dialect.amaxFloor));
}

function octaveScale(amax: number, max: number): number {
  if (!Number.isFinite(amax)) return Number.NaN;
  // Clamped to what e8m0 holds: a tile of zeros, whose exponent is below all others, gets the smallest scale.
  const exponent = Math.min(Math.max(floorLog2(amax) - floorLog2(max), -127), 127);
  return 2 ** exponent;
}

/**
 * The power of two at or above a scale: its exponent, plus one if it has a mantissa. So a subnormal scale becomes
 * 2^-126, the smallest normal f32, whose inverse is an f32 too. The largest is 2^127, the last power of two in
 * f32; only a format whose largest value is below 2 can have a scale beyond. NaN and infinity stay as they are.
 */
function roundUpToPowerOfTwo(scale: number): number {
  if (!Number.isFinite(scale)) return scale;
  const bits = f32Bits(scale);
  const exponentField = (bits >>> 23) + ((bits & 0x7fffff) !== 0 ? 1 : 0);
  return f32FromBits(Math.min(exponentField, 254) << 23);
}
