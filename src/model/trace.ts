/** @file The sentence encoder's layers as they run in the reference, each with its input and output. */

import { type Activations, type Encoder, encode, type Linear } from './encoder.js';
import { applyInF64 } from './f64-layer.js';

/** A layer as it runs in the reference. */
export interface LayerTrace {
  readonly linear: Linear;
  readonly input: Activations;
  readonly output: Float64Array;
}

/** The whole encoder in f64. */
export interface Trace {
  readonly tokens: readonly number[];
  readonly layers: readonly LayerTrace[];
  readonly embeddings: Activations;
}

/**
 * Runs the encoder in f64 and keeps every layer's input and output.
 * @param tick called after each layer
 */
export async function traceInF64(
  encoder: Encoder,
  tokens: readonly number[],
  tick: () => void,
): Promise<Trace> {
  const layers: LayerTrace[] = [];
  const embeddings = await encode(encoder, tokens, async (linear, input) => {
    const output = await applyInF64(linear, input);
    layers.push({ linear, input, output });
    tick();
    return output;
  });
  return { tokens, layers, embeddings };
}
