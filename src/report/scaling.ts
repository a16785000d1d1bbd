/**
 * @file Where fine-grained scales matter, on the encoder's layers: with outliers put into a layer's input, and
 * in formats with fewer exponent bits.
 *
 * e4m3 covers 448 / 2^-6, 14.8 octaves, with its full precision and three more with less, so that a scale that
 * is far too large for a tile costs little until the tile falls out of that range.
 */

import type { Context } from '../context.js';
import { ArgumentError } from '../errors.js';
import type { FormatName } from '../format/formats.js';
import { matrix } from '../matrix.js';
import type { Activations, Linear } from '../model/encoder.js';
import { applyInF64 } from '../model/f64-layer.js';
import { withFp8Layers } from '../model/fp8-layer.js';
import type { Trace } from '../model/trace.js';
import type { FormatsData, LayerData, OutlierData } from './data.js';
import { resultOf, schemes } from './layers.js';
import { rootMeanSquare, sqnr } from './metrics.js';

/** Multiples of the input's RMS. */
const strengths = [1, 1e3, 1e4, 1e5, 1e6];
/** The outliers' channel, in the middle of a tile. */
const channel = 200;
/** One token in so many has an outlier. */
const every = 64;
const outlierLayer = 'layer 1 value';

/** Beside e4m3, which the layers ran in before. */
const narrower: readonly FormatName[] = ['e2m3', 'e2m1'];
const formatsLayer = 'layer 0 feed-forward out';

/** Calls of `tick` by measureOutliers. */
export const outlierSteps = schemes.length * strengths.length;
/** Calls of `tick` by measureFormats. */
export const formatSteps = schemes.length * narrower.length;

/**
 * One layer, its input given outliers: one token in 64 gets a value of growing size in one channel, as trained
 * transformers have them in few tokens and few channels (Sun et al., "Massive Activations in Large Language
 * Models", 2024). The channel's weights are set to 0, so that the outliers cannot reach the output: what the
 * output loses, it loses because they share scales with others.
 * @param tick called after each product
 */
export async function measureOutliers(
  context: Context,
  trace: Trace,
  tick: () => void,
): Promise<OutlierData> {
  const layer = named(trace.layers, outlierLayer, ({ linear }) => linear.name);
  const linear = withoutChannel(layer.linear);
  const rms = rootMeanSquare(layer.input.data);
  // Without weights for the channel, all strengths have one and the same reference.
  const reference = await applyInF64(linear, layer.input);
  const lines = [];
  for (const scheme of schemes) {
    const values: number[] = [];
    await withFp8Layers(context, scheme, 'e4m3', async (fp8) => {
      for (const strength of strengths) {
        const input = withOutliers(layer.input, strength * rms);
        values.push(sqnr(await fp8.apply(linear, input), reference));
        tick();
      }
    });
    lines.push({ scheme: scheme.name, sqnr: values });
  }
  const { rows: n, cols: k } = linear.weight;
  return { layer: linear.name, m: layer.input.rows, n, k, channel, every, strengths, lines };
}

/**
 * One layer as it is, in formats with fewer bits of exponent or mantissa.
 * @param layers what measureLayers found, which holds the layer in e4m3
 * @param tick called after each product
 */
export async function measureFormats(
  context: Context,
  trace: Trace,
  layers: readonly LayerData[],
  tick: () => void,
): Promise<FormatsData> {
  const { linear, input, output } = named(trace.layers, formatsLayer, (layer) => layer.linear.name);
  const inE4m3 = named(layers, formatsLayer, ({ name }) => name);
  const lines = [];
  for (const scheme of schemes) {
    const values = [resultOf(inE4m3, scheme.name).output.sqnr];
    for (const format of narrower)
      await withFp8Layers(context, scheme, format, async (fp8) => {
        values.push(sqnr(await fp8.apply(linear, input), output));
        tick();
      });
    lines.push({ scheme: scheme.name, sqnr: values });
  }
  const { rows: n, cols: k } = linear.weight;
  return { layer: linear.name, m: input.rows, n, k, formats: ['e4m3', ...narrower], lines };
}

function named<Layer>(layers: readonly Layer[], name: string, nameOf: (layer: Layer) => string): Layer {
  const layer = layers.find((one) => nameOf(one) === name);
  if (!layer) throw new ArgumentError('layer', name, layers.map(nameOf).join(', '));
  return layer;
}

function withoutChannel(linear: Linear): Linear {
  const { rows, cols, data } = linear.weight;
  const weight = Float32Array.from(data);
  for (let row = 0; row < rows; row++) weight[row * cols + channel] = 0;
  return { ...linear, weight: matrix(rows, cols, weight) };
}

function withOutliers(input: Activations, value: number): Activations {
  const data = input.data.slice();
  for (let row = 0; row < input.rows; row += every) data[row * input.cols + channel] = value;
  return { ...input, data };
}
