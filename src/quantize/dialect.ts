/**
 * @file Scaling dialects: how a tile's scale follows from its largest magnitude, and how a code follows from a
 * value and the scale. They differ in real bits, so that reproducing somebody's numbers needs the right one.
 *
 * r() below is one f32 rounding to nearest even, amax the largest magnitude of the tile, max the largest
 * finite value of the element format (448 for e4m3).
 */

import { ArgumentError } from '../errors.js';
import type { Granularity } from './granularity.js';

export const dialectNames = ['deepgemm', 'deepseek', 'reciprocal', 'ieee', 'mx'] as const;
export type DialectName = (typeof dialectNames)[number];

export interface Dialect {
  readonly name: DialectName;
  /** Tiles with a smaller amax are scaled as if it were this. */
  readonly amaxFloor: number;
  /**
   * - times-reciprocal: r(amax · r(1/max)), what PyTorch on CUDA does for a division by a scalar
   * - divide: r(amax / max)
   * - octave: 2^(floor(log2 amax) - floor(log2 max)), OCP MX
   */
  readonly scaleRule: 'times-reciprocal' | 'divide' | 'octave';
  /**
   * - times-inverse: r(v · r(1/scale))
   * - divide: r(v / scale)
   * - times-max-over-amax: r(v · r(r(1/amax) · max))
   */
  readonly codeRule: 'times-inverse' | 'divide' | 'times-max-over-amax';
}

export const dialects: Readonly<Record<DialectName, Dialect>> = {
  /** DeepGEMM's per_token_cast_to_fp8 on PyTorch and CUDA. */
  deepgemm: {
    name: 'deepgemm',
    amaxFloor: 1e-4,
    scaleRule: 'times-reciprocal',
    codeRule: 'times-inverse',
  },
  /** The kernel of DeepSeek-V3's inference code. */
  deepseek: { name: 'deepseek', amaxFloor: 1e-4, scaleRule: 'times-reciprocal', codeRule: 'divide' },
  /** DeepGEMM before mid 2025. */
  reciprocal: {
    name: 'reciprocal',
    amaxFloor: 1e-4,
    scaleRule: 'times-reciprocal',
    codeRule: 'times-max-over-amax',
  },
  /** One correctly rounded division each; no floor. */
  ieee: { name: 'ieee', amaxFloor: 0, scaleRule: 'divide', codeRule: 'divide' },
  /** OCP Microscaling Formats 1.0. */
  mx: { name: 'mx', amaxFloor: 0, scaleRule: 'octave', codeRule: 'divide' },
};

/** A dialect, and whether its scales are rounded up to powers of two. */
export interface Scaling {
  readonly dialect: Dialect;
  /** Scales are rounded up to 2^k. Always so for mx, whose scales are powers of two already. */
  readonly powerOfTwo: boolean;
}

/**
 * The scaling to use for a granularity; e8m0 scales are powers of two and default to mx, others to deepgemm.
 * @throws ArgumentError if the dialect does not exist or does not fit
 */
export function chooseScaling(
  granularity: Granularity,
  dialectName: string | undefined,
  powerOfTwo: boolean | undefined,
): Scaling {
  if (powerOfTwo !== undefined && typeof powerOfTwo !== 'boolean')
    throw new ArgumentError('powerOfTwo', powerOfTwo, 'true or false');
  const e8m0Scales = granularity.scaleFormat === 'e8m0';
  const name = dialectName ?? (e8m0Scales ? 'mx' : 'deepgemm');
  if (!Object.hasOwn(dialects, name)) throw new ArgumentError('dialect', name, dialectNames.join(', '));
  const dialect = dialects[name as DialectName];
  if (e8m0Scales && powerOfTwo === false)
    throw new ArgumentError(
      'powerOfTwo',
      false,
      `true with granularity ${granularity.name}: its scales are e8m0`,
    );
  if (dialect.scaleRule === 'octave' && !e8m0Scales)
    throw new ArgumentError(
      'dialect',
      name,
      `mx with granularity 1x32 or 32x1 only, not with ${granularity.name}`,
    );
  return { dialect, powerOfTwo: powerOfTwo ?? e8m0Scales };
}
