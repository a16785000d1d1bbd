/**
 * @file The study of appendix B.2 of the DeepSeek-V3 report in small: gradients whose size depends on the token, in
 * 1×128 tiles or in 128×128 blocks, by training step and by depth.
 */

import type { Context } from '../context.js';
import type { GranularityName } from '../quantize/granularity.js';
import { sqnr } from '../report/metrics.js';
import { decimal, percent, significant } from '../report/number.js';
import {
  distance,
  Network,
  type NetworkSetting,
  outlierEvery,
  outlierWeight,
  rate,
  type Weights,
} from './network.js';
import { distinct, findRow } from './rows.js';
import type { Column, PageTable, Size, Study } from './study.js';

export const gradientsSettings: Readonly<Record<Size, NetworkSetting>> = {
  small: { tokens: 128, width: 128, layers: 4, steps: 8 },
  full: { tokens: 256, width: 256, layers: 8, steps: 60 },
};

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

/** Computes both ways of quantising Dgrad beside training in f64. */
export async function measureGradients(
  context: Context,
  setting: NetworkSetting,
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

function conclusions(rows: readonly GradientsRow[], { steps, layers }: NetworkSetting): string[] {
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
