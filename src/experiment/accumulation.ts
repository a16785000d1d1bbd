/** @file The study of the accumulator alone: how its error grows with K, and what promotion does about it. */

import { type ProfileName, profiles } from '../accumulate/profile.js';
import type { Context } from '../context.js';
import { unscaled } from '../dataflow/columns.js';
import { e4m3 } from '../format/formats.js';
import type { QuantizedMatrix } from '../quantize/quantized-matrix.js';
import { accumulationLayers, type LayerErrorRow, measureLayerErrors } from './accumulation-layers.js';
import { accumulationChart, accumulationConclusions, accumulationTables } from './accumulation-text.js';
import {
  type AccumulatorError,
  accumulatorErrors,
  type ErrorFigures,
  type Orders,
  overDraws,
} from './accumulator-error.js';
import { type Distribution, distributions, distributionTexts, sample, streamSeed } from './data.js';
import type { Column, Size, Study } from './study.js';
import { encoderSetting, layerSubjects, quantized } from './subject.js';

/** Every combination of these is computed, but for promotion intervals that K does not exceed. */
export interface AccumulationSetting extends Orders {
  /** Rows of both operands: outputs × outputs results. */
  readonly outputs: number;
  /** Ascending. */
  readonly ks: readonly number[];
  readonly distributions: readonly Distribution[];
  /** Pairs of operands that are drawn for each: the worst result differs between them. At most mostDraws. */
  readonly draws: number;
  /** Rows of the activations of a trained model's layers. */
  readonly tokens: number;
}

/** Errors on random data, whose codes have no scales, or on a layer. */
export type AccumulationRow = SyntheticRow | LayerErrorRow;

export type SyntheticRow = ErrorFigures & {
  readonly data: Distribution;
  readonly scales: 'none';
  readonly k: number;
};

const columns: readonly Column<keyof AccumulationRow>[] = [
  { name: 'data', meaning: 'what the operands are drawn from, or the layer they are of' },
  {
    name: 'scales',
    meaning:
      'tensor: one a matrix; tiles: 1x128 for activations, 128x128 for weights; none: random codes, taken as they are',
  },
  { name: 'k', meaning: 'products in each sum' },
  { name: 'accumulator', meaning: 'profile of the matrix instruction' },
  { name: 'promote', meaning: 'elements of K between promotions to an f32 accumulator, or none' },
  {
    name: 'draws',
    meaning: 'pairs of operands that were drawn, one for layers; the figures are the medians over them',
  },
  { name: 'max_over_rms', meaning: 'largest error over the root mean square of the exact results, a ratio' },
  { name: 'max_over_rms_least', meaning: 'the same for the draw where it is least' },
  { name: 'max_over_rms_most', meaning: 'the same for the draw where it is largest' },
  { name: 'max_relative', meaning: 'largest relative error of a result, a ratio' },
  { name: 'max_relative_least', meaning: 'the same for the draw where it is least' },
  { name: 'max_relative_most', meaning: 'the same for the draw where it is largest' },
  { name: 'sqnr', meaning: 'signal to noise of all results, dB' },
];

export const accumulationSettings: Readonly<Record<Size, AccumulationSetting>> = {
  small: {
    outputs: 48,
    ks: [256, 1024, 4096, 16384],
    accumulators: ['hopper-wgmma'],
    promotes: [128, 'none'],
    distributions: ['normal', 'uniform'],
    draws: 5,
    tokens: 48,
  },
  full: {
    outputs: 48,
    ks: [256, 512, 1024, 2048, 4096, 8192, 16384],
    accumulators: Object.keys(profiles) as ProfileName[],
    promotes: [32, 64, 128, 256, 512, 'none'],
    distributions,
    draws: 15,
    tokens: 256,
  },
};

/** Codes as a tensor core gets them from DeepSeek-V3's recipe: the largest of a tile is 448. */
const quantization = { format: e4m3, granularity: '1x128' } as const;

/** Computes every combination of a setting on random data. */
export async function measureAccumulation(
  context: Context,
  setting: AccumulationSetting,
  seed: number,
): Promise<SyntheticRow[]> {
  const rows: SyntheticRow[] = [];
  for (const distribution of setting.distributions) {
    const draws = new Map<number, AccumulatorError[][]>(setting.ks.map((k) => [k, []]));
    for (let draw = 0; draw < setting.draws; draw++) {
      const [a, b] = await drawOperands(context, setting, distribution, seed, draw);
      for (const [k, errors] of draws)
        errors.push(await accumulatorErrors(context, unscaled(a, 0, k), unscaled(b, 0, k), setting));
    }
    for (const [k, errors] of draws)
      rows.push(
        ...overDraws(errors).map((figures) => ({
          data: distribution,
          scales: 'none' as const,
          k,
          ...figures,
        })),
      );
  }
  return rows;
}

/** Two operands for the longest K. */
async function drawOperands(
  context: Context,
  { outputs, ks }: AccumulationSetting,
  distribution: Distribution,
  seed: number,
  draw: number,
): Promise<[QuantizedMatrix, QuantizedMatrix]> {
  const most = Math.max(...ks);
  const stream = 2 * distributions.indexOf(distribution);
  const side = (name: 'activations' | 'weights', own: number) =>
    quantized(context, sample(distribution, name, outputs, most, streamSeed(seed, own, draw)), quantization);
  return [await side('activations', stream), await side('weights', stream + 1)];
}

export const accumulation: Study = {
  name: 'accumulation',
  summary: 'error of the accumulator alone against K, by promotion interval and profile',
  question:
    'How much of a product does the accumulator of an FP8 matrix instruction lose, how does the loss grow with the ' +
    'count of products K, and how much of it does promotion to an f32 accumulator take away? Random operands ' +
    'are codes of e4m3 as quantisation with a scale for each 1x128 tile makes them, the scales then taken as 1. ' +
    'Each result is compared with the exact product of the same codes: quantisation has no part in these errors. Layers of a trained model are quantised with one scale a matrix, ' +
    'which can do without promotion, and with a scale for each tile, which cannot.',
  usesEncoder: true,

  async run(laboratory, size) {
    const { context, seed } = laboratory;
    const setting = accumulationSettings[size];
    const rows: AccumulationRow[] = await measureAccumulation(context, setting, seed);
    for (const subject of await layerSubjects(laboratory, setting.tokens, accumulationLayers))
      rows.push(...(await measureLayerErrors(context, subject, setting)));
    return {
      setting: [
        ['results', `${setting.outputs} x ${setting.outputs} for each line and draw`],
        [
          'draws',
          `${setting.draws} pairs of operands for each line: figures are their medians, ranges those of all draws`,
        ],
        ['K', `${setting.ks.join(', ')}; a shorter K is the beginning of a longer one`],
        ['accumulators', setting.accumulators.join(', ')],
        [
          'promotion after',
          `${setting.promotes.join(', ')}; intervals from K on are left out, being the same as none`,
        ],
        ...setting.distributions.map((name) => [`data ${name}`, distributionTexts[name]] as const),
        ...encoderSetting(laboratory, setting.tokens, accumulationLayers),
        ...(size === 'small'
          ? [
              [
                'left out',
                'the small size has fewer values of K, accumulators, intervals, distributions, draws and tokens than --size full',
              ] as const,
            ]
          : []),
      ],
      columns,
      rows,
      chart: accumulationChart(rows),
      tables: accumulationTables(rows),
      conclusions: accumulationConclusions(rows),
    };
  },
};
