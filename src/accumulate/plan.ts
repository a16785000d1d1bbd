/** @file The order in which a GEMM adds up K: steps, promotion intervals, splits. */

import { ArgumentError, requireCount } from '../errors.js';
import type { Granularity } from '../quantize/granularity.js';
import { asProfile, type Profile, type ProfileName } from './profile.js';

/** How a partial sum is scaled and added to the f32 accumulator. */
export const promotions = ['fused', 'transformer-engine'] as const;
export type Promotion = (typeof promotions)[number];

export interface AccumulateOptions {
  /** The instruction to emulate, by name or as a profile. */
  readonly accumulator: Profile | ProfileName;
  /**
   * Elements of K after which the partial sum is scaled and added to an f32 accumulator, which then starts
   * again from zero; a multiple of 32. `none`: once, at the end of K. Default 128, DeepSeek-V3's interval, or
   * the width of a narrower scale tile.
   */
  readonly promote?: number | 'none';
  /**
   * - fused (default): acc = fma(r(scaleA · scaleB), partial, acc), DeepSeek-V3's and cuBLASLt's order
   * - transformer-engine: acc = fma(r(partial · scaleA), scaleB, acc), Transformer Engine's reference order and
   *   cuBLASLt's where both sides have 1x128 tiles
   */
  readonly promotion?: Promotion;
  /** Parts of K accumulated apart and added in f32, first to last, at the end. Default 1. */
  readonly splitK?: number;
}

/** The resolved order. */
export interface AccumulatePlan {
  readonly profile: Profile;
  readonly promotion: Promotion;
  /** Elements of K in a promotion interval; K itself for none. */
  readonly interval: number;
  /** First element of each part of K, and K at the end: splits + 1 numbers. */
  readonly splits: readonly number[];
}

/** Parts of K start at multiples of this, so that no interval or scale tile is cut. */
const splitUnit = 128;

/**
 * Resolves options for operands with these granularities.
 * @throws ArgumentError if the interval cuts a scale tile or a step, or the options do not exist
 */
export function planAccumulation(
  k: number,
  a: Granularity,
  b: Granularity,
  options: AccumulateOptions,
): AccumulatePlan {
  const { accumulator, promotion = 'fused', splitK = 1 } = options;
  const profile = asProfile(accumulator);
  if (!promotions.includes(promotion)) throw new ArgumentError('promotion', promotion, promotions.join(', '));

  const tile = Math.min(a.tileCols, b.tileCols);
  if (tile < k && profile.products !== Infinity && tile % profile.products !== 0)
    throw new ArgumentError(
      'accumulator',
      `${profile.name} with ${profile.products} products a step`,
      `steps of at most ${tile}, because scales change every ${tile} of K`,
    );
  const promote = options.promote ?? Math.min(128, tile);
  if (promote === 'none') {
    if (tile < k)
      throw new ArgumentError(
        'promote',
        'none',
        `a multiple of 32 up to ${tile}, because scales change every ${tile} of K`,
      );
  } else {
    requireCount('promote', promote);
    if (promote % 32 !== 0 || promote > tile)
      throw new ArgumentError(
        'promote',
        promote,
        `a multiple of 32${tile === Infinity ? '' : ` up to ${tile}, the width of a scale tile`}`,
      );
    if (tile < k && tile % promote !== 0)
      throw new ArgumentError('promote', promote, `a divisor of ${tile}, the width of a scale tile`);
    if (profile.products !== Infinity && promote % profile.products !== 0)
      throw new ArgumentError(
        'promote',
        promote,
        `a multiple of ${profile.products}, the products of a step`,
      );
  }
  const interval = promote === 'none' ? k : promote;

  requireCount('splitK', splitK);
  const unit = promote === 'none' ? splitUnit : leastCommonMultiple(splitUnit, promote);
  const units = Math.ceil(k / unit);
  if (splitK > units)
    throw new ArgumentError('splitK', splitK, `1 to ${units} for K = ${k}, parts of at least ${unit}`);
  const perSplit = Math.ceil(units / splitK);
  // Parts are equal but for the last, which must not be empty: that would be another order than the one asked for.
  const parts = Math.ceil(units / perSplit);
  if (parts !== splitK)
    throw new ArgumentError(
      'splitK',
      splitK,
      `a number that leaves no part empty, such as ${parts}: K = ${k} has ${units} times ${unit}`,
    );
  const starts = Array.from({ length: splitK }, (_, i) => Math.min(i * perSplit * unit, k));
  return { profile, promotion, interval, splits: [...starts, k] };
}

function leastCommonMultiple(x: number, y: number): number {
  let [a, b] = [x, y];
  while (b !== 0) [a, b] = [b, a % b];
  return (x / a) * y;
}
