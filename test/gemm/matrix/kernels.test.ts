import { describe, expect, test } from 'vitest';
import { checkGemm } from '../../../src/gemm/check.js';
import { half } from '../../../src/gemm/half.js';
import type { Kernel } from '../../../src/gemm/kernel.js';
import { matrix } from '../../../src/gemm/matrix/folded.js';
import { matrixHalf } from '../../../src/gemm/matrix/half-sums.js';
import { matrixPromoted } from '../../../src/gemm/matrix/promoted.js';
import { passes } from '../../../src/gemm/matrix/tilings.js';
import { gemmProblem } from '../../../src/gemm/problem.js';
import { referenceGemm } from '../../../src/gemm/reference.js';
import type { Dispatch } from '../../../src/gpu/dispatch.js';
import { toFloat32 } from '../../../src/matrix.js';
import type { QuantizedMatrix } from '../../../src/quantize/quantized-matrix.js';
import { openTestGpu } from '../../adapter.js';
import { f16Units, intoF32, machineWith } from '../matrix-machine.js';
import { expectWithinBound, multiplyInSoftware, type Options } from '../multiply-in-software.js';
import { altered, randomMatrix, randomOperand } from '../operands.js';

const gpu = await openTestGpu();

type Both = readonly [QuantizedMatrix, QuantizedMatrix];
const multiply = (kernel: Kernel, operands: Both, options?: Options) =>
  multiplyInSoftware(gpu, kernel, operands, options);
const expectWithin = (kernel: Kernel, operands: Both, options?: Options) =>
  expectWithinBound(gpu, kernel, operands, options);

describe.each([matrix, matrixPromoted, half])('$name, in software', (kernel) => {
  test.each([
    [1, 1, 1],
    [33, 50, 300],
    [64, 32, 128],
  ])('%d x %d x %d', async (m, n, k) => {
    const a = randomOperand(m, k, { seed: m });
    const b = randomOperand(n, k, { seed: n, granularity: '128x128' });
    await expectWithin(kernel, [a, b]);
    await expectWithin(kernel, [a, b], { parts: 2 });
  });

  test('power-of-two scales change no bit', async () => {
    // Sums of these are whole numbers below 2^24 in every order.
    const small = { values: (value: number) => Number.isInteger(value) && Math.abs(value) <= 8 };
    const a = randomOperand(20, 300, { ...small, granularity: '1x32', spread: 1 });
    const b = randomOperand(40, 300, { ...small, granularity: 'row', spread: 0, seed: 2 });
    const product = await multiply(kernel, [a, b]);
    expect(toFloat32(product)).toEqual(toFloat32(referenceGemm(a, b)));
  });

  test('more rows of tiles than a panel, over two columns of tiles', async () => {
    // 19 rows of tiles of 32, in a panel of 16 and one of three; twice, where K is in two parts.
    const whole = { values: (value: number) => Number.isInteger(value) && Math.abs(value) <= 8, spread: 0 };
    const a = randomOperand(600, 256, { ...whole, granularity: 'tensor' });
    const b = randomOperand(40, 256, { ...whole, granularity: 'tensor', seed: 2 });
    const exact = toFloat32(referenceGemm(a, b));
    expect(toFloat32(await multiply(kernel, [a, b]))).toEqual(exact);
    expect(toFloat32(await multiply(kernel, [a, b], { parts: 2 }))).toEqual(exact);
  });

  test('codes of four and of twelve bits', async () => {
    const a = randomOperand(20, 200, { format: 'e5m6', seed: 1 });
    const b = randomOperand(30, 200, { format: 'e2m1', seed: 2, granularity: '1x32' });
    await expectWithin(kernel, [a, b]);
  });

  test('C and 16-bit outputs', async () => {
    const small = { spread: 0, values: (value: number) => Math.abs(value) <= 8 };
    const [a, b] = [randomOperand(20, 200, small), randomOperand(30, 200, { ...small, seed: 2 })];
    const c = randomMatrix(20, 30, 'bf16');
    await expectWithin(kernel, [a, b], { c, out: 'bf16' });
    await expectWithin(kernel, [a, b], { c, out: 'bf16', parts: 2 });
  });

  test('NaN codes and NaN scales', async () => {
    const [a, b] = [randomOperand(20, 200), randomOperand(30, 200, { seed: 2 })];
    const nans = async (odd: QuantizedMatrix) =>
      [...toFloat32(await multiply(kernel, [odd, b]))].flatMap((value, i) =>
        Number.isNaN(value) ? [i] : [],
      );
    const row = Array.from({ length: 30 }, (_, col) => 3 * 30 + col);
    expect(await nans(altered(a, { code: [3 * 200 + 150, 0x7f] }))).toEqual(row);
    expect(await nans(altered(a, { scale: [3 * 2, Number.NaN] }))).toEqual(row);
  });

  test('infinite codes stay infinite', async () => {
    const a = altered(
      randomOperand(5, 40, { format: 'e5m2', seed: 4, values: (value) => Math.abs(value) < 100 }),
      {
        code: [2 * 40 + 39, 0xfc],
      },
    );
    const b = randomOperand(30, 40, { seed: 2, values: (value) => value > 0 });
    const d = toFloat32(await multiply(kernel, [a, b]));
    expect([...d].flatMap((value, i) => (value === -Infinity ? [i] : []))).toEqual(
      Array.from({ length: 30 }, (_, col) => 2 * 30 + col),
    );
    expect(d.filter(Number.isNaN)).toHaveLength(0);
  });

  test('scales far from 1, and far apart', async () => {
    for (const spread of [30, 60]) {
      const a = randomOperand(20, 300, { spread, granularity: '1x32' });
      const b = randomOperand(30, 300, { spread, granularity: '128x128', seed: 2 });
      await expectWithin(kernel, [a, b]);
    }
  });
});

test.each([matrix, matrixPromoted])('$name, on units that multiply f32', async (kernel) => {
  const a = randomOperand(20, 200, { seed: 1 });
  const b = randomOperand(30, 200, { seed: 2, granularity: '128x128' });
  await expectWithin(kernel, [a, b], { config: intoF32(8, 8, 8, 'f32') });
});

/** A tile of which each subgroup has one matrix, which compiles soonest. */
const single = { rows: 16, cols: 16, unitRows: 8, unitCols: 8 };

describe.each([matrix, matrixPromoted])(
  '$name gives the bits of decoding inline in a pass of its own',
  (kernel) => {
    const expectSame = async (
      operands: readonly [QuantizedMatrix, QuantizedMatrix],
      options: Pick<Options, 'tile' | 'parts'> = {},
    ) => {
      const inline = await multiply(kernel, operands, options);
      for (const decode of passes)
        expect((await multiply(kernel, operands, { ...options, decode })).data, decode).toEqual(inline.data);
    };
    const [a, b] = [33, 50].map((rows, i) =>
      randomOperand(rows, 300, { seed: i, granularity: i === 0 ? '1x128' : '128x128' }),
    ) as [QuantizedMatrix, QuantizedMatrix];

    test('ragged tiles', () => expectSame([a, b]));

    test('parts of K', () => expectSame([a, b], { parts: 2 }));

    test('K that workgroups of the pass divide', () =>
      expectSame(
        [randomOperand(17, 1100, { seed: 1 }), randomOperand(20, 1100, { seed: 2, granularity: '128x128' })],
        { tile: single },
      ));

    test('codes of six and four bits, scales of 32', () =>
      expectSame(
        [
          randomOperand(17, 200, { seed: 1, format: 'e2m3', granularity: '1x32' }),
          randomOperand(20, 200, { seed: 2, format: 'e2m1', granularity: '1x32' }),
        ],
        { tile: single },
      ));

    test('steps that are no whole rounds of chunks', () =>
      expectSame([a, b], { tile: { ...single, depth: 64 } }));
  },
);

test.each([matrix, matrixPromoted])('$name, four steps at a time', async (kernel) => {
  const a = randomOperand(20, 384, { seed: 1 });
  const b = randomOperand(17, 384, { seed: 2, granularity: '128x128' });
  const byOne = await multiply(kernel, [a, b], { tile: single });
  expect((await multiply(kernel, [a, b], { tile: single, byFour: true })).data).toEqual(byOne.data);
  const halves = { tile: single, byFour: true, decode: 'pass' } as const;
  expect((await multiply(kernel, [a, b], halves)).data).toEqual(byOne.data);
});

test.each([matrix, matrixPromoted, matrixHalf])('$name, steps in pairs', async (kernel) => {
  const whole = { values: (value: number) => Number.isInteger(value) && Math.abs(value) <= 2, spread: 0 };
  const a = randomOperand(13, 512, { ...whole, seed: 1 });
  const b = randomOperand(17, 512, { ...whole, seed: 2, granularity: '128x128' });
  const exact = toFloat32(referenceGemm(a, b));
  const tile = { ...single, depth: 64 };
  let inPairs: unknown[] = [];
  const alter = (dispatch: Dispatch): Dispatch => {
    inPairs.push(dispatch.shader.constants.IN_PAIRS);
    return dispatch;
  };
  for (const parts of [1, 2]) {
    for (const [decode, expected] of [
      ['inline', true],
      ['pass', false],
      ['pass-a', false],
    ] as const) {
      inPairs = [];
      expect(toFloat32(await multiply(kernel, [a, b], { tile, alter, decode, parts }))).toEqual(exact);
      expect(inPairs.filter((value) => value !== undefined)).toEqual([expected]);
    }
  }
});

test.each([2, 4])('matrix, %d subgroups with the same outputs', async (kSubgroups) => {
  const a = randomOperand(13, 640, { seed: 1 });
  const b = randomOperand(33, 640, { seed: 2, granularity: '128x128' });
  for (const columns of [16, 32]) {
    const tile = { ...single, cols: columns, unitCols: 16, depth: 64, kSubgroups };
    for (const decode of ['inline', 'pass'] as const) {
      const d = await multiply(matrix, [a, b], { tile, decode });
      expect(checkGemm(a, b, d, { errorBound: matrix.errorBound }).wrong).toEqual([]);
    }
  }
});

test.each(passes)('workgroups beyond those that a decoding pass (%s) needs write nothing', async (decode) => {
  // Grids of more than 65535 workgroups have some.
  const more = (dispatch: Dispatch): Dispatch =>
    dispatch.shader.label.startsWith('gemm decode')
      ? { ...dispatch, workgroups: [dispatch.workgroups[0], dispatch.workgroups[1] + 1, 1] }
      : dispatch;
  const a = randomOperand(33, 130, { seed: 1 });
  const b = randomOperand(32, 130, { seed: 2, granularity: '128x128' });
  const inline = await multiply(matrix, [a, b]);
  expect((await multiply(matrix, [a, b], { decode, alter: more })).data).toEqual(inline.data);
});

test('a defect in the data flow is beyond the bound', async () => {
  const a = randomOperand(33, 300, { seed: 1 });
  const b = randomOperand(50, 300, { seed: 2, granularity: '128x128' });
  const d = await multiply(matrix, [a, altered(b, { code: [7 * 300 + 250, 0x38] })]);
  const { wrong } = checkGemm(a, b, d, { errorBound: matrix.errorBound });
  expect(new Set(wrong.map(({ col }) => col))).toEqual(new Set([7]));
});

describe('what a machine lacks', () => {
  test('is said with what it offers', async () => {
    const having = { ...(await machineWith(gpu, f16Units)), matrixConfigs: [f16Units] };
    const intoF16 = { ...having, matrixConfigs: [{ ...f16Units, resultComponentType: 'f16' }] };
    expect(matrix.lacks?.(intoF16)).toMatch(/f16 or f32 products up in f32.*offers f16 to f16 8x8x8$/);
    expect(matrixHalf.lacks?.(having)).toMatch(/f16 products up in f16.*offers f16 to f32 8x8x8$/);
    expect(matrix.lacks?.(having)).toBeUndefined();
    expect(matrixHalf.lacks?.(intoF16)).toBeUndefined();
  });

  test('formats whose values are no halves are refused', () => {
    const one = randomOperand(1, 1);
    const wide = randomOperand(1, 1, { format: 'bf16' });
    expect(matrix.unfit(gemmProblem(one, wide, undefined, 'f32'))).toMatch(/bf16/);
  });
});
