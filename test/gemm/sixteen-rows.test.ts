/** @file `portable` with sixteen rows of outputs a thread, wherever tiles end and outputs go. */

import { describe, expect, test } from 'vitest';
import { checkGemm } from '../../src/gemm/check.js';
import { planGemm } from '../../src/gemm/gemm.js';
import { type Groups, placement } from '../../src/gemm/grouped.js';
import {
  type HostGroups,
  hostGroupedProblem,
  referenceGroupedGemm,
} from '../../src/gemm/grouped-reference.js';
import type { PortableTiling } from '../../src/gemm/portable.js';
import { type GemmProblem, gemmProblem, rowsOfD } from '../../src/gemm/problem.js';
import { referenceGemm } from '../../src/gemm/reference.js';
import { GpuMatrix, GpuQuantizedMatrix } from '../../src/gpu-matrix.js';
import { type Matrix, toFloat32, toFloat32Bits } from '../../src/matrix.js';
import type { QuantizedMatrix } from '../../src/quantize/quantized-matrix.js';
import { openTestGpu } from '../adapter.js';
import { randomMatrix, randomOperand } from './operands.js';

const gpu = await openTestGpu();
const tiling: PortableTiling = { rows: 128, cols: 128, depth: 16, threadRows: 16, parts: 1 };

async function multiply(
  problem: GemmProblem,
  [a, b]: readonly [QuantizedMatrix, QuantizedMatrix],
  { c, groups, tile = tiling }: { c?: Matrix | undefined; groups?: HostGroups; tile?: PortableTiling } = {},
): Promise<Matrix> {
  const plan = await planGemm(gpu, problem, { kernel: 'portable', tiling: tile });
  const matrices = {
    a: GpuQuantizedMatrix.upload(gpu, a),
    b: GpuQuantizedMatrix.upload(gpu, b),
    c: c && GpuMatrix.upload(gpu, c),
    d: GpuMatrix.create(gpu, rowsOfD(problem), problem.n, problem.out),
  };
  const placed = groups && placement(gpu, problem, onGpu(groups), tile.rows);
  try {
    await gpu.run('multiplying', plan.dispatches(matrices, [], undefined, placed));
    return await matrices.d.read();
  } finally {
    for (const one of Object.values(matrices)) one?.dispose();
    placed?.buffer.destroy();
  }
}

function onGpu(groups: HostGroups): Groups {
  if (groups.kind !== 'masked') return groups;
  const counts = gpu.upload('counts', Uint32Array.from(groups.counts));
  return { ...groups, groups: groups.counts.length, counts };
}

/** Sums of these are whole numbers below 2^24 in every order, and scales powers of two: products are exact in f32. */
const small = { values: (value: number) => Number.isInteger(value) && Math.abs(value) <= 8 };

describe('shapes that end anywhere in a tile and in a thread', () => {
  test.each([
    [1, 1, 1],
    [128, 128, 128],
    [129, 127, 130],
    [137, 9, 300],
    [15, 136, 48],
    [17, 260, 90],
    [250, 121, 16],
  ])('%d x %d x %d', async (m, n, k) => {
    const a = randomOperand(m, k, { ...small, granularity: '1x32', spread: 1, seed: m });
    const b = randomOperand(n, k, { ...small, granularity: 'tensor', spread: 0, seed: n });
    const product = await multiply(gemmProblem(a, b, undefined, 'f32'), [a, b]);
    expect(toFloat32Bits(product)).toEqual(toFloat32Bits(referenceGemm(a, b)));
  });

  test('scales of tiles, within the error bound', async () => {
    const a = randomOperand(150, 330, { seed: 1 });
    const b = randomOperand(140, 330, { seed: 2, granularity: '128x128' });
    const { checked, wrong } = checkGemm(a, b, await multiply(gemmProblem(a, b, undefined, 'f32'), [a, b]));
    expect(wrong.slice(0, 5)).toEqual([]);
    expect(checked.filter(({ bound }) => bound === Infinity)).toEqual([]);
  });
});

test('256 rows, the last segments of a step brought by half of the threads', async () => {
  const a = randomOperand(270, 100, { ...small, granularity: '1x32', spread: 1, seed: 1 });
  const b = randomOperand(90, 100, { ...small, granularity: 'tensor', spread: 0, seed: 2 });
  const problem = gemmProblem(a, b, undefined, 'f32');
  const product = await multiply(problem, [a, b], { tile: { ...tiling, rows: 256 } });
  expect(toFloat32Bits(product)).toEqual(toFloat32Bits(referenceGemm(a, b)));
});

test('C is added, and D rounded once', async () => {
  const a = randomOperand(150, 130, { ...small, granularity: '1x32', spread: 1, seed: 1 });
  const b = randomOperand(90, 130, { ...small, granularity: 'tensor', spread: 0, seed: 2 });
  const options = { c: randomMatrix(150, 90, 'f16'), out: 'f16' } as const;
  const product = await multiply(gemmProblem(a, b, options.c, 'f16'), [a, b], options);
  expect(toFloat32Bits(product)).toEqual(toFloat32Bits(referenceGemm(a, b, options)));
});

test.each<HostGroups>([
  { kind: 'rows', sizes: [70, 0, 1, 129] },
  { kind: 'masked', capacity: 50, counts: [3, 0, 50, 33] },
  { kind: 'k', sizes: [128, 0, 32, 40] },
])('groups: $kind', async (groups) => {
  const along = { ...small, granularity: '1x32', spread: 1 } as const;
  const [m, n, k] = groups.kind === 'k' ? [140, 70, 200] : [200, 4 * 70, 200];
  const a = randomOperand(m, k, { ...along, seed: 1 });
  const b = randomOperand(n, k, { ...along, seed: 2 });
  const product = await multiply(hostGroupedProblem(a, b, groups, 'f32'), [a, b], { groups });
  expect(toFloat32(product)).toEqual(toFloat32(referenceGroupedGemm(a, b, groups)));
});
