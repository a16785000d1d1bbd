/** @file The study of a linear layer's training step in FP8: its three products on the adapter, by recipe. */

import { multiplyInF64 } from '../arithmetic/f64-product.js';
import type { Context } from '../context.js';
import type { FormatName } from '../format/formats.js';
import { linear as linearLayer } from '../linear/linear.js';
import type { Keep, Pass } from '../linear/recipe.js';
import { passes } from '../linear/recipe.js';
import { type Matrix, toFloat32 } from '../matrix.js';
import { transpose } from '../quantize/transpose.js';
import { sqnr } from '../report/metrics.js';
import { decimal } from '../report/number.js';
import { gradients } from './gradients.js';
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

/** Tiles: 1×128 and 128×128, as Linear has them; rows and tensor: one scale a row of either operand, or one in all. */
type Scales = 'tiles' | 'row' | 'tensor';

/** A way to quantise. */
interface Way {
  readonly format: FormatName;
  readonly gradients: FormatName;
  readonly scales: Scales;
  readonly powerOfTwo: boolean;
  readonly kept: Keep;
}

export type LinearRow = {
  readonly data: string;
  readonly format: FormatName;
  readonly gradients: FormatName;
  readonly scales: Scales;
  readonly power_of_two: 'yes' | 'no';
  readonly kept: Keep;
  readonly y: number;
  readonly dx: number;
  readonly dw: number;
};

const columns: readonly Column<keyof LinearRow>[] = [
  {
    name: 'data',
    meaning: 'activations and weights: distribution or layer; the gradients are always synthetic',
  },
  { name: 'format', meaning: 'of x and w' },
  { name: 'gradients', meaning: 'format of dy' },
  {
    name: 'scales',
    meaning: 'tiles: 1x128 along the sum, 128x128 for w; row: one a row; tensor: one in all',
  },
  { name: 'power_of_two', meaning: 'whether scales are rounded up to powers of two' },
  { name: 'kept', meaning: 'what is kept of x: the transposed tiles, the 1x128 tiles, or E5M6 tiles' },
  { name: 'y', meaning: 'signal to noise of x · wᵀ, dB' },
  { name: 'dx', meaning: 'of dy · w, dB' },
  { name: 'dw', meaning: 'of dyᵀ · x, dB' },
];

export const linearSettings: Readonly<Record<Size, SubjectShape>> = {
  small: { tokens: 128, outputs: 64, k: 256 },
  full: { tokens: 1024, outputs: 512, k: 1024 },
};

const pairs: readonly (readonly [format: FormatName, gradients: FormatName])[] = [
  ['e4m3', 'e4m3'],
  ['e4m3', 'e5m2'],
];

const ways: readonly Way[] = [
  ...(['tiles', 'row', 'tensor'] as const).flatMap((scales) =>
    pairs.map(
      ([format, of]): Way => ({ format, gradients: of, scales, powerOfTwo: false, kept: 'transposed' }),
    ),
  ),
  ...(['transposed', 'tiles', 'e5m6'] as const).map(
    (kept): Way => ({ format: 'e4m3', gradients: 'e4m3', scales: 'tiles', powerOfTwo: true, kept }),
  ),
];

type Products = Readonly<Record<'y' | 'dx' | 'dw', ArrayLike<number>>>;

/** Every way, on one layer and the gradients of its output. */
export async function measureLinear(
  context: Context,
  { name, activations: x, weights: w }: Subject,
  dy: Matrix,
): Promise<LinearRow[]> {
  const reference = inF64(x, w, dy);
  const rows: LinearRow[] = [];
  for (const way of ways) {
    const { scales } = way;
    const actual =
      scales === 'tiles'
        ? await byLayer(context, x, w, dy, way)
        : await byScales(context, x, w, dy, way, scales);
    rows.push({
      data: name,
      format: way.format,
      gradients: way.gradients,
      scales: way.scales,
      power_of_two: way.powerOfTwo ? 'yes' : 'no',
      kept: way.kept,
      y: sqnr(actual.y, reference.y),
      dx: sqnr(actual.dx, reference.dx),
      dw: sqnr(actual.dw, reference.dw),
    });
  }
  return rows;
}

function inF64(x: Matrix, w: Matrix, dy: Matrix): Products {
  const times = (a: Matrix, b: Matrix) => multiplyInF64(doubles(a), doubles(b), a.rows, b.rows, a.cols);
  return { y: times(x, w), dx: times(dy, transpose(w)), dw: times(transpose(dy), transpose(x)) };
}

async function byLayer(context: Context, x: Matrix, w: Matrix, dy: Matrix, way: Way): Promise<Products> {
  const layer = linearLayer(context, {
    format: way.format,
    gradientFormat: way.gradients,
    powerOfTwo: way.powerOfTwo,
    keep: way.kept,
    dialect: 'ieee',
  });
  const pass = await layer.forward(x, w);
  try {
    const { dx, dw } = await pass.backward(dy);
    try {
      return {
        y: toFloat32(await pass.y.read()),
        dx: toFloat32(await dx.read()),
        dw: toFloat32(await dw.read()),
      };
    } finally {
      dx.dispose();
      dw.dispose();
    }
  } finally {
    pass.y.dispose();
    pass.dispose();
  }
}

/** The three products with other scales than a Linear has: each operand quantised for itself. */
async function byScales(
  context: Context,
  x: Matrix,
  w: Matrix,
  dy: Matrix,
  { format, gradients: of, powerOfTwo }: Way,
  granularity: Exclude<Scales, 'tiles'>,
): Promise<Products> {
  const times = async (a: Matrix, aFormat: FormatName, b: Matrix) => {
    const options = { granularity, dialect: 'ieee', powerOfTwo } as const;
    const left = await context.quantize(a, { ...options, format: aFormat });
    const right = await context.quantize(b, { ...options, format });
    try {
      const product = await context.gemm(left, right);
      try {
        return toFloat32(await product.read());
      } finally {
        product.dispose();
      }
    } finally {
      left.dispose();
      right.dispose();
    }
  };
  return {
    y: await times(x, format, w),
    dx: await times(dy, of, transpose(w)),
    dw: await times(transpose(dy), of, transpose(x)),
  };
}

const outputs: Readonly<Record<Pass, 'y' | 'dx' | 'dw'>> = { fprop: 'y', dgrad: 'dx', wgrad: 'dw' };

export const linear: Study = {
  name: 'linear',
  summary: "a linear layer's three products in FP8 on this adapter, by format, scales and what is kept",
  question:
    'A training step of a linear layer is three products: y = x · wᵀ, dx = dy · w, dw = dyᵀ · x. DeepSeek-V3 takes all ' +
    'three in FP8 with scales of 1x128 tiles and 128x128 blocks (arXiv 2412.19437, section 3.3). How near are y, dx and ' +
    'dw to the same products in f64, by format and granularity, and by what is kept of x between the passes? Products ' +
    "are this adapter's own, in its fastest kernel.",
  usesEncoder: true,

  async run(laboratory, size) {
    const setting = linearSettings[size];
    const { tokens, k } = setting;
    const { names, rows } = await measureSubjects(
      laboratory,
      tokens,
      (['normal', 'outlier-channels'] as const).map((name) =>
        syntheticSubject(name, setting, laboratory.seed),
      ),
      (subject) =>
        measureLinear(laboratory.context, subject, gradients(tokens, subject.weights.rows, laboratory.seed)),
    );
    const [first = ''] = names;
    return {
      setting: [
        ['synthetic layers', `normal and outlier-channels: x ${tokens} x ${k}, w ${setting.outputs} x ${k}`],
        ...encoderSetting(laboratory, tokens),
        [
          'gradients dy',
          "Student's t of 3 degrees of freedom, times 1e-7, times exp(2·N(0, 1)) of each token: heavy tails, small " +
            'magnitudes, and tokens that differ in size',
        ],
        ['dialect', 'ieee'],
      ],
      columns,
      rows,
      chart: {
        kind: 'bar',
        label: `SQNR of the three products, ${first} layer, by scales and format of dy`,
        categories: passes.map((pass) => outputs[pass]),
        value: { name: 'SQNR, dB' },
        series: (['tiles', 'row', 'tensor'] as const).flatMap((scales) =>
          pairs.map(([, of]) => ({
            name: `${scales}, dy ${of}`,
            values: passes.map(
              (pass) =>
                findRow(rows, { data: first, scales, gradients: of, power_of_two: 'no' })?.[outputs[pass]] ??
                Number.NaN,
            ),
          })),
        ),
      },
      tables: names.map((name) => table(name, rows)),
      conclusions: conclusions(rows),
    };
  },
};

function table(data: string, rows: readonly LinearRow[]): PageTable {
  return {
    caption: data,
    head: ['x, w', 'dy', 'scales', 'powers of two', 'kept', 'y, dB', 'dx, dB', 'dw, dB'],
    rows: rows
      .filter((row) => row.data === data)
      .map((row) => [
        row.format,
        row.gradients,
        row.scales,
        row.power_of_two,
        row.kept,
        ...[row.y, row.dx, row.dw].map((value) => decimal(value, 1)),
      ]),
  };
}

function conclusions(rows: readonly LinearRow[]): string[] {
  return distinct(rows, 'data').flatMap((data) => {
    const find = (wanted: Partial<LinearRow>) =>
      findRow(rows, { data, gradients: 'e4m3', power_of_two: 'no', kept: 'transposed', ...wanted });
    const [tiles, tensor] = [find({ scales: 'tiles' }), find({ scales: 'tensor' })];
    const [direct, turned, wide] = (['transposed', 'tiles', 'e5m6'] as const).map((kept) =>
      find({ scales: 'tiles', power_of_two: 'yes', kept }),
    );
    if (!tiles || !tensor || !direct || !turned || !wide) return [];
    const gains = (['y', 'dx', 'dw'] as const).map(
      (name) => `${name} ${decimal(tiles[name] - tensor[name], 1)}`,
    );
    return [
      `${data}: scales of tiles are worth, against one scale a tensor, in dB: ${gains.join(', ')}.`,
      `${data}: dw has ${decimal(direct.dw, 1)} dB from transposed tiles, ${decimal(turned.dw, 1)} dB from kept 1x128 ` +
        `tiles turned, ${decimal(wide.dw, 1)} dB from kept E5M6 tiles turned, all with power-of-two scales.`,
    ];
  });
}
