import { expect, test } from 'vitest';
import { formatByName } from '../../src/format/formats.js';
import { planGemm } from '../../src/gemm/gemm.js';
import { half } from '../../src/gemm/half.js';
import type { Kernel, Tiling } from '../../src/gemm/kernel.js';
import { matrix as matrixKernel } from '../../src/gemm/matrix/folded.js';
import { matrixHalf } from '../../src/gemm/matrix/half-sums.js';
import { matrixPromoted } from '../../src/gemm/matrix/promoted.js';
import { portable } from '../../src/gemm/portable.js';
import { gemmProblem } from '../../src/gemm/problem.js';
import { skinny } from '../../src/gemm/skinny.js';
import { GpuMatrix, GpuQuantizedMatrix } from '../../src/gpu-matrix.js';
import { matrix, toFloat32 } from '../../src/matrix.js';
import { quantize } from '../../src/quantize/quantize.js';
import { quantizeOnGpu } from '../../src/quantize/quantize-gpu.js';
import { QuantizedMatrix } from '../../src/quantize/quantized-matrix.js';
import { transposeOnGpu } from '../../src/quantize/transpose-gpu.js';
import { openTestGpu } from '../adapter.js';
import { inSoftware } from './in-software.js';
import { f16Units, machineWith, matrixTiling } from './matrix-machine.js';
import { randomMatrix, randomOperand } from './operands.js';

const gpu = await openTestGpu();
const machine = await machineWith(gpu, f16Units);
const k = 300;

/** Rows with NaN, an infinity, nothing but infinities in a tile, zeros, and the smallest f32s; the others are plain. */
function withSpecials(rows: number, seed: number) {
  const { data } = randomMatrix(rows, k, 'f32', seed);
  const values = Float32Array.from(data);
  const fill = (row: number, from: number, to: number, value: (i: number) => number) => {
    if (row < rows) for (let i = from; i < to; i++) values[row * k + i] = value(i);
  };
  fill(1, 7, 8, () => Number.NaN);
  fill(2, 140, 141, () => Infinity);
  fill(3, 0, 128, (i) => (i % 2 === 0 ? Infinity : -Infinity));
  fill(4, 0, k, () => 0);
  fill(5, 0, 128, (i) => i * 2 ** -149);
  fill(7, 270, 271, () => -Infinity);
  return matrix(rows, k, values, 'f32');
}

async function multiply(kernel: Kernel, tiling: Tiling, a: GpuQuantizedMatrix, b: GpuQuantizedMatrix) {
  const problem = gemmProblem(a, b, undefined, 'f32');
  expect(kernel.unfit(problem)).toBeUndefined();
  const scratch = (kernel.scratchBytes?.(problem, tiling) ?? []).map((bytes) => gpu.buffer('scratch', bytes));
  using d = GpuMatrix.create(gpu, a.rows, b.rows, 'f32');
  const job = { problem, matrices: { a, b, d }, machine, tiling, scratch, operationsPerDispatch: 1e9 };
  const dispatches = kernel.dispatches(job);
  await gpu.run(
    'multiplying',
    dispatches.map((dispatch) => ({ ...dispatch, shader: inSoftware(dispatch.shader) })),
  );
  for (const buffer of scratch) buffer.destroy();
  return { values: toFloat32(await d.read()), constants: dispatches.map(({ shader }) => shader.constants) };
}

const small = { ...matrixTiling, rows: 16, cols: 16, unitRows: 8, unitCols: 8 };
const oneWord = { rows: 64, cols: 64, depth: 32, threadRows: 8, parts: 1 };
const whole = { threads: 64, parts: 1 };

test.each([
  ['portable', portable, oneWord, 9],
  ['skinny, A staged', skinny, { way: 'staged', lanes: 16, ...whole }, 9],
  ['skinny, A direct', skinny, { way: 'direct', lanes: 64, ...whole }, 2],
  ['matrix', matrixKernel, small, 9],
  ['matrix, both decoded before', matrixKernel, { ...small, decode: 'pass' }, 9],
  ['matrix-promoted', matrixPromoted, small, 9],
  ['matrix-half', matrixHalf, small, 9],
  ['half', half, { rows: 64, cols: 64, scaling: 'f32', parts: 1 }, 9],
] as const)('%s gives NaN where codes are, by their scales', async (_, kernel, tiling, rows) => {
  using x = GpuMatrix.upload(gpu, withSpecials(rows, 1));
  using w = GpuMatrix.upload(gpu, withSpecials(20, 2));
  const all = [
    ['e4m3', 'deepgemm', '1x128', '128x128'],
    ['e4m3', 'deepseek', '1x128', '1x128'],
    ['e4m3', 'reciprocal', '1x128', '1x128'],
    ['e4m3', 'ieee', '1x128', 'row'],
    ['e4m3', 'mx', '1x32', '1x32'],
    ['e4m3fnuz', 'ieee', '1x128', '1x128'],
    ['e5m2', 'deepgemm', '1x128', '1x128'],
  ] as const;
  // Every kernel reads scales and codes by the same functions; a software adapter takes seconds to compile each.
  const kinds = kernel === portable ? all : all.filter(([, , , ofB], i) => ofB !== '1x128' || i === 5);
  for (const [format, dialect, ofA, ofB] of kinds) {
    // Beyond its halves.
    if (kernel === matrixHalf && format === 'e5m2') continue;
    using a = await quantizeOnGpu(gpu, x, { format, dialect, granularity: ofA });
    using b = await quantizeOnGpu(gpu, w, { format, dialect, granularity: ofB });
    expect([a.scaleTellsNaN, b.scaleTellsNaN]).toEqual([true, true]);
    // The same matrices, of which nothing is known: codes are looked at.
    const strict = async (one: GpuQuantizedMatrix) => {
      const copy = GpuQuantizedMatrix.create(gpu, one.rows, one.cols, one.format, one.granularity);
      const encoder = gpu.device.createCommandEncoder();
      encoder.copyBufferToBuffer(one.codes, 0, copy.codes, 0, one.codes.size);
      encoder.copyBufferToBuffer(one.scales, 0, copy.scales, 0, one.scales.size);
      gpu.device.queue.submit([encoder.finish()]);
      return copy;
    };
    using strictA = await strict(a);
    using strictB = await strict(b);
    const told = await multiply(kernel, tiling, a, b);
    const seen = await multiply(kernel, tiling, strictA, strictB);
    expect(told.values, `${format} ${dialect}`).toEqual(seen.values);
    expect(told.values.some(Number.isNaN)).toBe(true);
    // A block of all rows of B has the NaN of one.
    expect(told.values.some(Number.isFinite)).toBe(ofB !== '128x128');
    expect(told.constants).not.toEqual(seen.constants);
  }
});

test('who makes a matrix says whether its scales tell', async () => {
  const plain = randomOperand(3, 200, { granularity: '1x128' });
  const { rows, cols, format, granularity } = plain;
  const changed = (codes: typeof plain.codes, scales: typeof plain.scales) =>
    GpuQuantizedMatrix.upload(gpu, new QuantizedMatrix(rows, cols, format, granularity, codes, scales));
  using ordinary = GpuQuantizedMatrix.upload(gpu, plain);
  using nan = changed(plain.codes.with(77, 0xff), plain.scales);
  using nanScale = changed(plain.codes, (plain.scales as Float32Array).with(1, Number.NaN));
  using infinite = changed(plain.codes, (plain.scales as Float32Array).with(1, Infinity));
  expect([ordinary, nan, nanScale, infinite].map(({ scaleTellsNaN }) => scaleTellsNaN)).toEqual([
    ...[true, false, true, false],
  ]);
  using blocks = GpuQuantizedMatrix.upload(gpu, randomOperand(128, 128, { granularity: '128x128' }));
  using turned = await transposeOnGpu(gpu, blocks);
  expect(turned.scaleTellsNaN).toBe(true);
  using zeros = GpuQuantizedMatrix.create(gpu, 3, 200, formatByName('e4m3'), granularity);
  expect(zeros.scaleTellsNaN).toBe(false);
});

test('a quantiser of a format with values below 1 alone does not: its scales may be infinite where values are not', async () => {
  const format = { ...formatByName('e4m3'), name: 'low', bias: 16 };
  using x = GpuMatrix.upload(gpu, matrix(1, 4, Float32Array.of(3.3e38, -1.1e38, 0, 3.3e38), 'f32'));
  for (const dialect of ['reciprocal', 'ieee', 'deepgemm'] as const) {
    using a = await quantizeOnGpu(gpu, x, { format, dialect, granularity: '1x128' });
    expect(a.scaleTellsNaN).toBe(false);
    const onHost = quantize(await x.read(), { format, dialect, granularity: '1x128' });
    const { codes, scales } = await a.read();
    expect([codes, scales]).toEqual([onHost.codes, onHost.scales]);
  }
});

test('a plan for matrices whose scales tell refuses others', async () => {
  const host = randomOperand(3, 200, { granularity: '1x128' });
  using telling = GpuQuantizedMatrix.upload(gpu, host);
  using silent = GpuQuantizedMatrix.upload(
    gpu,
    new QuantizedMatrix(3, 200, host.format, host.granularity, host.codes.with(77, 0xff), host.scales),
  );
  using d = GpuMatrix.create(gpu, 3, 3, 'f32');
  const plan = await planGemm(gpu, gemmProblem(telling, telling, undefined, 'f32'));
  const scratch = plan.scratchBytes.map((bytes) => gpu.buffer('scratch', bytes));
  expect(() => plan.dispatches({ a: telling, b: silent, d }, scratch)).toThrow(/^b is /);
  for (const buffer of scratch) buffer.destroy();
});
