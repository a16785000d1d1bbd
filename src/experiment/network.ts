/**
 * @file A small network that learns a teacher, in f64 but for the operands of Dgrad: what studies of gradients train.
 */

import { multiplyInF64 } from '../arithmetic/f64-product.js';
import type { Context } from '../context.js';
import { ArgumentError } from '../errors.js';
import { matrix } from '../matrix.js';
import type { GranularityName } from '../quantize/granularity.js';
import { sqnr } from '../report/metrics.js';
import { dequantizeInF64 } from '../report/statistics.js';
import { randomValue } from '../verify/random.js';
import { streamSeed, streams } from './data.js';
import { quantized } from './subject.js';

export interface NetworkSetting {
  readonly tokens: number;
  readonly width: number;
  readonly layers: number;
  readonly steps: number;
}

/**
 * One token in this many weighs more in the loss than the others, by this factor: their gradients then lie at the lower
 * end of e4m3's 18 octaves, where they share a scale.
 */
export const outlierEvery = 64;
export const outlierWeight = 2 ** 16;
/** A step changes each layer's weights by this share of their root mean square. */
export const rate = 0.02;

/** Weights of layers, outputs × inputs each. */
export type Weights = readonly Float64Array[];

/** What a step learns from. */
export interface Batch {
  readonly inputs: Float64Array;
  readonly targets: Float64Array;
}

/** Streams of the network's weights, two sets of at most so many layers, and of its inputs. */
const weightStreams = 40;
const mostLayers = 8;
const inputStream = 60;

type Dgrad = (dy: Float64Array, w: Float64Array) => Promise<Float64Array>;

/** Square layers with relu between them, in f64 but for what is asked otherwise. */
export class Network {
  constructor(
    readonly setting: NetworkSetting,
    readonly seed: number,
  ) {
    if (setting.layers > mostLayers)
      throw new ArgumentError('setting.layers', setting.layers, `at most ${mostLayers}`);
  }

  /** Random weights that keep the size of what passes through: one of two sets. */
  weights(set: 0 | 1): Weights {
    const { width, layers } = this.setting;
    return Array.from({ length: layers }, (_, layer) =>
      this.#normal(width * width, weightStreams + set * mostLayers + layer).map(
        (value) => value * Math.sqrt(2 / width),
      ),
    );
  }

  /** Fresh inputs, and what the teacher makes of them. */
  batch(step: number, teacher: Weights): Batch {
    const { tokens, width } = this.setting;
    const inputs = this.#normal(tokens * width, inputStream, step * tokens * width);
    return { inputs, targets: this.#forward(teacher, inputs).at(-1) as Float64Array };
  }

  /** Half of the squared error, a token's mean. */
  loss(weights: Weights, { inputs, targets }: Batch): number {
    const outputs = this.#forward(weights, inputs).at(-1) as Float64Array;
    const squares = outputs.reduce((sum, value, i) => sum + (value - (targets[i] as number)) ** 2, 0);
    return squares / 2 / this.setting.tokens;
  }

  /**
   * The gradients of the weighed loss that pass between layers, the output first; and each layer's weight gradients,
   * in which every token counts the same again.
   * @param dgrad dy · w; by default in f64
   */
  async backward(
    weights: Weights,
    { inputs, targets }: Batch,
    dgrad: Dgrad = async (dy, w) => this.#times(dy, this.#turn(w)),
  ): Promise<{ gradients: Weights; chain: Float64Array[] }> {
    const { width, tokens } = this.setting;
    const values = this.#forward(weights, inputs);
    let dy: Float64Array = (values.at(-1) as Float64Array).map(
      (value, i) => ((value - (targets[i] as number)) * this.#weight(i)) / tokens,
    );
    const chain = [dy];
    const gradients: Float64Array[] = [];
    for (let layer = weights.length - 1; layer >= 0; layer--) {
      const input = values[layer] as Float64Array;
      const unweighed = dy.map((value, i) => value / this.#weight(i));
      gradients.unshift(multiplyInF64(this.#turn(unweighed), this.#turn(input), width, width, tokens));
      const dx = await dgrad(dy, weights[layer] as Float64Array);
      // Behind the first layer there is no relu.
      dy = layer === 0 ? dx : dx.map((value, i) => ((input[i] as number) > 0 ? value : 0));
      chain.push(dy);
    }
    return { gradients, chain };
  }

  /** One step against the gradients, of the same relative size in every layer. */
  update(weights: Weights, gradients: Weights): Weights {
    return weights.map((layer, n) => {
      const gradient = gradients[n] as Float64Array;
      const size = (rate * norm(layer)) / (norm(gradient) || 1);
      return layer.map((value, i) => value - size * (gradient[i] as number));
    });
  }

  /** dy · w, dy in e4m3 with these scales and w in e4m3 with 128×128 blocks; summed in f64. */
  async quantizedDgrad(
    context: Context,
    dy: Float64Array,
    w: Float64Array,
    granularity: GranularityName,
  ): Promise<Float64Array> {
    const left = await this.quantize(context, dy, granularity);
    return this.#times(left, this.#turn(await this.quantize(context, w, '128x128')));
  }

  /** What e4m3 makes of values. */
  async quantize(
    context: Context,
    values: Float64Array,
    granularity: GranularityName,
  ): Promise<Float64Array> {
    const { width } = this.setting;
    const source = matrix(values.length / width, width, Float32Array.from(values));
    return dequantizeInF64(await quantized(context, source, { granularity, dialect: 'ieee' }));
  }

  /** The lower median of the tokens' SQNR, of the tokens that have a gradient. */
  medianToken(actual: Float64Array = new Float64Array(), wanted: Float64Array = actual): number {
    const { width, tokens } = this.setting;
    const rows = Array.from({ length: tokens }, (_, token) => {
      const slice = [token * width, (token + 1) * width] as const;
      return sqnr(actual.subarray(...slice), wanted.subarray(...slice));
    });
    return rows.sort((a, b) => a - b)[Math.floor((tokens - 1) / 2)] as number;
  }

  /** The inputs of each layer, and the output. */
  #forward(weights: Weights, inputs: Float64Array): Float64Array[] {
    const values = [inputs];
    for (const [layer, w] of weights.entries()) {
      const product = this.#times(values[layer] as Float64Array, w);
      values.push(layer + 1 < weights.length ? product.map((value) => Math.max(value, 0)) : product);
    }
    return values;
  }

  /** Rows of tokens times rows of weights. */
  #times(a: Float64Array, b: Float64Array): Float64Array {
    const { width } = this.setting;
    return multiplyInF64(a, b, a.length / width, width, width);
  }

  /** How much the token of an element weighs in the loss. */
  #weight(index: number): number {
    return Math.floor(index / this.setting.width) % outlierEvery === 0 ? outlierWeight : 1;
  }

  /** Columns as rows. */
  #turn(values: Float64Array): Float64Array {
    const { width } = this.setting;
    const rows = values.length / width;
    return Float64Array.from(values, (_, i) => values[(i % rows) * width + Math.floor(i / rows)] as number);
  }

  /** Streams beyond a draw's are those of the next draws, which leaves the first ones to a study's matrices. */
  #normal(count: number, stream: number, from = 0): Float64Array {
    const seed = streamSeed(this.seed, stream % streams, Math.floor(stream / streams));
    return Float64Array.from({ length: count }, (_, i) => randomValue(from + i, seed, 'normal'));
  }
}

function norm(values: Float64Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}

/** The length of the difference of two networks' weights. */
export function distance(a: Weights, b: Weights): number {
  return norm(
    Float64Array.from(
      a.flatMap((layer, n) => [norm(layer.map((value, i) => value - ((b[n] as Float64Array)[i] as number)))]),
    ),
  );
}
