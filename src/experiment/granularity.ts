/** @file The study of scale granularity: what an outlier costs the values that share its scale. */

import type { Context } from '../context.js';
import type { FormatName } from '../format/formats.js';
import { type Matrix, matrix } from '../matrix.js';
import { type GranularityName, granularityNames } from '../quantize/granularity.js';
import { rootMeanSquare, sqnr } from '../report/metrics.js';
import { decimal, percent } from '../report/number.js';
import { dequantizeInF64 } from '../report/statistics.js';
import { isOutlierChannel } from './data.js';
import { distinct, findRow } from './rows.js';
import type { Column, PageTable, Size, Study } from './study.js';
import {
  doubles,
  encoderSetting,
  measureSubjects,
  product,
  quantized,
  type Subject,
  type SubjectShape,
  syntheticSubject,
} from './subject.js';

export interface GranularitySetting extends SubjectShape {
  /** Size of the outliers in multiples of the activations' RMS, ascending. */
  readonly strengths: readonly number[];
  readonly formats: readonly FormatName[];
}

export type GranularityRow = {
  readonly data: string;
  readonly strength: number;
  readonly format: FormatName;
  readonly granularity: GranularityName;
  readonly scales: 'f32' | 'power-of-two';
  readonly sqnr: number;
  readonly underflow: number;
  readonly product_sqnr: number;
};

const columns: readonly Column<keyof GranularityRow>[] = [
  { name: 'data', meaning: 'distribution or layer' },
  { name: 'strength', meaning: "size of the outliers, in multiples of the activations' RMS" },
  { name: 'format', meaning: 'element format of the activations' },
  { name: 'granularity', meaning: 'what shares a scale' },
  { name: 'scales', meaning: 'f32, or rounded up to powers of two (1x32: e8m0, by the rule of OCP MX)' },
  { name: 'sqnr', meaning: 'signal to noise of the activations that are no outliers, dB' },
  { name: 'underflow', meaning: 'share of those activations that became zero' },
  { name: 'product_sqnr', meaning: 'signal to noise of the product with unquantised weights, dB' },
];

export const granularitySettings: Readonly<Record<Size, GranularitySetting>> = {
  small: { tokens: 128, outputs: 64, k: 512, strengths: [1, 1e2, 1e4, 1e6], formats: ['e4m3'] },
  full: {
    tokens: 256,
    outputs: 128,
    k: 2048,
    strengths: [1, 10, 1e2, 1e3, 1e4, 1e5, 1e6],
    formats: ['e4m3', 'e2m1'],
  },
};

/** One token in this many has the outliers. */
const every = 16;

/** Quantises one subject's activations with outliers of every strength at every granularity. */
export async function measureGranularity(
  context: Context,
  subject: Subject,
  { strengths, formats }: Pick<GranularitySetting, 'strengths' | 'formats'>,
): Promise<GranularityRow[]> {
  const rows: GranularityRow[] = [];
  const { cols } = subject.activations;
  const weights = doubles(subject.weights).map((value, i) => (isOutlierChannel(i % cols) ? 0 : value));
  const size = rootMeanSquare(doubles(subject.activations));
  for (const strength of strengths) {
    const activations = withOutliers(subject.activations, strength * size);
    const values = doubles(activations);
    const reference = product(subject, { activations: values, weights });
    const ordinary = values.map((value, i) => (isOutlier(i, cols) ? 0 : value));
    for (const format of formats)
      for (const granularity of granularityNames)
        for (const powerOfTwo of granularity === '1x32' ? [true] : [false, true]) {
          const codes = await quantized(context, activations, { format, granularity, powerOfTwo });
          const actual = dequantizeInF64(codes);
          const kept = actual.map((value, i) => (isOutlier(i, cols) ? 0 : value));
          rows.push({
            data: subject.name,
            strength,
            format,
            granularity,
            scales: powerOfTwo ? 'power-of-two' : 'f32',
            sqnr: sqnr(kept, ordinary),
            underflow: shareLost(kept, ordinary),
            product_sqnr: sqnr(product(subject, { activations: actual, weights }), reference),
          });
        }
  }
  return rows;
}

function isOutlier(index: number, cols: number): boolean {
  const column = index % cols;
  return ((index - column) / cols) % every === 0 && isOutlierChannel(column);
}

function withOutliers({ rows, cols, data }: Matrix, value: number): Matrix {
  return matrix(
    rows,
    cols,
    Float32Array.from(data, (one, i) => (isOutlier(i, cols) ? value : one)),
  );
}

/** The share of values that were not zero and are now. */
function shareLost(actual: Float64Array, reference: Float64Array): number {
  const nonzero = reference.filter((value) => value !== 0).length;
  const lost = actual.filter((value, i) => value === 0 && reference[i] !== 0).length;
  return nonzero === 0 ? 0 : lost / nonzero;
}

export const granularity: Study = {
  name: 'granularity',
  summary: 'what outliers cost, by what shares a scale and by the kind of scale',
  question:
    'A scale has to hold the largest value that shares it. How large may outliers be before the values beside them ' +
    'are lost, for one scale a tensor, a row, or a tile, and what does a scale cost that is a power of two? ' +
    'Outliers are put into few channels of few tokens, as Sun et al. found them in large language models ("Massive ' +
    'Activations in Large Language Models", 2024). The weights of these channels are 0, so that the outliers ' +
    'cannot reach the product: what it loses, it loses because they share scales with others.',
  usesEncoder: true,

  async run(laboratory, size) {
    const setting = granularitySettings[size];
    const { tokens, outputs, k } = setting;
    const { rows } = await measureSubjects(
      laboratory,
      tokens,
      [syntheticSubject('normal', setting, laboratory.seed)],
      (subject) => measureGranularity(laboratory.context, subject, setting),
    );
    const shown = { data: 'normal', format: 'e4m3', scales: 'f32' } as const;
    return {
      setting: [
        ['synthetic data', `N(0, 1): activations ${tokens} x ${k}, weights ${outputs} x ${k}`],
        ...encoderSetting(laboratory, tokens),
        ['outliers', `one channel in 256, in one token in ${every}`],
        ['strengths', `${setting.strengths.join(', ')} times the RMS of the activations`],
        ['formats', setting.formats.join(', ')],
        ['dialect', 'deepgemm; mx for 1x32'],
        ['product', 'of dequantised activations and f32 weights, summed in f64'],
      ],
      columns,
      rows,
      chart: {
        kind: 'line',
        label: 'SQNR of e4m3 activations beside outliers, N(0, 1), f32 scales, by what shares a scale',
        categories: setting.strengths.map(String),
        categoryName: 'outliers, multiples of the RMS',
        value: { name: 'SQNR, dB' },
        series: granularityNames
          .filter((name) => name !== '1x32')
          .map((name) => ({
            name,
            values: setting.strengths.map(
              (strength) => findRow(rows, { ...shown, strength, granularity: name })?.sqnr ?? Number.NaN,
            ),
          })),
      },
      tables: tables(rows),
      conclusions: conclusions(rows),
    };
  },
};

function tables(rows: readonly GranularityRow[]): PageTable[] {
  const strengths = distinct(rows, 'strength');
  const groups = new Map<string, GranularityRow[]>();
  for (const row of rows) {
    const caption = `${row.data}, ${row.format}: SQNR of the activations beside outliers (dB), by their strength`;
    groups.set(caption, [...(groups.get(caption) ?? []), row]);
  }
  return [...groups].map(([caption, group]) => ({
    caption,
    head: ['shares a scale', 'scales', ...strengths.map(String)],
    rows: group
      .filter(({ strength }) => strength === strengths[0])
      .map((first) => [
        first.granularity,
        first.scales,
        ...group
          .filter((row) => row.granularity === first.granularity && row.scales === first.scales)
          .map((row) => decimal(row.sqnr, 1)),
      ]),
  }));
}

function conclusions(rows: readonly GranularityRow[]): string[] {
  const strongest = Math.max(...rows.map(({ strength }) => strength));
  return distinct(rows, 'data').map((data) => {
    const at = (granularity: GranularityName, scales: GranularityRow['scales'], strength: number) =>
      findRow(rows, { data, format: 'e4m3', granularity, scales, strength });
    const parts = (['tensor', 'row', '1x128'] as const).map((name) => {
      const row = at(name, 'f32', strongest);
      return `${name} ${decimal(row?.sqnr ?? Number.NaN, 1)} dB and ${percent(row?.underflow ?? Number.NaN)} lost to zero`;
    });
    const gain =
      (at('1x128', 'f32', 1)?.sqnr ?? Number.NaN) - (at('1x128', 'power-of-two', 1)?.sqnr ?? Number.NaN);
    return (
      `${data}, e4m3, outliers of ${strongest} times the RMS: ${parts.join('; ')}. Without outliers f32 scales ` +
      `are ${decimal(gain, 2)} dB better than powers of two at 1x128.`
    );
  });
}
