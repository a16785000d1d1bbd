/** @file The study of the hybrid recipe: e5m2 for gradients, or e4m3 for everything. */

import type { Context } from '../context.js';
import { type Matrix, transposed } from '../matrix.js';
import type { DialectName } from '../quantize/dialect.js';
import type { GranularityName } from '../quantize/granularity.js';
import { calcDiff, sqnr } from '../report/metrics.js';
import { decimal, percent, scientific } from '../report/number.js';
import { codeShares, dequantizeInF64 } from '../report/statistics.js';
import { gradients } from './gradients.js';
import { findRow } from './rows.js';
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

/** The products of a linear layer's training step. */
export const passes = ['fprop', 'dgrad', 'wgrad'] as const;
export type Pass = (typeof passes)[number];

export type HybridRow = {
  readonly data: string;
  readonly pass: Pass;
  readonly gradients: 'e4m3' | 'e5m2';
  readonly scales: 'tiles' | 'tensor';
  readonly dialect: DialectName;
  readonly sqnr: number;
  readonly median_row_sqnr: number;
  readonly calc_diff: number;
  readonly underflow: number;
};

const columns: readonly Column<keyof HybridRow>[] = [
  {
    name: 'data',
    meaning: 'activations and weights: distribution or layer; the gradients are always synthetic',
  },
  {
    name: 'pass',
    meaning: 'fprop: X · Wᵀ; dgrad: dY · W, tokens in its rows; wgrad: dYᵀ · X, summed over the tokens',
  },
  { name: 'gradients', meaning: 'format of dY; X and W are e4m3' },
  { name: 'scales', meaning: 'tiles: 1x128 along the sum, 128x128 for W; tensor: one for each operand' },
  { name: 'dialect', meaning: 'deepgemm takes no largest magnitude below 1e-4 for a scale, ieee takes any' },
  { name: 'sqnr', meaning: 'signal to noise of the product, dB' },
  { name: 'median_row_sqnr', meaning: "the same for each row of the product, the rows' median, dB" },
  { name: 'calc_diff', meaning: '1 - 2·Σxy / Σ(x² + y²) of the product' },
  { name: 'underflow', meaning: 'share of the first operand that became zero' },
];

export const hybridSettings: Readonly<Record<Size, SubjectShape>> = {
  small: { tokens: 128, outputs: 128, k: 256 },
  full: { tokens: 1024, outputs: 512, k: 512 },
};

const dialects: readonly DialectName[] = ['ieee', 'deepgemm'];

/** Both recipes, on one layer and the gradients of its output. */
export async function measureHybrid(
  context: Context,
  { name, activations, weights }: Subject,
  outputGradients: Matrix,
): Promise<HybridRow[]> {
  // Each operand has the sum along its columns.
  const operands: Record<Pass, readonly [left: Matrix, right: Matrix, rightScales: GranularityName]> = {
    fprop: [activations, weights, '128x128'],
    dgrad: [outputGradients, transposed(weights), '128x128'],
    wgrad: [transposed(outputGradients), transposed(activations), '1x128'],
  };
  const rows: HybridRow[] = [];
  for (const pass of passes) {
    const [left, right, rightScales] = operands[pass];
    const shape = { name, activations: left, weights: right };
    const reference = product(shape, { activations: doubles(left), weights: doubles(right) });
    for (const scales of ['tiles', 'tensor'] as const)
      for (const dialect of dialects)
        for (const format of ['e4m3', 'e5m2'] as const) {
          const tiled = scales === 'tiles';
          const first = await quantized(context, left, {
            format: pass === 'fprop' ? 'e4m3' : format,
            granularity: tiled ? '1x128' : 'tensor',
            dialect,
          });
          const second = await quantized(context, right, {
            format: 'e4m3',
            granularity: tiled ? rightScales : 'tensor',
            dialect,
          });
          const actual = product(shape, {
            activations: dequantizeInF64(first),
            weights: dequantizeInF64(second),
          });
          rows.push({
            data: name,
            pass,
            gradients: format,
            scales,
            dialect,
            sqnr: sqnr(actual, reference),
            median_row_sqnr: medianRow(actual, reference, right.rows),
            calc_diff: calcDiff(actual, reference),
            underflow: codeShares(first, left.data).flushed,
          });
        }
  }
  return rows;
}

/** The lower median of the rows' SQNR. */
function medianRow(actual: Float64Array, reference: Float64Array, cols: number): number {
  const rows = Array.from({ length: actual.length / cols }, (_, row) =>
    sqnr(actual.subarray(row * cols, (row + 1) * cols), reference.subarray(row * cols, (row + 1) * cols)),
  );
  return rows.sort((a, b) => a - b)[Math.floor((rows.length - 1) / 2)] as number;
}

export const hybrid: Study = {
  name: 'hybrid',
  summary: 'e4m3 for everything against e5m2 for gradients, on gradient-like data',
  question:
    'Earlier FP8 recipes keep activations and weights in e4m3 and gradients in e5m2, for its range (Micikevicius et ' +
    'al., "FP8 Formats for Deep Learning", 2022); DeepSeek-V3 takes e4m3 for everything and leaves range to ' +
    'fine-grained scales (arXiv 2412.19437, section 3.3.2). Which keeps more of the three products of a training ' +
    'step? Products are summed in f64: the accumulator has no part in these errors.',
  usesEncoder: true,

  async run(laboratory, size) {
    const setting = hybridSettings[size];
    const { tokens, outputs, k } = setting;
    const { names, rows } = await measureSubjects(
      laboratory,
      tokens,
      [syntheticSubject('outlier-channels', setting, laboratory.seed)],
      (subject) =>
        measureHybrid(laboratory.context, subject, gradients(tokens, subject.weights.rows, laboratory.seed)),
    );
    const [first = ''] = names;
    const find = (pass: Pass, format: HybridRow['gradients'], scales: HybridRow['scales']) =>
      findRow(rows, { data: first, pass, gradients: format, scales, dialect: 'ieee' })?.sqnr ?? Number.NaN;
    return {
      setting: [
        ['synthetic layer', `outlier-channels: X ${tokens} x ${k}, W ${outputs} x ${k}`],
        ...encoderSetting(laboratory, tokens),
        [
          'gradients dY',
          "Student's t of 3 degrees of freedom, times 1e-7, times exp(2·N(0, 1)) of each token: heavy tails, small " +
            'magnitudes, and tokens that differ in size',
        ],
        ['dialects', dialects.join(', ')],
      ],
      columns,
      rows,
      chart: {
        kind: 'bar',
        label: 'SQNR of the products of a training step, synthetic layer, dialect ieee, by recipe and scales',
        categories: passes,
        value: { name: 'SQNR, dB' },
        series: (['tiles', 'tensor'] as const).flatMap((scales) =>
          (['e4m3', 'e5m2'] as const).map((format) => ({
            name: `${format === 'e4m3' ? 'all e4m3' : 'dY e5m2'}, ${scales}`,
            values: passes.map((pass) => find(pass, format, scales)),
          })),
        ),
      },
      tables: names.map((name) => table(name, rows)),
      conclusions: conclusions(rows),
    };
  },
};

function table(data: string, rows: readonly HybridRow[]): PageTable {
  return {
    caption: data,
    head: ['pass', 'dY', 'scales', 'dialect', 'SQNR, dB', 'median row, dB', 'calc_diff', 'underflow'],
    rows: rows
      .filter((row) => row.data === data)
      .map((row) => [
        row.pass,
        row.gradients,
        row.scales,
        row.dialect,
        decimal(row.sqnr, 1),
        decimal(row.median_row_sqnr, 1),
        scientific(row.calc_diff),
        percent(row.underflow),
      ]),
  };
}

/** The gain of e4m3 over e5m2 for each pass that has gradients. */
function conclusions(rows: readonly HybridRow[]): string[] {
  return rows
    .filter((row) => row.pass !== 'fprop' && row.gradients === 'e4m3' && row.dialect === 'ieee')
    .map((row) => {
      const { data, pass, scales, dialect } = row;
      const other = findRow(rows, { gradients: 'e5m2', data, pass, scales, dialect });
      const gain = row.sqnr - (other?.sqnr ?? Number.NaN);
      const median = row.median_row_sqnr - (other?.median_row_sqnr ?? Number.NaN);
      return (
        `${row.data}, ${row.pass}, ${row.scales === 'tiles' ? 'scales of tiles' : 'one scale a tensor'}: e4m3 for dY ` +
        `is ${decimal(Math.abs(gain), 1)} dB ${gain < 0 ? 'worse' : 'better'} than e5m2, and ` +
        `${decimal(Math.abs(median), 1)} dB ${median < 0 ? 'worse' : 'better'} in the median row.`
      );
    });
}
