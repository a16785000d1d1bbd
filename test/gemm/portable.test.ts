import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FormatName } from '../../src/format/formats.js';
import { checkGemm } from '../../src/gemm/check.js';
import { gemmOnGpu, planGemm } from '../../src/gemm/gemm.js';
import { gemmProblem } from '../../src/gemm/problem.js';
import { referenceGemm } from '../../src/gemm/reference.js';
import { GpuMatrix, GpuQuantizedMatrix } from '../../src/gpu-matrix.js';
import { type Dtype, type Matrix, matrix, toFloat32, toFloat32Bits } from '../../src/matrix.js';
import { granularityNames } from '../../src/quantize/granularity.js';
import { quantize } from '../../src/quantize/quantize.js';
import type { QuantizedMatrix } from '../../src/quantize/quantized-matrix.js';
import { openTestGpu } from '../adapter.js';
import { randomWords } from '../random.js';
import { altered, randomMatrix, randomOperand } from './operands.js';

/** WebGPU's default limits and no optional feature: what `portable` promises to need. */
const gpu = await openTestGpu('software', {
  limits: 'default',
  withoutFeatures: ['shader-f16', 'subgroups', 'chromium-experimental-subgroup-matrix'],
});

interface Options {
  readonly c?: Matrix;
  readonly out?: Dtype;
}

async function multiply(a: QuantizedMatrix, b: QuantizedMatrix, options: Options = {}): Promise<Matrix> {
  const left = GpuQuantizedMatrix.upload(gpu, a);
  const right = GpuQuantizedMatrix.upload(gpu, b);
  try {
    const product = await gemmOnGpu(gpu, left, right, { ...options, kernel: 'portable' });
    const result = await product.read();
    product.dispose();
    return result;
  } finally {
    left.dispose();
    right.dispose();
  }
}

/** Multiplies, and expects every output (or a sample of a large product) within the bound. */
async function expectWithinBound(a: QuantizedMatrix, b: QuantizedMatrix, options: Options = {}) {
  const product = await multiply(a, b, options);
  const { checked, wrong } = checkGemm(a, b, product, { c: options.c });
  expect(wrong.slice(0, 5)).toEqual([]);
  // A bound that is infinite anywhere would prove nothing there.
  expect(checked.filter(({ bound }) => bound === Infinity)).toEqual([]);
}

describe('within the error bound', () => {
  test.each([
    [1, 1, 1],
    [3, 5, 7],
    [1, 1, 128],
    [65, 63, 130],
    [64, 64, 64],
    [128, 128, 128],
    [192, 192, 192],
    [127, 255, 384],
    [300, 303, 640],
    [5, 9, 7168],
    [1, 70, 300],
    [70, 1, 300],
  ])('%d x %d x %d', async (m, n, k) => {
    const a = randomOperand(m, k, { seed: m });
    const b = randomOperand(n, k, { seed: n + 1, granularity: '128x128' });
    await expectWithinBound(a, b);
  });

  test('any shape', async () => {
    const size = (max: number) => fc.integer({ min: 1, max });
    await fc.assert(
      fc.asyncProperty(size(140), size(140), size(300), fc.nat(), async (m, n, k, seed) => {
        await expectWithinBound(randomOperand(m, k, { seed }), randomOperand(n, k, { seed: seed + 1 }));
      }),
      { numRuns: 15 },
    );
  });

  test.each(granularityNames.flatMap((a) => granularityNames.map((b) => [a, b] as const)))(
    'scales by %s and %s',
    async (first, second) => {
      const a = randomOperand(70, 300, { granularity: first, seed: 1 });
      const b = randomOperand(135, 300, { granularity: second, seed: 2 });
      await expectWithinBound(a, b);
    },
  );

  test.each<[FormatName, FormatName]>([
    ['e5m2', 'e5m2'],
    ['e4m3', 'e5m2'],
    ['e5m6', 'e3m2'],
    ['e2m1', 'e2m3'],
    ['bf16', 'bf16'],
    ['f16', 'e4m3fnuz'],
    ['e3m4', 'e5m2fnuz'],
  ])('%s by %s', async (first, second) => {
    // K's last segment is part full, and segments begin at every place in 16 bytes that a width allows.
    const a = randomOperand(66, 203, { format: first, seed: 3 });
    const b = randomOperand(67, 203, { format: second, seed: 4, granularity: '1x32' });
    await expectWithinBound(a, b);
  });

  test.each<[Dtype, Dtype | undefined]>([
    ['f32', 'f32'],
    ['bf16', undefined],
    ['bf16', 'bf16'],
    ['f16', undefined],
    ['f16', 'f16'],
  ])('output in %s with C in %s', async (out, dtype) => {
    const a = randomOperand(67, 130, { spread: 0, values: (value) => Math.abs(value) <= 8 });
    const b = randomOperand(66, 130, { spread: 0, values: (value) => Math.abs(value) <= 8, seed: 2 });
    const c = dtype && randomMatrix(67, 66, dtype);
    await expectWithinBound(a, b, { out, ...(c && { c }) });
  });

  test('values with outliers of 1e4, quantised by tiles', async () => {
    const next = randomWords(5);
    const normal = () => [0, 0, 0, 0].reduce((sum) => sum + next() / 2 ** 31 - 1, 0);
    const values = (rows: number) =>
      matrix(
        rows,
        512,
        Float32Array.from({ length: rows * 512 }, () => normal() * (next() % 200 ? 1 : 1e4)),
      );
    const a = quantize(values(96), { granularity: '1x128' });
    const b = quantize(values(80), { granularity: '128x128' });
    await expectWithinBound(a, b);
  });
});

describe('exact where f32 is', () => {
  /** Products and sums of these are whole numbers below 2^24, and scales are powers of two. */
  const small = { values: (value: number) => Number.isInteger(value) && Math.abs(value) <= 8 };

  test.each<[Dtype, Dtype | undefined]>([
    ['f32', undefined],
    ['bf16', undefined],
    ['f16', undefined],
    ['f32', 'f32'],
    ['bf16', 'bf16'],
    ['f16', 'f16'],
  ])('the bits are the oracle’s for %s with C in %s', async (out, dtype) => {
    const a = randomOperand(70, 260, { ...small, granularity: '1x32', spread: 1, seed: 1 });
    const b = randomOperand(90, 260, { ...small, granularity: 'tensor', spread: 0, seed: 2 });
    const c = dtype && toWhole(randomMatrix(70, 90, dtype));
    const options = { out, ...(c && { c }) };
    const product = await multiply(a, b, options);
    expect(toFloat32Bits(product)).toEqual(toFloat32Bits(referenceGemm(a, b, options)));
  });

  test('each column of K counts once, in every format', async () => {
    // A has a single 1 in each row: D shows B's column.
    const k = 203;
    for (const format of ['e4m3', 'e2m1'] as const) {
      const zeros = randomOperand(k, k, { format, values: (value) => Object.is(value, 0), spread: 0 });
      const one = { e4m3: 0x38, e2m1: 2 }[format];
      const codes = zeros.codes.slice();
      for (let i = 0; i < k; i++) codes[i * k + i] = one;
      const identity = altered(zeros, { code: [0, one] });
      identity.codes.set(codes);
      const b = randomOperand(5, k, { format: format === 'e4m3' ? 'e4m3' : 'e2m3', spread: 0, seed: 9 });
      const product = toFloat32(await multiply(identity, b));
      const exact = toFloat32(referenceGemm(identity, b));
      expect(product).toEqual(exact);
      expect(new Set(exact).size).toBeGreaterThan(20);
    }
  });
});

describe('specials', () => {
  const a = randomOperand(70, 200, { granularity: '1x32', seed: 1 });
  const b = randomOperand(66, 200, { granularity: '128x128', seed: 2 });
  const rowsWith = (product: Matrix, is: (value: number) => boolean) =>
    Array.from({ length: product.rows }, (_, row) => row).filter((row) =>
      toFloat32(product)
        .subarray(row * product.cols, (row + 1) * product.cols)
        .every(is),
    );

  test('a NaN code makes its row NaN, and no other', async () => {
    const product = await multiply(altered(a, { code: [65 * 200 + 199, 0x7f] }), b);
    expect(rowsWith(product, Number.isNaN)).toEqual([65]);
    expect(toFloat32(product).filter(Number.isNaN)).toHaveLength(66);
  });

  test('a NaN scale makes its row NaN, and no other', async () => {
    // The last scale of row 64, which also covers codes beyond K.
    const product = await multiply(altered(a, { scale: [65 * 7 - 1, 255] }), b, { out: 'bf16' });
    expect(rowsWith(product, Number.isNaN)).toEqual([64]);
    expect(toFloat32(product).filter(Number.isNaN)).toHaveLength(66);
  });

  test.each([0, Infinity, -Infinity, Number.NaN])(
    'a scale of %d is multiplied as the oracle has it',
    async (scale) => {
      // K ends within a segment, whose codes beyond K are zeros and no part of the product.
      const positive = { values: (value: number) => value >= 1, granularity: '1x128' } as const;
      const [left, right] = [
        randomOperand(66, 201, positive),
        randomOperand(67, 201, { ...positive, seed: 2 }),
      ];
      for (const [first, second] of [
        [altered(left, { scale: [2 * 65 + 1, scale] }), right],
        [left, altered(right, { scale: [2 * 66 + 1, scale] })],
        // Zeros within K count.
        [altered(altered(left, { scale: [2 * 65 + 1, scale] }), { code: [65 * 201 + 200, 0] }), right],
      ] as const) {
        const { wrong } = checkGemm(first, second, await multiply(first, second), { outputs: 66 * 67 });
        expect(wrong.slice(0, 5)).toEqual([]);
      }
    },
  );

  test('what is too large for the output becomes infinite', async () => {
    const large = randomOperand(3, 128, { values: (value) => value === 448, spread: 0 });
    const product = await multiply(large, large, { out: 'f16' });
    expect([...toFloat32(product)]).toEqual(new Array(9).fill(Infinity));
  });
});

describe('dispatches', () => {
  const tiling = { rows: 64, cols: 64, depth: 32, threadRows: 8, parts: 1 };
  const plan = (a: GpuQuantizedMatrix, b: GpuQuantizedMatrix) =>
    planGemm(gpu, gemmProblem(a, b, undefined, 'f32'), { kernel: 'portable', tiling });

  test('work that is split computes the same bits', async () => {
    const a = GpuQuantizedMatrix.upload(gpu, randomOperand(150, 256));
    const b = GpuQuantizedMatrix.upload(gpu, randomOperand(140, 256, { seed: 2 }));
    const whole = GpuMatrix.create(gpu, 150, 140, 'f32');
    const split = GpuMatrix.create(gpu, 150, 140, 'f32');
    const operationsPerTile = 2 * 64 * 64 * 256;

    const { dispatches } = await plan(a, b);
    const one = dispatches({ a, b, d: whole });
    expect(one).toHaveLength(1);
    // Nine tiles of 64 x 64, two at a time.
    const limit = 2.5 * operationsPerTile;
    const many = dispatches({ a, b, d: split }, undefined, limit);
    expect(many).toHaveLength(5);
    for (const { operations } of many) expect(operations).toBeLessThanOrEqual(limit);

    await gpu.run('whole', one);
    await gpu.run('split', [...many].reverse());
    expect((await split.read()).data).toEqual((await whole.read()).data);
    for (const matrix of [a, b, whole, split]) matrix.dispose();
  });

  test('a grid folded into two dimensions, with workgroups to spare, computes the same bits', async () => {
    const a = GpuQuantizedMatrix.upload(gpu, randomOperand(150, 70));
    const b = GpuQuantizedMatrix.upload(gpu, randomOperand(140, 70, { seed: 2 }));
    const row = GpuMatrix.create(gpu, 150, 140, 'f32');
    const folded = GpuMatrix.create(gpu, 150, 140, 'f32');
    const { dispatches } = await plan(a, b);
    await gpu.run('in a row', dispatches({ a, b, d: row }));
    const foldable = dispatches({ a, b, d: folded });
    expect(foldable.map(({ workgroups }) => workgroups)).toEqual([[9, 1, 1]]);
    // As more than 65535 tiles would be.
    const workgroups = [2, 5, 1] as const;
    await gpu.run(
      'folded',
      foldable.map((dispatch) => ({ ...dispatch, workgroups })),
    );
    expect((await folded.read()).data).toEqual((await row.read()).data);
    for (const matrix of [a, b, row, folded]) matrix.dispose();
  });

  test('a tile is never divided', async () => {
    const a = GpuQuantizedMatrix.upload(gpu, randomOperand(65, 4096));
    const d = GpuMatrix.create(gpu, 65, 65, 'f32');
    const { dispatches } = await plan(a, a);
    expect(dispatches({ a, b: a, d }, undefined, 1)).toHaveLength(4);
    a.dispose();
    d.dispose();
  });
});

/** The same matrix with its values rounded to whole numbers, where they are f32. */
function toWhole(source: Matrix): Matrix {
  if (source.data instanceof Uint16Array) return source;
  return matrix(source.rows, source.cols, source.data.map(Math.round));
}
