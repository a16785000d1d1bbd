import { rmSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { referenceGemm } from '../../src/gemm/reference.js';
import { makeFolder, writeFiles } from '../../src/io/files.js';
import { matrixFile, readMatrix, scalesFile } from '../../src/io/matrix-file.js';
import { readNpy } from '../../src/io/npy-file.js';
import { folderFiles, folderPaths, readFolder } from '../../src/io/quantized-folder.js';
import { type Matrix, matrix, toFloat32 } from '../../src/matrix.js';
import { dequantize } from '../../src/quantize/dequantize.js';
import { quantize } from '../../src/quantize/quantize.js';
import { QuantizedMatrix } from '../../src/quantize/quantized-matrix.js';
import { transpose } from '../../src/quantize/transpose.js';
import { temporaryFolder } from '../io/temporary.js';
import { save, values } from './matrices.js';
import { octile, octileJson } from './octile.js';

const at = temporaryFolder();
const software = ['--adapter', 'software'];
const [m, n, k] = [33, 20, 300];

let a: QuantizedMatrix;
let b: QuantizedMatrix;
const c = values(m, n, 13);

beforeAll(async () => {
  await Promise.all([
    save(at('a.npy'), values(m, k, 11)),
    save(at('b.npy'), values(n, k, 12)),
    save(at('c.npy'), c),
  ]);
  await Promise.all([
    octileJson(['quantize', at('a.npy'), '-o', at('a'), ...software]),
    octileJson(['quantize', at('b.npy'), '-o', at('b'), '--granularity', '128x128', ...software]),
  ]);
  a = (await readFolder(at('a'))).matrix;
  b = (await readFolder(at('b'))).matrix;
});

/**
 * Compares D with the product in f64. An f32 sum of K products has at most two roundings a product and a few for
 * scales, C and the result, each of relative size 2^-24 of a partial sum, which the sum of magnitudes bounds. The
 * rounding of D to bf16 adds 2^-8 of it.
 */
function expectProduct(d: Matrix, left: QuantizedMatrix, right: QuantizedMatrix, added?: Matrix): void {
  expect({ rows: d.rows, cols: d.cols }).toEqual({ rows: left.rows, cols: right.rows });
  const [x, y] = [dequantize(left).data, dequantize(right).data];
  const sum = added && toFloat32(added);
  toFloat32(d).forEach((value, i) => {
    const [row, col] = [Math.floor(i / right.rows), i % right.rows];
    let expected = sum?.[i] ?? 0;
    let magnitude = Math.abs(expected);
    for (let j = 0; j < left.cols; j++) {
      const product = (x[row * left.cols + j] as number) * (y[col * left.cols + j] as number);
      expected += product;
      magnitude += Math.abs(product);
    }
    const bound = (2 * left.cols + 16) * 2 ** -24 * magnitude;
    const rounding = d.dtype === 'bf16' ? 2 ** -8 * (Math.abs(expected) + bound) : 0;
    expect(Math.abs(value - expected), `D[${row}, ${col}]`).toBeLessThanOrEqual(bound + rounding);
  });
}

test('folders multiply, and C is added', async () => {
  const result = await octileJson<Record<string, unknown>>([
    ...['gemm', '--a', at('a'), '--b', at('b'), '--c', at('c.npy')],
    ...['-o', at('d.npy'), ...software],
  ]);
  expect(result).toMatchObject({
    command: 'gemm',
    m,
    n,
    k,
    a: { path: at('a'), rows: m, cols: k, format: 'e4m3', granularity: '1x128' },
    b: { path: at('b'), rows: n, cols: k, format: 'e4m3', granularity: '128x128' },
    c: { path: at('c.npy'), dtype: 'f32', bytes: m * n * 4 },
    output: { path: at('d.npy'), dtype: 'f32', bytes: m * n * 4 },
    kernel: expect.stringMatching(/^(?!auto$|reference$)\w/),
    adapter: { kind: 'software' },
  });
  expectProduct(await readMatrix(at('d.npy')), a, b, c);
});

test('missing scales are 1, and D is rounded to the type asked for', async () => {
  const text = await octile([
    ...['gemm', '--a', folderPaths(at('a')).codes, '--b', folderPaths(at('b')).codes],
    ...['--kernel', 'portable', '--out', 'bf16', '-o', at('ones.npy'), ...software],
  ]);
  expect(text.status).toBe(0);
  for (const part of [`${m} x ${k} e4m3, tensor`, `${m} x ${n} bf16`, 'portable'])
    expect(text.stdout).toContain(part);
  const unit = ({ rows, cols, codes }: QuantizedMatrix) =>
    new QuantizedMatrix(rows, cols, 'e4m3', 'tensor', codes, Float32Array.of(1));
  expect((await readNpy(at('ones.npy'))).dtype).toBe('u2');
  expectProduct(await readMatrix(at('ones.npy'), { dtype: 'bf16' }), unit(a), unit(b));
});

test('codes and scales in files multiply like the folders they come from', async () => {
  const [pathsA, pathsB] = [folderPaths(at('a')), folderPaths(at('b'))];
  const result = await octileJson<Record<string, unknown>>([
    ...['gemm', '--a', pathsA.codes, '--a-scale', pathsA.scales],
    ...['--b', pathsB.codes, '--b-scale', pathsB.scales, '--kernel', 'reference', '-o', at('files.npy')],
  ]);
  expect(result).toMatchObject({ a: { granularity: '1x128' }, b: { granularity: '128x128' } });
  expect(await readMatrix(at('files.npy'))).toEqual(referenceGemm(a, b));
});

test('the reference kernel is the exact oracle, without an adapter', async () => {
  const added = matrix(
    m,
    n,
    Uint16Array.from(c.data, (value) => floatBits(value) >>> 16),
    'bf16',
  );
  await writeFiles([matrixFile(at('c-bf16.npy'), added)]);
  const args = ['gemm', '--a', at('a'), '--b', at('b'), '--kernel', 'reference'];
  const [exact, withC] = await Promise.all([
    octile([...args, '-o', at('exact.npy')]),
    octile([...args, '--c', at('c-bf16.npy'), '--c-dtype', 'bf16', '--out', 'f16', '-o', at('exact-c.npy')]),
  ]);
  expect([exact, withC]).toMatchObject([
    { status: 0, stderr: '' },
    { status: 0, stderr: '' },
  ]);
  expect(exact.stdout).toContain('reference');
  expect(await readMatrix(at('exact.npy'))).toEqual(referenceGemm(a, b));
  expect(await readMatrix(at('exact-c.npy'))).toEqual(referenceGemm(a, b, { c: added, out: 'f16' }));
});

test('operands that lie otherwise multiply as --layout says', async () => {
  await save(at('bt.npy'), transpose(values(n, k, 12)));
  await octileJson([...['quantize', at('bt.npy'), '-o', at('bt'), '--granularity', '128x128', ...software]]);
  const args = ['gemm', '--a', at('a'), '--b', at('bt'), '--layout', 'NN'];
  const [gpu, cpu, wrong] = await Promise.all([
    octileJson(args.concat('-o', at('nn.npy'), ...software)),
    octileJson(args.concat('-o', at('nn-exact.npy'), '--kernel', 'reference')),
    octile(['gemm', '--a', at('a'), '--b', at('bt'), '--layout', 'NT', '-o', at('no.npy')]),
  ]);
  expect(gpu).toMatchObject({ layout: 'NN', m, n, k, b: { rows: k, cols: n } });
  expect(cpu).toMatchObject({ layout: 'NN', m, n, k, kernel: 'reference' });
  expectProduct(await readMatrix(at('nn.npy')), a, b);
  expect(await readMatrix(at('nn-exact.npy'))).toEqual(referenceGemm(a, b));
  expect(wrong).toMatchObject({ status: 2, stdout: '' });
  expect(wrong.stderr).toContain(`N x ${k}, because --a`);
});

test('a folder without a description multiplies as the options say; e8m0 scales are found by their type', async () => {
  const mx = quantize(values(5, 64, 21), { format: 'e2m1', granularity: '1x32' });
  await makeFolder(at('mx'));
  await writeFiles(folderFiles(at('mx'), mx, { dialect: 'mx', pow2: true }));
  const paths = folderPaths(at('mx'));
  rmSync(paths.description);
  const scales = Float32Array.of(1, 2, 3, 4, 5);
  await writeFiles([scalesFile(at('row.npy'), { shape: [5], scales })]);
  const result = await octileJson<Record<string, unknown>>([
    ...['gemm', '--a', at('mx'), '--a-format', 'e2m1', '--kernel', 'reference'],
    ...['--b', paths.codes, '--b-format', 'e2m1', '--b-scale', at('row.npy'), '-o', at('mx.npy')],
  ]);
  expect(result).toMatchObject({
    a: { format: 'e2m1', granularity: '1x32' },
    b: { format: 'e2m1', granularity: 'row' },
    kernel: 'reference',
  });
  expect(result).not.toHaveProperty('adapter');
  const rows = new QuantizedMatrix(5, 64, 'e2m1', 'row', mx.codes, scales);
  expect(await readMatrix(at('mx.npy'))).toEqual(referenceGemm(mx, rows));
});

function floatBits(value: number): number {
  return new Uint32Array(Float32Array.of(value).buffer)[0] as number;
}
