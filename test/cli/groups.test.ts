import { existsSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { emulatedOutputs } from '../../src/gemm/emulated/reference.js';
import { referenceGemm } from '../../src/gemm/reference.js';
import { readMatrix } from '../../src/io/matrix-file.js';
import { readFolder } from '../../src/io/quantized-folder.js';
import { toFloat32 } from '../../src/matrix.js';
import { dequantize } from '../../src/quantize/dequantize.js';
import { QuantizedMatrix } from '../../src/quantize/quantized-matrix.js';
import { temporaryFolder } from '../io/temporary.js';
import { save, values } from './matrices.js';
import { octile, octileJson } from './octile.js';

const at = temporaryFolder();
const software = ['--adapter', 'software'];
const operands = ['--a', at('a'), '--b', at('b')];

beforeAll(async () => {
  await save(at('a.npy'), values(33, 300, 11));
  await save(at('b.npy'), values(3 * 20, 300, 12));
  await octileJson(['quantize', at('a.npy'), '-o', at('a'), ...software]);
  await octileJson(['quantize', at('b.npy'), '-o', at('b'), ...software]);
});

/** A part of a matrix with 1×128 tiles that begins with one. */
function part(
  source: QuantizedMatrix,
  { row = 0, rows = source.rows, col = 0, cols = source.cols },
): QuantizedMatrix {
  const { format, granularity, codes, scales, scaleCols } = source;
  const tiles = Math.ceil(cols / 128);
  const cut = <T extends typeof codes | typeof scales>(
    from: T,
    pitch: number,
    first: number,
    count: number,
  ) =>
    Array.from({ length: rows }, (_, i) => (row + i) * pitch + first).flatMap((at) => [
      ...from.subarray(at, at + count),
    ]);
  return new QuantizedMatrix(
    rows,
    cols,
    format,
    granularity,
    Uint8Array.from(cut(codes, source.cols, col, cols)),
    Float32Array.from(cut(scales, scaleCols, col / 128, tiles)),
  );
}

interface Case {
  readonly flags: readonly string[];
  readonly result: object;
  /** What each group multiplies, and the row of D where its product begins. */
  readonly groups: readonly { readonly a: object; readonly b: object; readonly at: number }[];
  readonly rows: number;
  readonly n: number;
}

const cases: readonly Case[] = [
  {
    flags: ['--groups', '20,0,13'],
    result: { m: 33, n: 20, k: 300, groups: [20, 0, 13] },
    groups: [
      { a: { row: 0, rows: 20 }, b: { row: 0, rows: 20 }, at: 0 },
      { a: { row: 20, rows: 13 }, b: { row: 40, rows: 20 }, at: 20 },
    ],
    rows: 33,
    n: 20,
  },
  {
    flags: ['--masked', '5,0,11', '--group-rows', '11'],
    result: { m: 33, n: 20, k: 300, masked: [5, 0, 11], groupRows: 11 },
    groups: [
      { a: { row: 0, rows: 5 }, b: { row: 0, rows: 20 }, at: 0 },
      { a: { row: 22, rows: 11 }, b: { row: 40, rows: 20 }, at: 22 },
    ],
    rows: 33,
    n: 20,
  },
  {
    flags: ['--masked', '5,0,11'],
    result: { masked: [5, 0, 11], groupRows: 11 },
    groups: [
      { a: { row: 0, rows: 5 }, b: { row: 0, rows: 20 }, at: 0 },
      { a: { row: 22, rows: 11 }, b: { row: 40, rows: 20 }, at: 22 },
    ],
    rows: 33,
    n: 20,
  },
  {
    flags: ['--k-groups', '128,0,172'],
    result: { m: 33, n: 60, k: 300, kGroups: [128, 0, 172] },
    groups: [
      { a: { col: 0, cols: 128 }, b: { col: 0, cols: 128 }, at: 0 },
      { a: { col: 128, cols: 172 }, b: { col: 128, cols: 172 }, at: 66 },
    ],
    rows: 99,
    n: 60,
  },
];

test.each(cases)(
  '$flags: a product for each group, on the CPU exactly and on an adapter closely',
  async ({ flags, result, groups, rows, n }) => {
    const command = ['gemm', ...operands, ...flags];
    const exact = await octileJson([...command, '--kernel', 'reference', '-o', at('exact.npy')]);
    expect(exact).toMatchObject({ ...result, kernel: 'reference' });
    const [a, b] = [(await readFolder(at('a'))).matrix, (await readFolder(at('b'))).matrix];
    const expected = new Float32Array(rows * n);
    // An f32 sum of K products has at most two roundings a product and a few for scales and the result, each of
    // relative size 2^-24 of a partial sum, which the sum of magnitudes bounds.
    const bounds = new Float64Array(rows * n);
    for (const group of groups) {
      const [left, right] = [part(a, group.a), part(b, group.b)];
      expected.set(toFloat32(referenceGemm(left, right)), group.at * n);
      const magnitudes = [left, right].map((one) => dequantize(one).data.map(Math.abs));
      const [x, y] = magnitudes as [Float32Array, Float32Array];
      for (let i = 0; i < left.rows * n; i++) {
        let magnitude = 0;
        for (let j = 0; j < left.cols; j++)
          magnitude +=
            (x[Math.floor(i / n) * left.cols + j] as number) * (y[(i % n) * left.cols + j] as number);
        bounds[group.at * n + i] = 616 * 2 ** -24 * magnitude;
      }
    }
    expect(await readMatrix(at('exact.npy'))).toMatchObject({ rows, cols: n });
    expect(toFloat32(await readMatrix(at('exact.npy')))).toEqual(expected);

    await octileJson([...command, '-o', at('d.npy'), ...software]);
    for (const [i, value] of toFloat32(await readMatrix(at('d.npy'))).entries())
      expect(Math.abs(value - (expected[i] as number))).toBeLessThanOrEqual(bounds[i] as number);
  },
);

test.each(cases.filter(({ flags }) => !flags.includes('--group-rows')))(
  '$flags with an accumulator: the bits of each group alone, on the CPU and on an adapter',
  async ({ flags, groups, rows, n }) => {
    const command = ['gemm', ...operands, ...flags, '--accumulator', 'hopper-wgmma'];
    const [a, b] = [(await readFolder(at('a'))).matrix, (await readFolder(at('b'))).matrix];
    const expected = new Float32Array(rows * n);
    for (const group of groups) {
      const [left, right] = [part(a, group.a), part(b, group.b)];
      const outputs = emulatedOutputs(left, right, { accumulator: 'hopper-wgmma' });
      for (let i = 0; i < left.rows * n; i++)
        expected[group.at * n + i] = outputs.at(Math.floor(i / n), i % n);
    }
    const onCpu = await octileJson([...command, '--kernel', 'reference', '-o', at('cpu.npy')]);
    expect(onCpu).toMatchObject({ kernel: 'reference', accumulator: { profile: 'hopper-wgmma' } });
    expect(toFloat32(await readMatrix(at('cpu.npy')))).toEqual(expected);
    await octileJson([...command, '--kernel', 'stepwise', '-o', at('gpu.npy'), ...software]);
    expect(toFloat32(await readMatrix(at('gpu.npy')))).toEqual(expected);
  },
);

test('what is printed says how many rows D has', async () => {
  const { stdout } = await octile([
    'gemm',
    ...operands,
    ...['--k-groups', '128,172', '--kernel', 'reference', '-o', at('d.npy')],
  ]);
  expect(stdout).toMatch(/D .*66 x 60 f32/);
  expect(stdout).toMatch(/groups +128, 172 of K/);
});

test.each([
  [['--groups', '20,13,1'], /--groups .*34 rows in all.*33 rows/s],
  [['--groups', '20,13,0,0,0,0,0'], /--b .*60 x 300.*multiple of 7 rows.*--groups/s],
  [['--groups', '20;13'], /70,0,58/],
  [
    ['--k-groups', '128,172', '--accumulator', 'hopper-wgmma', '--split-k', '2'],
    /--split-k is 2; allowed: 1 with groups along K/,
  ],
  [['--groups', '33', '--accumulator', 'ada-mma', '--kernel', 'portable'], /--kernel .*with --accumulator/],
  [['--groups', '20,0,13', '--layout', 'TT'], /--layout .*NT with --groups/],
  [['--masked', '12,0,1'], /--masked is "12,0,1"; allowed: at most 11 in each/],
  [['--masked', '1,2,3,4'], /--masked is "1,2,3,4, 4 groups"; allowed: .*divides the 33 rows of --a/],
  [
    ['--masked', '1,2,3', '--group-rows', '12'],
    /--group-rows is 12; allowed: A of 3 groups of 12 rows, 36 in all; --a .* has 33/,
  ],
  [['--masked', '1,2,3', '--c', 'c.npy'], /--c is "c.npy"; allowed: nothing with --masked/],
  [['--group-rows', '11'], /--group-rows is 11; allowed: nothing, without --masked/],
  [['--groups', '20,0,13', '--k-groups', '300'], /--k-groups is "300"; allowed: nothing with --groups/],
  [['--k-groups', '100,156'], /--k-groups is "100,156, 256 columns in all"; allowed: sizes of 300 columns/],
  [['--k-groups', '100,200'], /--k-groups is "100,200"; allowed: a multiple of 128.*; group 1 has 100/],
  [['--k-groups', ''], /70,0,58/],
])('%j is refused with what fits', async (flags, message) => {
  const { status, stderr } = await octile(['gemm', ...operands, ...flags, '-o', at('no.npy')]);
  expect(status).toBe(2);
  expect(stderr).toMatch(message);
  expect(existsSync(at('no.npy'))).toBe(false);
});
