/** @file Which granularity scales in a file have: it follows from their shape and type, or is asked for. */

import { ArgumentError, FileError } from '../errors.js';
import {
  type Granularity,
  granularityByName,
  granularityNames,
  scaleShape,
} from '../quantize/granularity.js';
import type { ScaleArray } from './matrix-file.js';

/** A rows × cols matrix and the scales that a file holds for it. */
export interface ScaledShape {
  readonly rows: number;
  readonly cols: number;
  readonly scales: ScaleArray;
  /** The scales' file. */
  readonly file: string;
  /** How the caller spells the granularity's argument, for messages. */
  readonly argument: string;
}

/**
 * The granularity of scales: `asked`, if it fits, or the one that fits.
 *
 * Where several fit, they may say the same: a scale for a row and a scale for 1×128 are one thing when K is 128
 * or less. The first of these is taken. (n) alone can be n rows or n tiles of one row of blocks; that is asked.
 *
 * @throws FileError if the scales fit no granularity, or not the one asked for; ArgumentError if they fit
 * several that differ
 */
export function matchGranularity(shape: ScaledShape, asked: string | undefined): Granularity {
  const { scales, file, argument, rows, cols } = shape;
  if (asked !== undefined) {
    const granularity = granularityByName(asked, argument);
    if (fits(granularity, shape)) return granularity;
    throw new FileError(
      `${file} holds ${described(scales)}; granularity ${asked} of a ${rows} x ${cols} matrix takes ${expected(granularity, shape)}`,
    );
  }
  const candidates = granularityNames
    .map((name) => granularityByName(name))
    .filter((granularity) => fits(granularity, shape));
  const [first] = candidates;
  if (!first) {
    const all = granularityNames.map((name) => `${name} ${expected(granularityByName(name), shape)}`);
    throw new FileError(
      `${file} holds ${described(scales)}, which fits no granularity of a ${rows} x ${cols} matrix: ${all.join(', ')}`,
    );
  }
  if (candidates.some((other) => !sameTiles(first, other, rows, cols)))
    throw new ArgumentError(
      argument,
      undefined,
      `${candidates.map(({ name }) => name).join(' or ')}, since ${file} holds ${described(scales)} and fits each: say which`,
    );
  return first;
}

/** Ones for every scale: what missing scales mean. */
export function unitScales(granularity: Granularity, rows: number, cols: number): ScaleArray {
  const { scaleRows, scaleCols } = scaleShape(granularity, rows, cols);
  const count = scaleRows * scaleCols;
  // 127 is e8m0's 2^0.
  const scales =
    granularity.scaleFormat === 'e8m0' ? new Uint8Array(count).fill(127) : new Float32Array(count).fill(1);
  return { shape: [scaleRows, scaleCols], scales };
}

function fits(granularity: Granularity, { rows, cols, scales }: ScaledShape): boolean {
  if ((granularity.scaleFormat === 'e8m0') !== scales.scales instanceof Uint8Array) return false;
  const { scaleRows, scaleCols } = scaleShape(granularity, rows, cols);
  const [first, second] = scales.shape;
  if (first === undefined) return scaleRows * scaleCols === 1;
  if (second === undefined)
    return (scaleRows === 1 || scaleCols === 1) && first === Math.max(scaleRows, scaleCols);
  return first === scaleRows && second === scaleCols;
}

/**
 * Whether both granularities give every element of a rows × cols matrix the same scale of the same array. Their
 * tiles have 1, 128 or all rows and 128 or all columns: equal counts of them are equal tiles.
 */
function sameTiles(a: Granularity, b: Granularity, rows: number, cols: number): boolean {
  const shapes = [scaleShape(a, rows, cols), scaleShape(b, rows, cols)] as const;
  return shapes[0].scaleRows === shapes[1].scaleRows && shapes[0].scaleCols === shapes[1].scaleCols;
}

function expected(granularity: Granularity, { rows, cols }: ScaledShape): string {
  const { scaleRows, scaleCols } = scaleShape(granularity, rows, cols);
  return `${scaleRows} x ${scaleCols} of ${typeName(granularity.scaleFormat)}`;
}

function described({ shape, scales }: ScaleArray): string {
  const type = typeName(scales instanceof Uint8Array ? 'e8m0' : 'f32');
  if (shape.length === 0) return `one scale of ${type}`;
  return `${shape.join(' x ')} scale${scales.length === 1 ? '' : 's'} of ${type}`;
}

function typeName(scaleFormat: Granularity['scaleFormat']): string {
  return scaleFormat === 'e8m0' ? 'u1 (e8m0)' : 'f4';
}
