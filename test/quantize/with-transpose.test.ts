/** @file Tiles along both sides of a matrix, and from one side to the other: GPU against oracle, and what is lost. */

import { describe, expect, test, vi } from 'vitest';
import { Context } from '../../src/context.js';
import { ArgumentError } from '../../src/errors.js';
import { type FormatName, formats } from '../../src/format/formats.js';
import { GpuMatrix, GpuQuantizedMatrix } from '../../src/gpu-matrix.js';
import { type Dtype, dtypes, matrix, toFloat32 } from '../../src/matrix.js';
import type { TileOptions } from '../../src/quantize/block.js';
import { dequantize } from '../../src/quantize/dequantize.js';
import { dialectNames } from '../../src/quantize/dialect.js';
import { quantize } from '../../src/quantize/quantize.js';
import type { QuantizedMatrix } from '../../src/quantize/quantized-matrix.js';
import { transpose } from '../../src/quantize/transpose.js';
import { quantizeWithTranspose, requantizeTransposed } from '../../src/quantize/with-transpose.js';
import { openTestGpu } from '../adapter.js';
import { randomOperand } from '../gemm/operands.js';
import { awkward, type Kind, kinds } from './data.js';
import { difference, paddingIsZero } from './differences.js';

const gpu = await openTestGpu();
const context = new Context(gpu);

const shapes = [
  [270, 140],
  [129, 257],
  [5, 128],
  [1, 1],
  [260, 7],
] as const;

/** Every dialect with f32 scales, with and without powers of two. */
const scalings: TileOptions[] = dialectNames
  .filter((dialect) => dialect !== 'mx')
  .flatMap((dialect) => [false, true].map((powerOfTwo) => ({ dialect, powerOfTwo })));

describe('both from one read', () => {
  test.each(shapes)('%dx%d: GPU equals oracle, padding is zero', async (rows, cols) => {
    for (const [i, kind] of kinds.entries()) {
      const dtype = dtypes[i % 3] as Dtype;
      const source = awkward(rows, cols, dtype, kind);
      const { quantized, transposed } = await context.quantizeWithTranspose(source);
      const expected = quantizeWithTranspose(source);
      expect(difference(await quantized.read(), expected.quantized), `${dtype} ${kind}`).toBeUndefined();
      expect(difference(await transposed.read(), expected.transposed), `${dtype} ${kind}`).toBeUndefined();
      expect([await paddingIsZero(quantized), await paddingIsZero(transposed)]).toEqual([true, true]);
      quantized.dispose();
      transposed.dispose();
    }
  });

  test.each(scalings.filter((_, i) => i % 3 === 1))(
    'dialect $dialect, power of two $powerOfTwo: GPU equals oracle',
    async (scaling) => {
      const source = awkward(131, 70, 'f32', 'finite');
      const { quantized, transposed } = await context.quantizeWithTranspose(source, scaling);
      const expected = quantizeWithTranspose(source, scaling);
      expect(difference(await quantized.read(), expected.quantized)).toBeUndefined();
      expect(difference(await transposed.read(), expected.transposed)).toBeUndefined();
      quantized.dispose();
      transposed.dispose();
    },
  );

  test.each<FormatName>(['e2m1', 'f16'])('%s: GPU equals oracle', async (format) => {
    const source = awkward(130, 139, 'bf16', 'special');
    const options: TileOptions = { format, dialect: 'ieee', powerOfTwo: true };
    const { quantized, transposed } = await context.quantizeWithTranspose(source, options);
    const expected = quantizeWithTranspose(source, options);
    expect(difference(await quantized.read(), expected.quantized)).toBeUndefined();
    expect(difference(await transposed.read(), expected.transposed)).toBeUndefined();
    quantized.dispose();
    transposed.dispose();
  });

  test('is what quantising and transposing apart gives', () => {
    const source = awkward(140, 150, 'f32', 'ordinary');
    const { quantized, transposed } = quantizeWithTranspose(source, { powerOfTwo: true });
    expect(difference(quantized, quantize(source, { powerOfTwo: true }))).toBeUndefined();
    // Tiles of Xᵀ along its rows are tiles of X down its columns.
    const down = quantize(source, { granularity: '128x1', powerOfTwo: true });
    expect(difference(transposed, transpose(down))).toBeUndefined();
  });
});

describe('from tiles along rows to tiles along columns', () => {
  const formatPairs: [FormatName, FormatName, Kind][] = [
    ['e4m3', 'e4m3', 'special'],
    ['e5m2', 'e5m2', 'infinite'],
    ['e5m6', 'e5m6', 'finite'],
    ['e5m6', 'e4m3', 'ordinary'],
    ['e4m3', 'e5m6', 'ordinary'],
  ];
  test.each(formatPairs.map((pair, i) => [...pair, scalings[i] as TileOptions] as const))(
    '%s to %s of %s values: GPU equals oracle',
    async (from, to, kind, scaling) => {
      const source = quantize(awkward(140, 131, 'f32', kind), { format: from, powerOfTwo: true });
      const options = { format: to, ...scaling };
      using target = await context.requantizeTransposed(source, options);
      expect(difference(await target.read(), requantizeTransposed(source, options))).toBeUndefined();
    },
  );

  test.each(['tensor', 'row', '128x128', '1x32'] as const)('from %s scales', async (granularity) => {
    for (const [rows, cols] of shapes) {
      const source = randomOperand(rows, cols, { granularity, values: () => true });
      using target = await context.requantizeTransposed(source, { powerOfTwo: true });
      const expected = requantizeTransposed(source, { powerOfTwo: true });
      expect(difference(await target.read(), expected), `${rows}x${cols}`).toBeUndefined();
      expect(await paddingIsZero(target)).toBe(true);
    }
  });
});

describe('what the second quantisation adds', () => {
  /** A column of one tile: its largest magnitude, and below it every significand at an exponent each. */
  function column(format: FormatName, drop: number): Float32Array {
    const { mantissaBits } = formats[format];
    const values = new Float32Array(128);
    values[0] = 1.75;
    for (let i = 1; i < 128; i++) values[i] = (1 + (i % 2 ** mantissaBits) / 2 ** mantissaBits) * 2 ** -drop;
    return values;
  }

  /** The matrix whose rows are of one value and zeros, so that 1×128 tiles with power-of-two scales hold it exactly. */
  function quantizedColumn(format: FormatName, drop: number): QuantizedMatrix {
    return quantize(matrix(128, 1, column(format, drop)), { format, powerOfTwo: true, dialect: 'ieee' });
  }

  // The largest magnitude is 1.75 · 2^0; its code has the exponent of the largest code, or one less where 1.75 is
  // above the largest significand (e5m2's 1.75 and e4m3's 1.75 are the largest ones, e5m6's is 1.984375). So that the
  // largest value lands at 2^8 in e4m3 and at 2^15 in e5m2 and e5m6, and the smallest normal 2^14 and 2^29 below it.
  test.each<[FormatName, number]>([
    ['e4m3', 14],
    ['e5m2', 29],
    ['e5m6', 29],
  ])(
    '%s with power-of-two scales: nothing down to 2^-%d of the largest binade, and something below',
    (format, range) => {
      for (let drop = 0; drop <= range; drop++) {
        const first = quantizedColumn(format, drop);
        expect(toFloat32(dequantize(first)), `2^-${drop}`).toEqual(column(format, drop));
        const second = requantizeTransposed(first, { powerOfTwo: true, dialect: 'ieee' });
        expect(toFloat32(dequantize(second)), `2^-${drop}`).toEqual(column(format, drop));
      }
      const first = quantizedColumn(format, range + 1);
      const second = requantizeTransposed(first, { powerOfTwo: true, dialect: 'ieee' });
      const [before, after] = [column(format, range + 1), toFloat32(dequantize(second))];
      // One bit is lost: odd significands move by one unit of the subnormals, even ones stay.
      const unit = 2 ** (-range - formats[format].mantissaBits);
      const moved = before.filter((value, i) => value !== after[i]);
      expect(moved.every((value) => (value / unit) % 1 === 0.5)).toBe(true);
      expect(moved.length).toBeGreaterThan(0);
      for (const [i, value] of before.entries())
        expect(Math.abs((after[i] as number) - value)).toBeLessThanOrEqual(unit / 2);
    },
  );

  test('with float scales nearly every value moves', () => {
    const source = awkward(128, 128, 'f32', 'ordinary');
    for (const powerOfTwo of [false, true]) {
      const first = quantize(source, { powerOfTwo, format: 'e5m6' });
      const before = transpose(dequantize(first)).data;
      const after = dequantize(requantizeTransposed(first, { powerOfTwo })).data;
      const moved = before.filter((value: number, i: number) => value !== after[i]).length;
      if (powerOfTwo) expect(moved).toBe(0);
      else expect(moved / before.length).toBeGreaterThan(0.5);
    }
  });
});

test("a format that is not told is the source's, also where it is said to be undefined", async () => {
  const codes = quantize(matrix(8, 8, new Float32Array(64).fill(3)), { format: 'e5m2' });
  const options = { format: undefined } as object;
  expect(requantizeTransposed(codes, options).format.name).toBe('e5m2');
  using turned = await context.requantizeTransposed(codes, options);
  expect(turned.format.name).toBe('e5m2');
});

describe('what is refused, before anything is allocated', () => {
  const plain = matrix(2, 2, new Float32Array(4));
  const codes = quantize(plain, { format: 'e3m2' });
  const refusals: [string, () => Promise<unknown>, string][] = [
    [
      'a granularity',
      () => context.quantizeWithTranspose(plain, { granularity: 'row' } as TileOptions),
      'options.granularity is "row"; allowed: nothing: tiles are 1x128 here',
    ],
    [
      'a width of which eight are no words',
      () => context.quantizeWithTranspose(plain, { format: 'e3m2' }),
      'format is "e3m2 of 6 bits"; allowed: a format of 4, 8, 12, 16 bits',
    ],
    [
      'such a source',
      () => context.requantizeTransposed(codes, { format: 'e4m3' }),
      'source.format is "e3m2 of 6',
    ],
    [
      'tiles narrower than eight',
      () => context.requantizeTransposed(quantize(plain, { granularity: '128x1' })),
      'source.granularity is "128x1"; allowed: tiles of 8 columns or a multiple',
    ],
    [
      'options that are none',
      () => context.requantizeTransposed(quantize(plain), null as never),
      'options is null; allowed: an object of options',
    ],
    ['no matrix', () => context.quantizeWithTranspose(codes as never), 'source is QuantizedMatrix; allowed'],
    [
      'plain values',
      () => context.requantizeTransposed(plain as never),
      'source is Object; allowed: a Quant',
    ],
  ];
  test.each(refusals)('%s', async (_, work, message) => {
    const create = vi.spyOn(gpu, 'buffer');
    const refusal = await work().catch((error: unknown) => error);
    create.mockRestore();
    expect(refusal).toBeInstanceOf(ArgumentError);
    expect((refusal as Error).message).toContain(message);
  });
});

test('nothing is left behind when a step fails', async () => {
  const source = awkward(9, 20, 'f32', 'ordinary');
  using onGpu = GpuMatrix.upload(gpu, source);
  const made = vi.spyOn(GpuQuantizedMatrix, 'create');
  vi.spyOn(gpu, 'run').mockRejectedValueOnce(new Error('out of luck'));
  const refusal = context.quantizeWithTranspose(onGpu, {});
  await expect(refusal).rejects.toThrow('out of luck');
  expect(made.mock.results.map(({ value }) => value.disposed)).toEqual([true, true]);
  vi.restoreAllMocks();
});
