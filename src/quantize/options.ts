/** @file What a user may ask of a quantiser, checked and with its defaults filled in. */

import { ArgumentError, requireOptions } from '../errors.js';
import type { Format } from '../format/format.js';
import { asFormat, elementFormats, type FormatName, maxFinite } from '../format/formats.js';
import { chooseScaling, type DialectName, type Scaling } from './dialect.js';
import { asGranularity, type Granularity, type GranularityName } from './granularity.js';
import { factorOf, scaleOf } from './scale.js';

export interface QuantizeOptions {
  /** Element format. Default e4m3. */
  readonly format?: Format | FormatName;
  /** Default 1x128. */
  readonly granularity?: Granularity | GranularityName;
  /** Default deepgemm; mx for 1x32. */
  readonly dialect?: DialectName;
  /** Round scales up to powers of two. Default false; always true for 1x32. */
  readonly powerOfTwo?: boolean;
}

const optionNames = { format: true, granularity: true, dialect: true, powerOfTwo: true } as const;

/** How a matrix is quantised. */
export interface Quantization {
  readonly format: Format;
  readonly granularity: Granularity;
  readonly scaling: Scaling;
}

/** The largest value of a format for e8m0 scales: with one of f32's own range common values have scales near 2^-127. */
const largestWithE8m0 = 2 ** 64;

/**
 * The quantisation that options stand for.
 *
 * A dialect that multiplies by the inverse of a scale needs that inverse to be an f32: with an element format of
 * f32's own range (bf16) the scales of most tiles are so small that it is infinite, and the pair is refused.
 * @throws ArgumentError naming the option that does not exist or does not fit
 */
export function chooseQuantization(options: QuantizeOptions = {}): Quantization {
  requireOptions('options', options, optionNames);
  const format = asFormat(options.format ?? 'e4m3');
  if (format.signBits === 0 || !format.hasZero)
    throw new ArgumentError(
      'format',
      format.name,
      `a format with a sign and a zero: ${elementFormats.join(', ')}`,
    );
  const granularity = asGranularity(options.granularity ?? '1x128');
  const scaling = chooseScaling(granularity, options.dialect, options.powerOfTwo);
  if (!Number.isFinite(factorOf(0, scaleOf(0, format, scaling), format, scaling)))
    throw new ArgumentError(
      'format',
      format.name,
      `with dialect ${scaling.dialect.name}, a format whose scales have an inverse in f32; or a dialect that divides: deepseek, ieee`,
    );
  if (granularity.scaleFormat === 'e8m0' && maxFinite(format) > largestWithE8m0)
    throw new ArgumentError(
      'format',
      format.name,
      `with granularity ${granularity.name}, a format whose largest value is 2^64 at most: with others scales of common values are no normal f32s`,
    );
  return { format, granularity, scaling };
}
