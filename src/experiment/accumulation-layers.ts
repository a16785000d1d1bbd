/**
 * @file The accumulator's error on the layers of a trained model, in the two ways their products are computed in FP8.
 */

import type { Context } from '../context.js';
import type { GranularityName } from '../quantize/granularity.js';
import { accumulatorErrors, type ErrorFigures, type Orders, overDraws } from './accumulator-error.js';
import { quantized, type Subject } from './subject.js';

/** One layer for each K there is in the sentence encoder: 256, 512 and 1536. */
export const accumulationLayers = ['layer 0 value', 'layer 1 value', 'layer 0 feed-forward out'] as const;

/** What shares a scale. Tiles need promotion where they end, one scale for all of a matrix needs none. */
export const layerScales = ['tensor', 'tiles'] as const;
export type LayerScales = (typeof layerScales)[number];

const granularities: Readonly<Record<LayerScales, readonly [GranularityName, GranularityName]>> = {
  tensor: ['tensor', 'tensor'],
  tiles: ['1x128', '128x128'],
};
/** Columns of a tile. */
const tileCols = 128;

export type LayerErrorRow = ErrorFigures & {
  readonly data: string;
  readonly scales: LayerScales;
  readonly k: number;
};

/** Quantises a layer's activations and weights to e4m3 with both kinds of scales, and multiplies their codes. */
export async function measureLayerErrors(
  context: Context,
  { name, activations, weights }: Subject,
  { accumulators, promotes }: Orders,
): Promise<LayerErrorRow[]> {
  const rows: LayerErrorRow[] = [];
  for (const scales of layerScales) {
    const [left, right] = granularities[scales];
    const errors = await accumulatorErrors(
      context,
      await quantized(context, activations, { format: 'e4m3', granularity: left }),
      await quantized(context, weights, { format: 'e4m3', granularity: right }),
      {
        accumulators,
        promotes: promotes.filter(
          (promote) => scales === 'tensor' || (promote !== 'none' && promote <= tileCols),
        ),
      },
    );
    rows.push(
      ...overDraws([errors]).map((figures) => ({ data: name, scales, k: activations.cols, ...figures })),
    );
  }
  return rows;
}
