/** @file The study of element formats on the same data: how much each keeps. */

import type { Context } from '../context.js';
import type { FormatName } from '../format/formats.js';
import { type Matrix, toFloat32 } from '../matrix.js';
import type { GranularityName } from '../quantize/granularity.js';
import type { QuantizedMatrix } from '../quantize/quantized-matrix.js';
import { calcDiff, sqnr } from '../report/metrics.js';
import { count, decimal, scientific } from '../report/number.js';
import { codeShares, dequantizeInF64 } from '../report/statistics.js';
import { type Distribution, distributions, distributionTexts } from './data.js';
import { findRow } from './rows.js';
import type { Column, PageTable, Size, Study } from './study.js';
import {
  castToBf16,
  doubles,
  encoderSetting,
  measureSubjects,
  product,
  quantized,
  type Subject,
  type SubjectShape,
  syntheticSubject,
} from './subject.js';

export interface FormatsSetting extends SubjectShape {
  readonly distributions: readonly Distribution[];
}

export type FormatsRow = {
  readonly data: string;
  readonly format: FormatName;
  readonly scales: GranularityName | 'none';
  readonly matrix: 'activations' | 'weights' | 'product';
  readonly sqnr: number;
  readonly calc_diff: number;
  readonly values: number | '';
  readonly underflow: number | '';
  readonly subnormal: number | '';
  readonly saturated: number | '';
};

const columns: readonly Column<keyof FormatsRow>[] = [
  { name: 'data', meaning: 'distribution or layer' },
  { name: 'format', meaning: 'element format of activations and weights' },
  { name: 'scales', meaning: 'what shares a scale, on both sides; none for bf16, whose range needs none' },
  { name: 'matrix', meaning: 'what the figures are of: activations, weights, or their product' },
  { name: 'sqnr', meaning: 'signal to quantisation noise, dB' },
  { name: 'calc_diff', meaning: '1 - 2·Σxy / Σ(x² + y²)' },
  {
    name: 'values',
    meaning: 'count of values that are not zero; empty for products, as the counts after it',
  },
  { name: 'underflow', meaning: 'how many of them became zero' },
  { name: 'subnormal', meaning: 'how many became subnormal codes' },
  { name: 'saturated', meaning: 'how many were beyond the largest code' },
];

export const formatsSettings: Readonly<Record<Size, FormatsSetting>> = {
  small: { tokens: 64, outputs: 64, k: 512, distributions },
  full: { tokens: 128, outputs: 128, k: 4096, distributions },
};

/** The formats that are compared, the widest first; bf16 needs no scales. */
const compared: readonly FormatName[] = ['bf16', 'e5m6', 'e4m3', 'e5m2', 'e2m3', 'e3m2', 'e2m1'];

/** DeepSeek-V3's tiles with f32 scales, and OCP MX. */
const scales: readonly GranularityName[] = ['1x128', '1x32'];

/** Quantises one subject in every format. */
export async function measureFormats(context: Context, subject: Subject): Promise<FormatsRow[]> {
  const rows: FormatsRow[] = [];
  const reference = { activations: doubles(subject.activations), weights: doubles(subject.weights) };
  const exact = product(subject, reference);
  for (const format of compared)
    for (const granularity of format === 'bf16' ? (['none'] as const) : scales) {
      const quantize = async (source: Matrix): Promise<QuantizedMatrix> =>
        granularity === 'none' ? castToBf16(source) : quantized(context, source, { format, granularity });
      const common = { data: subject.name, format, scales: granularity };
      const values: Record<'activations' | 'weights', Float64Array> = {
        activations: new Float64Array(),
        weights: new Float64Array(),
      };
      for (const side of ['activations', 'weights'] as const) {
        const codes = await quantize(subject[side]);
        values[side] = dequantizeInF64(codes);
        rows.push({
          ...common,
          matrix: side,
          sqnr: sqnr(values[side], reference[side]),
          calc_diff: calcDiff(values[side], reference[side]),
          ...counts(codes, subject[side]),
        });
      }
      const actual = product(subject, values);
      rows.push({
        ...common,
        matrix: 'product',
        sqnr: sqnr(actual, exact),
        calc_diff: calcDiff(actual, exact),
        values: '',
        underflow: '',
        subnormal: '',
        saturated: '',
      });
    }
  return rows;
}

function counts(codes: QuantizedMatrix, source: Matrix) {
  const original = toFloat32(source);
  const values = original.filter((value) => value !== 0).length;
  const { flushed, subnormal, saturated } = codeShares(codes, original);
  return {
    values,
    underflow: Math.round(flushed * values),
    subnormal: Math.round(subnormal * values),
    saturated: Math.round(saturated * values),
  };
}

export const formats: Study = {
  name: 'formats',
  summary: 'what each element format keeps of the same data',
  question:
    'How much of a matrix, and of a product, is left when its values are kept in a format of few bits? The same ' +
    'activations and weights are quantised in each format, with a scale for each 1x128 tile (f32) and for each ' +
    '1x32 tile (e8m0, OCP MX); bf16 stands for what they would be without quantisation. Products are summed in ' +
    'f64: the accumulator has no part in these errors.',
  usesEncoder: true,

  async run(laboratory, size) {
    const setting = formatsSettings[size];
    const { tokens, outputs, k } = setting;
    const { names, rows } = await measureSubjects(
      laboratory,
      tokens,
      setting.distributions.map((name) => syntheticSubject(name, setting, laboratory.seed)),
      (subject) => measureFormats(laboratory.context, subject),
    );
    const find = (data: string, format: FormatName) => findRow(rows, { data, format, matrix: 'product' });
    return {
      setting: [
        ['synthetic data', `activations ${tokens} x ${k}, weights ${outputs} x ${k}`],
        ...setting.distributions.map((name) => [`data ${name}`, distributionTexts[name]] as const),
        ...encoderSetting(laboratory, tokens),
        ['dialect', 'deepgemm for 1x128, mx for 1x32'],
      ],
      columns,
      rows,
      chart: {
        kind: 'dots',
        label: 'SQNR of products by format, both operands with a scale for each 1x128 tile (bf16: none)',
        categories: compared,
        value: { name: 'SQNR of the product, dB' },
        series: setting.distributions.map((name) => ({
          name,
          values: compared.map((format) => find(name, format)?.sqnr ?? Number.NaN),
        })),
      },
      tables: names.map((name) => table(name, rows)),
      conclusions: names.map((name) => {
        const shown = (format: FormatName) => decimal(find(name, format)?.sqnr ?? Number.NaN, 1);
        return (
          `${name}: the product keeps ${shown('e4m3')} dB in e4m3, ${shown('e5m2')} dB in e5m2, ` +
          `${shown('e5m6')} dB in e5m6 and ${shown('e2m1')} dB in e2m1, against ${shown('bf16')} dB in bf16.`
        );
      }),
    };
  },
};

function table(data: string, rows: readonly FormatsRow[]): PageTable {
  const ofData = rows.filter((row) => row.data === data);
  const shownCount = (value: number | '') => (value === '' ? '' : count(value));
  return {
    caption: data,
    head: ['format', 'scales', 'matrix', 'SQNR, dB', 'calc_diff', 'underflow', 'subnormal', 'saturated'],
    rows: ofData.map((row) => [
      row.format,
      row.scales,
      row.matrix,
      decimal(row.sqnr, 1),
      scientific(row.calc_diff),
      shownCount(row.underflow),
      shownCount(row.subnormal),
      shownCount(row.saturated),
    ]),
  };
}
