/** @file A quantised matrix in host memory. */

import { ArgumentError, requireCount } from '../errors.js';
import { decode } from '../format/decode.js';
import { codeCount, type Format } from '../format/format.js';
import { asFormat, e8m0, type FormatName } from '../format/formats.js';
import type { Codes } from '../format/pack.js';
import { asGranularity, type Granularity, type GranularityName, scaleShape } from './granularity.js';

/** f32 scales, or e8m0 codes for a granularity that keeps its scales so. */
export type Scales = Float32Array | Uint8Array;

/**
 * Codes and the scales that give them their size: value(r, c) = decode(codes[r·cols + c]) · scale of the tile
 * that holds (r, c). Cannot be built inconsistent.
 */
export class QuantizedMatrix {
  readonly format: Format;
  readonly granularity: Granularity;
  /** Scales along the rows and the columns; `scales` is row-major. */
  readonly scaleRows: number;
  readonly scaleCols: number;

  /**
   * @param codes row-major, one code to an element; not copied
   * @param scales row-major, scaleRows × scaleCols; not copied
   * @throws ArgumentError naming what does not fit
   */
  constructor(
    readonly rows: number,
    readonly cols: number,
    format: Format | FormatName,
    granularity: Granularity | GranularityName,
    readonly codes: Codes,
    readonly scales: Scales,
  ) {
    requireCount('rows', rows);
    requireCount('cols', cols);
    this.format = asFormat(format);
    this.granularity = asGranularity(granularity);
    if (this.format.name === 'e8m0') throw new ArgumentError('format', 'e8m0', 'a format with a sign');
    const { scaleRows, scaleCols } = scaleShape(this.granularity, rows, cols);
    this.scaleRows = scaleRows;
    this.scaleCols = scaleCols;

    const count = codeCount(this.format);
    const wide = count > 256;
    if (!(wide ? codes instanceof Uint16Array : codes instanceof Uint8Array))
      throw new ArgumentError(
        'codes',
        codes,
        `a ${wide ? 'Uint16Array' : 'Uint8Array'} for ${this.format.name}`,
      );
    if (codes.length !== rows * cols)
      throw new ArgumentError('codes.length', codes.length, `rows * cols = ${rows * cols}`);
    // Where every element of the array is a code, there is nothing to look for.
    const beyond =
      count === 2 ** (8 * codes.BYTES_PER_ELEMENT) ? -1 : codes.findIndex((code: number) => code >= count);
    if (beyond >= 0)
      throw new ArgumentError(`codes[${beyond}]`, codes[beyond], `0 to ${count - 1} for ${this.format.name}`);

    const e8m0Scales = this.granularity.scaleFormat === 'e8m0';
    if (!(e8m0Scales ? scales instanceof Uint8Array : scales instanceof Float32Array))
      throw new ArgumentError(
        'scales',
        scales,
        `a ${e8m0Scales ? 'Uint8Array of e8m0 codes' : 'Float32Array'} for granularity ${this.granularity.name}`,
      );
    if (scales.length !== scaleRows * scaleCols)
      throw new ArgumentError(
        'scales.length',
        scales.length,
        `${scaleRows} x ${scaleCols} = ${scaleRows * scaleCols} for granularity ${this.granularity.name}`,
      );
    Object.freeze(this);
  }

  /** The scales as numbers, e8m0 codes decoded. */
  scaleValues(): Float32Array {
    if (this.scales instanceof Float32Array) return this.scales;
    return Float32Array.from(this.scales, (code) => decode(e8m0, code));
  }
}

/**
 * A user's quantised matrix.
 * @throws ArgumentError naming `argument` if it is none
 */
export function asQuantizedMatrix(source: QuantizedMatrix, argument: string): QuantizedMatrix {
  if (!(source instanceof QuantizedMatrix))
    throw new ArgumentError(argument, source, 'a QuantizedMatrix, as quantize() gives');
  return source;
}
