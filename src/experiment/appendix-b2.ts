/**
 * @file The study of appendix B.2 of the DeepSeek-V3 report in small: gradients whose size depends on the token, in
 * 1×128 tiles or in 128×128 blocks, by training step and by depth.
 */

import { multiplyInF64 } from '../arithmetic/f64-product.js';
import type { Context } from '../context.js';
import { matrix } from '../matrix.js';
import type { GranularityName } from '../quantize/granularity.js';
import { sqnr } from '../report/metrics.js';
import { decimal, percent, significant } from '../report/number.js';
import { dequantizeInF64 } from '../report/statistics.js';
import { randomValue } from '../verify/random.js';
import { streamSeed } from './data.js';
import { distinct, findRow } from './rows.js';
import type { Column, PageTable, Size, Study } from './study.js';
import { quantized } from './subject.js';

export interface GradientsSetting {
  readonly tokens: number;
  readonly width: number;
  readonly layers: number;
  readonly steps: number;
}

export const gradientsSettings: Readonly<Record<Size, GradientsSetting>> = {
  small: { tokens: 128, width: 128, layers: 4, steps: 8 },
  full: { tokens: 256, width: 256, layers: 8, steps: 60 },
};

/**
 * One token in this many weighs more in the loss than the others, by this factor: their gradients then lie at the lower
 * end of e4m3's 18 octaves, where they share a scale.
 */
const outlierEvery = 64;
const outlierWeight = 2 ** 16;
/** A step changes each layer's weights by this share of their root mean square. */
const rate = 0.02;

const grains = ['tiles', 'blocks'] as const;
type Grain = (typeof grains)[number];
const granularities: Readonly<Record<Grain, GranularityName>> = { tiles: '1x128', blocks: '128x128' };

export type GradientsRow = {
  readonly step: number;
  readonly gradients: Grain;
  readonly first_median: number;
  readonly last: number;
  readonly last_median: number;
  readonly underflow: number;
  readonly loss: number;
  readonly loss_f64: number;
  readonly drift: number;
};

const columns: readonly Column<keyof GradientsRow>[] = [
  { name: 'step', meaning: 'training steps done' },
  { name: 'gradients', meaning: 'dy of Dgrad in 1x128 tiles, or in 128x128 blocks' },
  { name: 'first_median', meaning: "signal to noise of dx of the last layer, the tokens' median, dB" },
  { name: 'last', meaning: 'of dx of the first layer, behind all others, dB' },
  { name: 'last_median', meaning: "the same, the tokens' median, dB" },
  { name: 'underflow', meaning: 'share of the gradients of the output that became zero' },
  { name: 'loss', meaning: 'mean loss of a token, outliers not weighed more' },
  { name: 'loss_f64', meaning: 'the same where gradients are f64' },
  {
    name: 'drift',
    meaning: 'distance of the weights from those trained in f64, over the way these have gone',
  },
];

/** Weights of layers, outputs × inputs each. */
type Weights = readonly Float64Array[];

/** Computes both ways of quantising Dgrad beside training in f64. */
export async function measureGradients(
  context: Context,
  setting: GradientsSetting,
  seed: number,
): Promise<GradientsRow[]> {
  const network = new Network(setting, seed);
  const start = network.weights(0);
  const teacher = network.weights(1);
  let exact = start;
  const trained: Record<Grain, Weights> = { tiles: start, blocks: start };
  const rows: GradientsRow[] = [];
  for (let step = 1; step <= setting.steps; step++) {
    const batch = network.batch(step, teacher);
    const { gradients } = await network.backward(exact, batch);
    exact = network.update(exact, gradients);
    for (const grain of grains) {
      const weights = trained[grain];
      const wanted = await network.backward(weights, batch);
      const dgrad = (dy: Float64Array, w: Float64Array) =>
        network.quantizedDgrad(context, dy, w, granularities[grain]);
      const actual = await network.backward(weights, batch, dgrad);
      trained[grain] = network.update(weights, actual.gradients);
      const [output] = actual.chain as [Float64Array];
      const codes = await network.quantize(context, output, granularities[grain]);
      rows.push({
        step,
        gradients: grain,
        first_median: network.medianToken(actual.chain[1], wanted.chain[1]),
        last: sqnr(actual.chain.at(-1) ?? [], wanted.chain.at(-1) ?? []),
        last_median: network.medianToken(actual.chain.at(-1), wanted.chain.at(-1)),
        underflow: output.filter((value, i) => value !== 0 && codes[i] === 0).length / output.length,
        loss: network.loss(trained[grain], batch),
        loss_f64: network.loss(exact, batch),
        drift: distance(trained[grain], exact) / distance(exact, start),
      });
    }
  }
  return rows;
}

interface Batch {
  readonly inputs: Float64Array;
  readonly targets: Float64Array;
}

type Dgrad = (dy: Float64Array, w: Float64Array) => Promise<Float64Array>;

/** Square layers with relu between them, in f64 but for what is asked otherwise. */
class Network {
  constructor(
    readonly setting: GradientsSetting,
    readonly seed: number,
  ) {}

  /** Random weights that keep the size of what passes through. */
  weights(stream: number): Weights {
    const { width, layers } = this.setting;
    return Array.from({ length: layers }, (_, layer) =>
      this.#normal(width * width, 40 + stream * 8 + layer).map((value) => value * Math.sqrt(2 / width)),
    );
  }

  /** Fresh inputs, and what the teacher makes of them. */
  batch(step: number, teacher: Weights): Batch {
    const { tokens, width } = this.setting;
    const inputs = this.#normal(tokens * width, 60, step * tokens * width);
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

  #normal(count: number, stream: number, from = 0): Float64Array {
    return Float64Array.from({ length: count }, (_, i) =>
      randomValue(from + i, streamSeed(this.seed, stream), 'normal'),
    );
  }
}

function norm(values: Float64Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}

function distance(a: Weights, b: Weights): number {
  return norm(
    Float64Array.from(
      a.flatMap((layer, n) => [norm(layer.map((value, i) => value - ((b[n] as Float64Array)[i] as number)))]),
    ),
  );
}

export const gradients: Study = {
  name: 'gradients',
  summary:
    'Dgrad with 1x128 tiles against 128x128 blocks, gradients of some tokens much larger, by training step',
  question:
    'Block-wise quantisation of the tensors of Dgrad made a 16B model diverge, and the DeepSeek-V3 report puts it down ' +
    'to gradients that differ in size between tokens (arXiv 2412.19437, appendix B.2). In small: layers with relu learn ' +
    'a teacher, and some tokens weigh much more in the loss, which makes their gradients larger; weight gradients undo ' +
    'that, so that every token teaches the same. Only dy of Dgrad differs between the two ways, the weights being in ' +
    '128x128 blocks; weight gradients and sums are f64. How much of the gradient is left after one layer ' +
    'and after all, and how far do the weights drift from training in f64?',
  usesEncoder: false,

  async run({ context, seed }, size) {
    const setting = gradientsSettings[size];
    const rows = await measureGradients(context, setting, seed);
    const steps = distinct(rows, 'step');
    return {
      setting: [
        ['network', `${setting.layers} layers of ${setting.width} x ${setting.width}, relu between them`],
        [
          'tokens in a step',
          `${setting.tokens}, fresh N(0, 1) inputs; one in ${outlierEvery} weighs ${outlierWeight} times`,
        ],
        ['steps', `${setting.steps}, each layer moved by ${percent(rate)} of its weights' norm`],
        ['codes', 'e4m3, dialect ieee'],
      ],
      columns,
      rows,
      chart: {
        kind: 'line',
        label:
          "the tokens' median SQNR of dx behind the first layer, and behind the last, against the training step",
        categories: steps.map(String),
        categoryName: 'training step',
        value: { name: 'SQNR, dB' },
        series: grains.flatMap((grain) =>
          (['first_median', 'last_median'] as const).map((column) => ({
            name: `${grain}, ${column === 'first_median' ? 'one layer' : `${setting.layers} layers`}`,
            values: steps.map((step) => findRow(rows, { step, gradients: grain })?.[column] ?? Number.NaN),
          })),
        ),
      },
      tables: grains.map((grain) => table(grain, rows)),
      conclusions: conclusions(rows, setting),
    };
  },
};

function table(grain: Grain, rows: readonly GradientsRow[]): PageTable {
  return {
    caption: `dy in ${grain === 'tiles' ? '1x128 tiles' : '128x128 blocks'}`,
    head: [
      'step',
      'one layer, median dB',
      'all, dB',
      'all, median dB',
      'underflow',
      'loss',
      'loss in f64',
      'drift',
    ],
    rows: rows
      .filter((row) => row.gradients === grain)
      .map((row) => [
        String(row.step),
        ...[row.first_median, row.last, row.last_median].map((value) => decimal(value, 1)),
        percent(row.underflow),
        ...[row.loss, row.loss_f64].map((value) => significant(value, 4)),
        percent(row.drift),
      ]),
  };
}

function conclusions(rows: readonly GradientsRow[], { steps, layers }: GradientsSetting): string[] {
  const [tiles, blocks] = grains.map((grain) => findRow(rows, { step: steps, gradients: grain }));
  if (!tiles || !blocks) return [];
  const lost = (row: GradientsRow) => (row.last_median === Infinity ? 'all' : decimal(row.last_median, 1));
  return [
    `After ${layers} layers the median token's gradient has ${lost(tiles)} dB with tiles and ${lost(blocks)} dB with ` +
      `blocks, in which ${percent(blocks.underflow)} of the output's gradients became zero (${percent(tiles.underflow)} in tiles).`,
    `After ${steps} steps the weights have drifted from those of f64 by ${percent(tiles.drift)} of their way with tiles, ` +
      `by ${percent(blocks.drift)} with blocks; the loss is ${significant(tiles.loss, 4)} and ${significant(blocks.loss, 4)}, ` +
      `in f64 ${significant(tiles.loss_f64, 4)}.`,
  ];
}
