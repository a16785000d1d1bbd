import { beforeAll, expect, test } from 'vitest';
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

/** Rows of a matrix with 1×128 tiles. */
function rowsOf(source: QuantizedMatrix, first: number, count: number): QuantizedMatrix {
  const { cols, scaleCols, format, granularity, codes, scales } = source;
  return new QuantizedMatrix(
    count,
    cols,
    format,
    granularity,
    codes.slice(first * cols, (first + count) * cols),
    scales.slice(first * scaleCols, (first + count) * scaleCols),
  );
}

test('--groups multiplies each group by its own rows of B, on the CPU exactly and on an adapter closely', async () => {
  const exact = await octileJson<{ m: number; n: number; groups: number[] }>([
    'gemm',
    ...operands,
    '--groups',
    '20,0,13',
    '--kernel',
    'reference',
    '-o',
    at('exact.npy'),
  ]);
  expect(exact).toMatchObject({ m: 33, n: 20, groups: [20, 0, 13], kernel: 'reference' });
  const [a, b] = [(await readFolder(at('a'))).matrix, (await readFolder(at('b'))).matrix];
  const expected = [
    ...toFloat32(referenceGemm(rowsOf(a, 0, 20), rowsOf(b, 0, 20))),
    ...toFloat32(referenceGemm(rowsOf(a, 20, 13), rowsOf(b, 40, 20))),
  ];
  expect([...toFloat32(await readMatrix(at('exact.npy')))]).toEqual(expected);

  await octileJson(['gemm', ...operands, '--groups', '20,0,13', '-o', at('d.npy'), ...software]);
  const computed = toFloat32(await readMatrix(at('d.npy')));
  // An f32 sum of K products has at most two roundings a product and a few for scales and the result, each of relative size
  // 2^-24 of a partial sum, which the sum of magnitudes bounds.
  const [x, y] = [dequantize(a).data, dequantize(b).data];
  for (const [i, value] of computed.entries()) {
    const row = Math.floor(i / 20);
    const rowOfB = (i % 20) + (row < 20 ? 0 : 40);
    let magnitude = 0;
    for (let j = 0; j < 300; j++)
      magnitude += Math.abs((x[row * 300 + j] as number) * (y[rowOfB * 300 + j] as number));
    expect(Math.abs(value - (expected[i] as number))).toBeLessThanOrEqual(616 * 2 ** -24 * magnitude);
  }
});

test.each([
  [['--groups', '20,13,1'], /--groups .*34 rows in all.*33 rows/s],
  [['--groups', '20,13,0,0,0,0,0'], /--b .*60 x 300.*multiple of 7 rows/s],
  [['--groups', '20;13'], /70,0,58/],
  [['--groups', '20,0,13', '--accumulator', 'ada-mma'], /--accumulator .*nothing with --groups/],
  [['--groups', '20,0,13', '--layout', 'TT'], /--layout .*NT with --groups/],
])('%j is refused with what fits', async (flags, message) => {
  const { status, stderr } = await octile(['gemm', ...operands, ...flags, '-o', at('no.npy')]);
  expect(status).toBe(2);
  expect(stderr).toMatch(message);
});
