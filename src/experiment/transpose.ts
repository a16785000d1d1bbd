/** @file The study of the tile conversion between the passes: what turning 1×128 tiles into 128×1 adds to the error. */

import type { Context } from '../context.js';
import type { FormatName } from '../format/formats.js';
import type { Matrix } from '../matrix.js';
import type { TileOptions } from '../quantize/block.js';
import type { QuantizedMatrix } from '../quantize/quantized-matrix.js';
import { transpose as turned } from '../quantize/transpose.js';
import { sqnr } from '../report/metrics.js';
import { decimal, percent } from '../report/number.js';
import { dequantizeInF64 } from '../report/statistics.js';
import { distinct, findRow } from './rows.js';
import type { Column, PageTable, Size, Study } from './study.js';
import {
  doubles,
  encoderSetting,
  measureSubjects,
  type Subject,
  type SubjectShape,
  syntheticSubject,
} from './subject.js';

export type TransposeRow = {
  readonly data: string;
  readonly format: FormatName;
  readonly scales: 'float' | 'power-of-two';
  readonly kept_sqnr: number;
  readonly direct_sqnr: number;
  readonly converted_sqnr: number;
  readonly added_sqnr: number;
  readonly moved: number;
};

const columns: readonly Column<keyof TransposeRow>[] = [
  { name: 'data', meaning: 'activations: distribution or layer' },
  { name: 'format', meaning: 'of the codes, before and after' },
  {
    name: 'scales',
    meaning: 'float: the largest magnitude over the largest code; or rounded up to a power of two',
  },
  { name: 'kept_sqnr', meaning: 'signal to noise of the 1x128 tiles that are kept, dB' },
  { name: 'direct_sqnr', meaning: 'of 128x1 tiles quantised from the activations themselves, dB' },
  { name: 'converted_sqnr', meaning: 'of 128x1 tiles made of the kept ones, dB' },
  { name: 'added_sqnr', meaning: 'of the conversion alone, the kept values being the reference, dB' },
  { name: 'moved', meaning: 'share of the values that the conversion changed' },
];

export const transposeSettings: Readonly<Record<Size, SubjectShape>> = {
  small: { tokens: 256, outputs: 1, k: 512 },
  full: { tokens: 4096, outputs: 1, k: 7168 },
};

const kinds: readonly FormatName[] = ['e4m3', 'e5m6'];

/** Both formats with both kinds of scales, on one layer's activations. */
export async function measureTranspose(
  context: Context,
  { name, activations }: Pick<Subject, 'name' | 'activations'>,
): Promise<TransposeRow[]> {
  const reference = doubles(turned(activations));
  const rows: TransposeRow[] = [];
  for (const format of kinds)
    for (const powerOfTwo of [false, true]) {
      const options = { format, dialect: 'ieee', powerOfTwo } as const;
      const { kept, direct, converted } = await convert(context, activations, options);
      const before = dequantizeInF64(turned(kept));
      const after = dequantizeInF64(converted);
      rows.push({
        data: name,
        format,
        scales: powerOfTwo ? 'power-of-two' : 'float',
        kept_sqnr: sqnr(before, reference),
        direct_sqnr: sqnr(dequantizeInF64(direct), reference),
        converted_sqnr: sqnr(after, reference),
        added_sqnr: sqnr(after, before),
        moved: before.filter((value, i) => value !== after[i]).length / before.length,
      });
    }
  return rows;
}

/** The tiles of the forward pass, those of the transpose made of the values, and those made of the former. */
async function convert(
  context: Context,
  source: Matrix,
  options: TileOptions,
): Promise<Record<'kept' | 'direct' | 'converted', QuantizedMatrix>> {
  const { quantized, transposed } = await context.quantizeWithTranspose(source, options);
  try {
    const converted = await context.requantizeTransposed(quantized, options);
    try {
      return {
        kept: await quantized.read(),
        direct: await transposed.read(),
        converted: await converted.read(),
      };
    } finally {
      converted.dispose();
    }
  } finally {
    quantized.dispose();
    transposed.dispose();
  }
}

export const transpose: Study = {
  name: 'transpose',
  summary: 'what turning 1x128 tiles into 128x1 adds, with float and power-of-two scales',
  question:
    'The weight gradient sums over tokens, so that activations kept as 1x128 tiles have to become 128x1 tiles in the ' +
    'backward pass: dequantised, transposed, quantised again. DeepSeek-V3 keeps some of them as E5M6 with power-of-two ' +
    'scales, to avoid extra quantisation error (arXiv 2412.19437, section 3.3.3). How much does the conversion add, by ' +
    'format and kind of scale?',
  usesEncoder: true,

  async run(laboratory, size) {
    const setting = transposeSettings[size];
    const { tokens, k } = setting;
    const { names, rows } = await measureSubjects(
      laboratory,
      tokens,
      (['normal', 'outlier-channels'] as const).map((name) =>
        syntheticSubject(name, setting, laboratory.seed),
      ),
      (subject) => measureTranspose(laboratory.context, subject),
    );
    const categories = rows
      .filter(({ data }) => data === names[0])
      .map(({ format, scales }) => `${format}, ${scales}`);
    return {
      setting: [
        ['synthetic activations', `normal and outlier-channels, ${tokens} x ${k}`],
        ...encoderSetting(laboratory, tokens),
        ['dialect', 'ieee'],
      ],
      columns,
      rows,
      chart: {
        kind: 'bar',
        label: `SQNR of 128x1 tiles of ${names[0]} activations, made of the values or of kept 1x128 tiles`,
        categories,
        value: { name: 'SQNR, dB' },
        series: (
          [
            ['kept 1x128', 'kept_sqnr'],
            ['128x1 from the values', 'direct_sqnr'],
            ['128x1 from the kept', 'converted_sqnr'],
          ] as const
        ).map(([name, column]) => ({
          name,
          values: rows.filter(({ data }) => data === names[0]).map((row) => row[column]),
        })),
      },
      tables: names.map((name) => table(name, rows)),
      conclusions: conclusions(rows),
    };
  },
};

function table(data: string, rows: readonly TransposeRow[]): PageTable {
  return {
    caption: data,
    head: ['format', 'scales', 'kept, dB', 'direct, dB', 'converted, dB', 'conversion alone, dB', 'moved'],
    rows: rows
      .filter((row) => row.data === data)
      .map((row) => [
        row.format,
        row.scales,
        ...[row.kept_sqnr, row.direct_sqnr, row.converted_sqnr, row.added_sqnr].map((value) =>
          decimal(value, 1),
        ),
        percent(row.moved),
      ]),
  };
}

function conclusions(rows: readonly TransposeRow[]): string[] {
  return distinct(rows, 'data').flatMap((data) =>
    kinds.map((format) => {
      const float = findRow(rows, { data, format, scales: 'float' });
      const power = findRow(rows, { data, format, scales: 'power-of-two' });
      const loss = (row = rows[0] as TransposeRow) => row.kept_sqnr - row.converted_sqnr;
      return (
        `${data}, ${format}: the conversion moves ${percent(float?.moved ?? 0)} of the values with float scales and ` +
        `${percent(power?.moved ?? 0)} with powers of two; it costs ${decimal(loss(float), 2)} dB and ` +
        `${decimal(loss(power), 2)} dB.`
      );
    }),
  );
}
