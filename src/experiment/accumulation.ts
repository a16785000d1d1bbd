/** @file The study of the accumulator alone: how its error grows with K, and what promotion does about it. */

import { type ProfileName, profiles } from '../accumulate/profile.js';
import type { Context } from '../context.js';
import { e4m3 } from '../format/formats.js';
import { ExactProduct } from '../gemm/exact.js';
import { toFloat32 } from '../matrix.js';
import { QuantizedMatrix } from '../quantize/quantized-matrix.js';
import { maxOverRms, maxRelative, sqnr } from '../report/metrics.js';
import { accumulationChart, accumulationConclusions, accumulationTables } from './accumulation-text.js';
import { type Distribution, distributions, distributionTexts, sample, streamSeed } from './data.js';
import type { Column, Size, Study } from './study.js';
import { quantized } from './subject.js';

/** Elements of K between promotions. */
export type Promote = number | 'none';

/** Every combination of these is computed, but for promotion intervals that K does not exceed. */
export interface AccumulationSetting {
  /** Rows of both operands: outputs × outputs results. */
  readonly outputs: number;
  /** Ascending. */
  readonly ks: readonly number[];
  readonly accumulators: readonly ProfileName[];
  readonly promotes: readonly Promote[];
  readonly distributions: readonly Distribution[];
}

export type AccumulationRow = {
  readonly distribution: Distribution;
  readonly k: number;
  readonly accumulator: ProfileName;
  readonly promote: Promote;
  readonly max_over_rms: number;
  readonly max_relative: number;
  readonly sqnr: number;
};

const columns: readonly Column<keyof AccumulationRow>[] = [
  { name: 'distribution', meaning: 'what the operands are drawn from' },
  { name: 'k', meaning: 'products in each sum' },
  { name: 'accumulator', meaning: 'profile of the matrix instruction' },
  { name: 'promote', meaning: 'elements of K between promotions to an f32 accumulator, or none' },
  { name: 'max_over_rms', meaning: 'largest error over the root mean square of the exact results, a ratio' },
  { name: 'max_relative', meaning: 'largest relative error of a result, a ratio' },
  { name: 'sqnr', meaning: 'signal to noise of all results, dB' },
];

export const accumulationSettings: Readonly<Record<Size, AccumulationSetting>> = {
  small: {
    outputs: 48,
    ks: [256, 1024, 4096, 16384],
    accumulators: ['hopper-wgmma'],
    promotes: [32, 128, 512, 'none'],
    distributions: ['normal', 'uniform'],
  },
  full: {
    outputs: 48,
    ks: [256, 512, 1024, 2048, 4096, 8192, 16384],
    accumulators: Object.keys(profiles) as ProfileName[],
    promotes: [32, 64, 128, 256, 512, 'none'],
    distributions,
  },
};

/** Codes as a tensor core gets them from DeepSeek-V3's recipe: the largest of a tile is 448. */
const quantization = { format: e4m3, granularity: '1x128' } as const;

/** Computes every combination of a setting. */
export async function measureAccumulation(
  context: Context,
  setting: AccumulationSetting,
  seed: number,
): Promise<AccumulationRow[]> {
  const { outputs, ks } = setting;
  const most = Math.max(...ks);
  const rows: AccumulationRow[] = [];
  for (const distribution of setting.distributions) {
    const stream = 2 * distributions.indexOf(distribution);
    const a = sample(distribution, 'activations', outputs, most, streamSeed(seed, stream));
    const b = sample(distribution, 'weights', outputs, most, streamSeed(seed, stream + 1));
    const whole = [await quantized(context, a, quantization), await quantized(context, b, quantization)];
    for (const k of ks) {
      const [left, right] = whole.map((one) => firstColumns(one, k)) as [QuantizedMatrix, QuantizedMatrix];
      for (const figures of await measureOperands(context, left, right, setting))
        rows.push({ distribution, k, ...figures });
    }
  }
  return rows;
}

/** All accumulators and promotions on one pair of operands with unit scales. */
async function measureOperands(
  context: Context,
  left: QuantizedMatrix,
  right: QuantizedMatrix,
  { accumulators, promotes }: AccumulationSetting,
): Promise<Omit<AccumulationRow, 'distribution' | 'k'>[]> {
  const reference = exactResults(left, right);
  const rows = [];
  const a = await context.upload(left);
  try {
    const b = await context.upload(right);
    try {
      for (const accumulator of accumulators)
        for (const promote of promotes) {
          // An interval that takes in all of K is no promotion: that is the case of "none".
          if (promote !== 'none' && promote >= left.cols) continue;
          const product = await context.gemm(a, b, { accumulator, promote });
          try {
            const actual = toFloat32(await product.read());
            rows.push({
              accumulator,
              promote,
              max_over_rms: maxOverRms(actual, reference),
              max_relative: maxRelative(actual, reference),
              sqnr: sqnr(actual, reference),
            });
          } finally {
            product.dispose();
          }
        }
    } finally {
      b.dispose();
    }
  } finally {
    a.dispose();
  }
  return rows;
}

function exactResults(a: QuantizedMatrix, b: QuantizedMatrix): Float64Array {
  const product = new ExactProduct(a, b);
  return Float64Array.from({ length: a.rows * b.rows }, (_, i) =>
    product.entry(Math.floor(i / b.rows), i % b.rows),
  );
}

/** The first `k` columns of a matrix's codes, with scales of 1. */
function firstColumns({ rows, cols, codes }: QuantizedMatrix, k: number): QuantizedMatrix {
  const chosen = Uint8Array.from(
    { length: rows * k },
    (_, i) => codes[Math.floor(i / k) * cols + (i % k)] as number,
  );
  return new QuantizedMatrix(rows, k, e4m3, 'tensor', chosen, Float32Array.of(1));
}

export const accumulation: Study = {
  name: 'accumulation',
  summary: 'error of the accumulator alone against K, by promotion interval and profile',
  question:
    'How much of a product does the accumulator of an FP8 matrix instruction lose, how does the loss grow with the ' +
    'count of products K, and how much of it does promotion to an f32 accumulator take away? The operands are ' +
    'codes of e4m3 as quantisation with a scale for each 1x128 tile makes them, the scales then taken as 1, and each result is compared with the exact product of the same codes: ' +
    'quantisation has no part in these errors.',
  usesEncoder: false,

  async run({ context, seed }, size) {
    const setting = accumulationSettings[size];
    const rows = await measureAccumulation(context, setting, seed);
    return {
      setting: [
        ['results', `${setting.outputs} x ${setting.outputs} for each line`],
        ['K', `${setting.ks.join(', ')}; a shorter K is the beginning of a longer one`],
        ['accumulators', setting.accumulators.join(', ')],
        [
          'promotion after',
          `${setting.promotes.join(', ')}; intervals from K on are left out, being the same as none`,
        ],
        ...setting.distributions.map((name) => [`data ${name}`, distributionTexts[name]] as const),
        ...(size === 'small'
          ? [
              [
                'left out',
                'the small size has fewer values of K, accumulators, intervals and distributions than --size full',
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
