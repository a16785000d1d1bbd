/** @file How many elements share a scale. */

import { ArgumentError, requireCount } from '../errors.js';

/** Names of the granularities that kernels multiply; rows × columns of the tile that shares a scale. */
export const granularityNames = ['tensor', 'row', '1x128', '128x128', '1x32'] as const;
/** Those whose tiles go down the columns: what the others become when their matrix is transposed. */
export const columnGranularityNames = ['column', '128x1', '32x1'] as const;
export const allGranularityNames = [...granularityNames, ...columnGranularityNames] as const;
export type GranularityName = (typeof allGranularityNames)[number];

/** The tile that shares one scale, and how the scale is kept. */
export interface Granularity {
  readonly name: GranularityName | (string & {});
  /** Rows of a tile; Infinity for all. */
  readonly tileRows: number;
  /** Columns of a tile (along K); Infinity for all. */
  readonly tileCols: number;
  /** f32 scales, or e8m0 codes (OCP MX). */
  readonly scaleFormat: 'f32' | 'e8m0';
}

const scaleFormats: readonly Granularity['scaleFormat'][] = ['f32', 'e8m0'];

const all: Record<GranularityName, Granularity> = {
  /** One scale for the whole matrix. */
  tensor: { name: 'tensor', tileRows: Infinity, tileCols: Infinity, scaleFormat: 'f32' },
  /** One scale a row. */
  row: { name: 'row', tileRows: 1, tileCols: Infinity, scaleFormat: 'f32' },
  /** DeepSeek-V3's activations. */
  '1x128': { name: '1x128', tileRows: 1, tileCols: 128, scaleFormat: 'f32' },
  /** DeepSeek-V3's weights. */
  '128x128': { name: '128x128', tileRows: 128, tileCols: 128, scaleFormat: 'f32' },
  /** OCP MX: power-of-two scales in e8m0. */
  '1x32': { name: '1x32', tileRows: 1, tileCols: 32, scaleFormat: 'e8m0' },
  column: { name: 'column', tileRows: Infinity, tileCols: 1, scaleFormat: 'f32' },
  /** DeepSeek-V3's activations in the backward pass, where the sum goes along the rows. */
  '128x1': { name: '128x1', tileRows: 128, tileCols: 1, scaleFormat: 'f32' },
  '32x1': { name: '32x1', tileRows: 32, tileCols: 1, scaleFormat: 'e8m0' },
};

/**
 * The granularity of that name.
 * @throws ArgumentError naming `argument` if there is none
 */
export function granularityByName(name: string, argument = 'granularity'): Granularity {
  if (!Object.hasOwn(all, name)) throw new ArgumentError(argument, name, allGranularityNames.join(', '));
  return all[name as GranularityName];
}

/**
 * A granularity given as itself or by its name.
 * @throws ArgumentError naming `argument` if there is none of that name, or its tile or scale format is none
 */
export function asGranularity(granularity: Granularity | string, argument = 'granularity'): Granularity {
  if (typeof granularity === 'string') return granularityByName(granularity, argument);
  if (typeof granularity !== 'object' || granularity === null)
    throw new ArgumentError(
      argument,
      granularity,
      `a descriptor or a name: ${allGranularityNames.join(', ')}`,
    );
  if (typeof granularity.name !== 'string' || !granularity.name)
    throw new ArgumentError(`${argument}.name`, granularity.name, 'a name');
  if (!scaleFormats.includes(granularity.scaleFormat))
    throw new ArgumentError(`${argument}.scaleFormat`, granularity.scaleFormat, scaleFormats.join(', '));
  for (const side of ['tileRows', 'tileCols'] as const)
    if (granularity[side] !== Infinity) requireCount(`${argument}.${side}`, granularity[side]);
  return granularity;
}

/** The granularity that a matrix has when it is transposed: tiles as wide as they were high. */
export function transposedGranularity({ tileRows, tileCols, scaleFormat }: Granularity): Granularity {
  const turned = { tileRows: tileCols, tileCols: tileRows, scaleFormat };
  const known = Object.values(all).find(
    (one) =>
      one.tileRows === turned.tileRows && one.tileCols === turned.tileCols && one.scaleFormat === scaleFormat,
  );
  const side = (length: number) => (length === Infinity ? 'all' : length);
  return known ?? { name: `${side(turned.tileRows)}x${side(turned.tileCols)}`, ...turned };
}

/** Scales along the rows and along the columns of a rows × cols matrix. */
export function scaleShape(
  granularity: Granularity,
  rows: number,
  cols: number,
): { scaleRows: number; scaleCols: number } {
  return {
    scaleRows: granularity.tileRows === Infinity ? 1 : Math.ceil(rows / granularity.tileRows),
    scaleCols: granularity.tileCols === Infinity ? 1 : Math.ceil(cols / granularity.tileCols),
  };
}

/** The index in the scales of the scale of element (row, col). */
export function scaleIndex(granularity: Granularity, scaleCols: number, row: number, col: number): number {
  const scaleRow = granularity.tileRows === Infinity ? 0 : Math.floor(row / granularity.tileRows);
  const scaleCol = granularity.tileCols === Infinity ? 0 : Math.floor(col / granularity.tileCols);
  return scaleRow * scaleCols + scaleCol;
}
