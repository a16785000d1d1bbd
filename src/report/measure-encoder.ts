/** @file Everything the report says about the sentence encoder, measured on one adapter. */

import type { Context } from '../context.js';
import { type Encoder, linears, spreadTokens } from '../model/encoder.js';
import { traceInF64 } from '../model/trace.js';
import type { EncoderData } from './data.js';
import { layerSteps, measureLayers, schemes } from './layers.js';
import { formatSteps, measureFormats, measureOutliers, outlierSteps } from './scaling.js';

/** Calls of `tick` by measureEncoder. */
export function encoderSteps(encoder: Encoder): number {
  return linears(encoder).length + layerSteps(encoder) + outlierSteps + formatSteps;
}

/**
 * Runs the encoder in f64 and in FP8.
 * @param model where its weights were read
 * @param rows how many tokens
 * @param tick called after each step of the work
 * @throws ArgumentError if there are not so many tokens
 */
export async function measureEncoder(
  context: Context,
  encoder: Encoder,
  model: string,
  rows: number,
  tick: () => void,
): Promise<EncoderData> {
  const trace = await traceInF64(encoder, spreadTokens(encoder, rows), tick);
  const { layers, embeddings } = await measureLayers(context, encoder, trace, tick);
  return {
    model,
    rows,
    schemes,
    layers,
    embeddings,
    outliers: await measureOutliers(context, trace, tick),
    formats: await measureFormats(context, trace, layers, tick),
  };
}
