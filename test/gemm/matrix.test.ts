import { describe, expect, test } from 'vitest';
import { measuredMachine } from '../../src/format/native-halves.js';
import { checkGemm } from '../../src/gemm/check.js';
import { type Groups, placement } from '../../src/gemm/grouped.js';
import {
  type HostGroups,
  hostGroupedProblem,
  referenceGroupedGemm,
} from '../../src/gemm/grouped-reference.js';
import { half } from '../../src/gemm/half.js';
import type { Kernel } from '../../src/gemm/kernel.js';
import { matrix } from '../../src/gemm/matrix.js';
import { matrixPromoted } from '../../src/gemm/matrix-promoted.js';
import type { MatrixTiling } from '../../src/gemm/matrix-units.js';
import { gemmProblem } from '../../src/gemm/problem.js';
import { referenceGemm } from '../../src/gemm/reference.js';
import type { Dispatch } from '../../src/gpu/dispatch.js';
import type { Machine, MatrixConfig } from '../../src/gpu/machine.js';
import { GpuMatrix, GpuQuantizedMatrix } from '../../src/gpu-matrix.js';
import { type Dtype, type Matrix, toFloat32 } from '../../src/matrix.js';
import type { QuantizedMatrix } from '../../src/quantize/quantized-matrix.js';
import { openTestGpu } from '../adapter.js';
import { inSoftware } from './in-software.js';
import { altered, randomMatrix, randomOperand } from './operands.js';

const gpu = await openTestGpu();

const intoF32 = (M: number, N: number, K: number, componentType: string): MatrixConfig => ({
  M,
  N,
  K,
  componentType,
  resultComponentType: 'f32',
});

/** This device, as if it had matrix units, and subgroups of 16. */
async function machineWith(config: MatrixConfig): Promise<Machine> {
  return { ...(await measuredMachine(gpu)), matrixConfigs: [config], subgroupMaxSize: 16 };
}

const f16Units = intoF32(8, 8, 8, 'f16');
const matrixTiling: MatrixTiling = {
  rows: 32,
  cols: 32,
  unitRows: 16,
  unitCols: 16,
  depth: 32,
  scaling: 'f32',
  decode: 'inline',
  parts: 1,
};

interface Options {
  readonly c?: Matrix;
  readonly out?: Dtype;
  readonly config?: MatrixConfig;
  readonly parts?: number;
  readonly decode?: MatrixTiling['decode'];
  readonly alter?: (dispatch: Dispatch) => Dispatch;
}

async function multiply(
  kernel: Kernel,
  [a, b]: readonly [QuantizedMatrix, QuantizedMatrix],
  { c, out = 'f32', config = f16Units, parts = 1, decode = 'inline', alter = (one) => one }: Options = {},
): Promise<Matrix> {
  const problem = gemmProblem(a, b, c, out);
  expect(kernel.unfit(problem)).toBeUndefined();
  const machine = await machineWith(config);
  const matrices = {
    a: GpuQuantizedMatrix.upload(gpu, a),
    b: GpuQuantizedMatrix.upload(gpu, b),
    c: c && GpuMatrix.upload(gpu, c),
    d: GpuMatrix.create(gpu, a.rows, b.rows, out),
  };
  const tiling = kernel === half ? { rows: 64, cols: 64, scaling: 'f32' } : matrixTiling;
  const chosen = { ...tiling, decode, parts };
  const scratch = (kernel.scratchBytes?.(problem, chosen) ?? []).map((bytes) => gpu.buffer('scratch', bytes));
  const job = { problem, matrices, machine, tiling: chosen, scratch, operationsPerDispatch: 1e9 };
  try {
    const dispatches = kernel.dispatches(job);
    await gpu.run(
      'multiplying',
      dispatches.map((dispatch) => alter({ ...dispatch, shader: inSoftware(dispatch.shader) })),
    );
    return await matrices.d.read();
  } finally {
    for (const one of Object.values(matrices)) one?.dispose();
    for (const buffer of scratch) buffer.destroy();
  }
}

/** A problem that folding cannot compute. */
function groupedAlongK() {
  const [a, b] = [randomOperand(4, 64, { granularity: 'row' }), randomOperand(4, 64, { granularity: 'row' })];
  return hostGroupedProblem(a, b, { kind: 'k', sizes: [32, 32] }, 'f32');
}

/** A grouped product, in tiles of 32 x 32. */
async function multiplyGroups(
  kernel: Kernel,
  [a, b]: readonly [QuantizedMatrix, QuantizedMatrix],
  groups: HostGroups,
  decode: MatrixTiling['decode'],
): Promise<Matrix> {
  const problem = hostGroupedProblem(a, b, groups, 'f32');
  const machine = await machineWith(f16Units);
  const counts = gpu.upload('counts', Uint32Array.from(groups.kind === 'masked' ? groups.counts : [0]));
  const onGpu: Groups =
    groups.kind === 'masked' ? { ...groups, groups: groups.counts.length, counts } : groups;
  const matrices = {
    a: GpuQuantizedMatrix.upload(gpu, a),
    b: GpuQuantizedMatrix.upload(gpu, b),
    d: GpuMatrix.create(gpu, a.rows * (groups.kind === 'k' ? groups.sizes.length : 1), problem.n, 'f32'),
  };
  const tiling = { ...matrixTiling, decode };
  const scratch = (kernel.scratchBytes?.(problem, tiling) ?? []).map((bytes) => gpu.buffer('scratch', bytes));
  const placed = placement(gpu, problem, onGpu, tiling.rows);
  const job = { problem, matrices, machine, tiling, scratch, groups: placed, operationsPerDispatch: 1e9 };
  try {
    await gpu.run(
      'multiplying groups',
      kernel.dispatches(job).map((dispatch) => ({ ...dispatch, shader: inSoftware(dispatch.shader) })),
    );
    return await matrices.d.read();
  } finally {
    for (const one of Object.values(matrices)) one.dispose();
    for (const buffer of [...scratch, counts, placed.buffer]) buffer.destroy();
  }
}

async function expectWithinBound(
  kernel: Kernel,
  operands: readonly [QuantizedMatrix, QuantizedMatrix],
  options: Options = {},
): Promise<number> {
  const d = await multiply(kernel, operands, options);
  const { c } = options;
  const { errorBound } = kernel;
  const { checked, wrong, worstRatio } = checkGemm(...operands, d, { c, errorBound });
  expect(wrong.slice(0, 5)).toEqual([]);
  expect(checked.filter(({ bound }) => bound === Infinity)).toEqual([]);
  return worstRatio;
}

describe.each([matrix, matrixPromoted, half])('$name, in software', (kernel) => {
  test.each([
    [1, 1, 1],
    [33, 50, 300],
    [64, 32, 128],
  ])('%d x %d x %d', async (m, n, k) => {
    const a = randomOperand(m, k, { seed: m });
    const b = randomOperand(n, k, { seed: n, granularity: '128x128' });
    await expectWithinBound(kernel, [a, b]);
    await expectWithinBound(kernel, [a, b], { parts: 2 });
  });

  test('power-of-two scales change no bit', async () => {
    // Sums of these are whole numbers below 2^24 in every order.
    const small = { values: (value: number) => Number.isInteger(value) && Math.abs(value) <= 8 };
    const a = randomOperand(20, 300, { ...small, granularity: '1x32', spread: 1 });
    const b = randomOperand(40, 300, { ...small, granularity: 'row', spread: 0, seed: 2 });
    const product = await multiply(kernel, [a, b]);
    expect(toFloat32(product)).toEqual(toFloat32(referenceGemm(a, b)));
  });

  test('codes of four and of twelve bits', async () => {
    const a = randomOperand(20, 200, { format: 'e5m6', seed: 1 });
    const b = randomOperand(30, 200, { format: 'e2m1', seed: 2, granularity: '1x32' });
    await expectWithinBound(kernel, [a, b]);
  });

  test('C and 16-bit outputs', async () => {
    const small = { spread: 0, values: (value: number) => Math.abs(value) <= 8 };
    const [a, b] = [randomOperand(20, 200, small), randomOperand(30, 200, { ...small, seed: 2 })];
    const c = randomMatrix(20, 30, 'bf16');
    await expectWithinBound(kernel, [a, b], { c, out: 'bf16' });
    await expectWithinBound(kernel, [a, b], { c, out: 'bf16', parts: 2 });
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
      await expectWithinBound(kernel, [a, b]);
    }
  });
});

test.each([matrix, matrixPromoted])('$name, on units that multiply f32', async (kernel) => {
  const a = randomOperand(20, 200, { seed: 1 });
  const b = randomOperand(30, 200, { seed: 2, granularity: '128x128' });
  await expectWithinBound(kernel, [a, b], { config: intoF32(8, 8, 8, 'f32') });
});

test('matrix gives the same bits where codes are decoded in a pass of their own', async () => {
  const a = randomOperand(33, 300, { seed: 1 });
  const b = randomOperand(50, 300, { seed: 2, granularity: '128x128' });
  const inline = await multiply(matrix, [a, b]);
  expect((await multiply(matrix, [a, b], { decode: 'pass' })).data).toEqual(inline.data);
  const parts = await multiply(matrix, [a, b], { decode: 'pass', parts: 2 });
  expect(parts.data).toEqual((await multiply(matrix, [a, b], { parts: 2 })).data);
});

describe.each([matrix, matrixPromoted])('$name, grouped, in software', (kernel) => {
  const small = { values: (value: number) => Number.isInteger(value) && Math.abs(value) <= 8, spread: 0 };
  const k = 150;
  const n = 20;
  const b = randomOperand(3 * n, k, { ...small, granularity: 'row', seed: 2 });

  test.each(['inline', 'pass'] as const)('rows of uneven groups, codes decoded %s', async (decode) => {
    const sizes = [37, 0, 9];
    const a = randomOperand(46, k, { ...small, granularity: 'row' });
    const groups = { kind: 'rows', sizes } as const;
    const d = await multiplyGroups(kernel, [a, b], groups, decode);
    expect(toFloat32(d)).toEqual(toFloat32(referenceGroupedGemm(a, b, groups)));
  });

  test.each(['inline', 'pass'] as const)(
    'groups along K that end inside a step, codes decoded %s',
    async (decode) => {
      if (kernel === matrix) return expect(matrix.unfit(groupedAlongK())).toMatch(/groups along K/);
      const sizes = [48, 0, 16, 80];
      const [a, b] = [33, 20].map((rows) =>
        randomOperand(rows, 144, { ...small, granularity: 'row', seed: rows }),
      );
      const groups = { kind: 'k', sizes } as const;
      const operands = [a, b] as [QuantizedMatrix, QuantizedMatrix];
      const d = await multiplyGroups(kernel, operands, groups, decode);
      expect(toFloat32(d)).toEqual(toFloat32(referenceGroupedGemm(...operands, groups)));
    },
  );

  test.each(['inline', 'pass'] as const)('masked groups, codes decoded %s', async (decode) => {
    const a = randomOperand(3 * 33, k, { ...small, granularity: 'row' });
    const counts = [33, 0, 5];
    const d = toFloat32(
      await multiplyGroups(kernel, [a, b], { kind: 'masked', counts, capacity: 33 }, decode),
    );
    const wanted = toFloat32(referenceGroupedGemm(a, b, { kind: 'masked', counts, capacity: 33 }));
    for (const [group, count] of counts.entries()) {
      const range = [group * 33 * n, (group * 33 + count) * n] as const;
      expect(d.slice(...range)).toEqual(wanted.slice(...range));
    }
  });
});

test('workgroups beyond those that a decoding pass needs write nothing', async () => {
  // Grids of more than 65535 workgroups have some.
  const more = (dispatch: Dispatch): Dispatch =>
    dispatch.shader.label.startsWith('gemm decode')
      ? { ...dispatch, workgroups: [dispatch.workgroups[0], dispatch.workgroups[1] + 1, 1] }
      : dispatch;
  const a = randomOperand(33, 130, { seed: 1 });
  const b = randomOperand(32, 130, { seed: 2, granularity: '128x128' });
  const inline = await multiply(matrix, [a, b]);
  expect((await multiply(matrix, [a, b], { decode: 'pass', alter: more })).data).toEqual(inline.data);
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
    const intoF16 = { ...f16Units, resultComponentType: 'f16' };
    expect(matrix.lacks?.(await machineWith(intoF16))).toMatch(
      /f16 or f32 products up in f32.*offers f16 to f16 8x8x8/,
    );
    expect(matrix.lacks?.(await machineWith(f16Units))).toBeUndefined();
  });

  test('formats whose values are no halves are refused', () => {
    const one = randomOperand(1, 1);
    const wide = randomOperand(1, 1, { format: 'bf16' });
    expect(matrix.unfit(gemmProblem(one, wide, undefined, 'f32'))).toMatch(/bf16/);
  });
});
