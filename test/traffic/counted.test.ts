/**
 * @file The traffic model against what kernels ask of memory, counted while they run. Two dataflows exist as kernels:
 * the separate cast (quantising, and the kernel portable), and the fused one, on portable and on matrix units.
 *
 * The model's `memory` is what all workgroups together touch, each byte once. Its `cache` is what each workgroup
 * touches, each byte once a workgroup: a workgroup's threads read a scale once for every 8 or 16 codes, and the cache
 * nearest to them serves all but the first.
 */

import { expect, test } from 'vitest';
import { fusedMatrix } from '../../src/gemm/fused/matrix.js';
import { planFused } from '../../src/gemm/fused/plan.js';
import { fusedProblem } from '../../src/gemm/fused/problem.js';
import { planGemm } from '../../src/gemm/gemm.js';
import { gemmProblem } from '../../src/gemm/problem.js';
import type { Dispatch } from '../../src/gpu/gpu.js';
import { GpuMatrix, GpuQuantizedMatrix } from '../../src/gpu-matrix.js';
import { nativeArithmetic } from '../../src/probe/native.js';
import { onePassDispatches } from '../../src/quantize/one-pass.js';
import { chooseQuantization } from '../../src/quantize/options.js';
import { dataflowByName } from '../../src/traffic/dataflow.js';
import { type TrafficOptions, trafficProblem } from '../../src/traffic/problem.js';
import { type Level, type Move, trafficOf } from '../../src/traffic/traffic.js';
import { openTestGpu } from '../adapter.js';
import { inSoftware } from '../gemm/in-software.js';
import { f16Units, machineWith, matrixTiling } from '../gemm/matrix-machine.js';
import { randomMatrix, randomOperand } from '../gemm/operands.js';
import { countAccesses } from './count.js';

const gpu = await openTestGpu();

/** Two tiles of D by four, the last ones cut off; whole tiles of scales, and no padding of codes and scales. */
const [m, n, k] = [44, 200, 384] as const;
const tiling = { rows: 32, cols: 64, depth: 16, threadRows: 8, parts: 1 } as const;
const steps = k / tiling.depth;
const options: TrafficOptions = {
  m,
  n,
  k,
  aType: 'f32',
  out: 'f32',
  tile: [tiling.rows, tiling.cols, tiling.depth],
  fragment: [8, 8],
  stored: 'f32',
};

const values = GpuMatrix.upload(gpu, randomMatrix(m, k, 'f32'));
const quantization = chooseQuantization();
const a = GpuQuantizedMatrix.create(gpu, m, k, quantization.format, quantization.granularity);
const b = GpuQuantizedMatrix.upload(gpu, randomOperand(n, k, { granularity: '128x128' }));
const d = GpuMatrix.create(gpu, m, n, 'f32');

function modelled(dataflow: string, level: Level, direction: Move['direction'], what: string, of = options) {
  return trafficOf(trafficProblem(of), dataflowByName(dataflow)).moves.find(
    (move) => move.level === level && move.direction === direction && move.what === what,
  )?.bytes;
}

function only(dispatches: readonly Dispatch[]): Dispatch {
  const [first, ...more] = dispatches;
  if (!first || more.length > 0) throw new Error('a small problem takes one dispatch');
  return first;
}

test('the cast that is a pass of its own reads values and writes codes and scales once', async () => {
  const native = await nativeArithmetic(gpu);
  const counts = await countAccesses(gpu, only(onePassDispatches(values, a, quantization, native)));
  for (const [name, direction, what] of [
    ['source read', 'read', 'values'],
    ['words write', 'write', 'codes'],
    ['scales write', 'write', 'scales'],
  ] as const) {
    const bytes = modelled('separate', 'memory', direction, what);
    // Once also by request: no byte is asked for twice.
    expect(counts[name], name).toEqual({ asked: bytes, byWorkgroup: bytes, distinct: bytes });
  }
});

test('the product of codes', async () => {
  const plan = await planGemm(gpu, gemmProblem(a, b, undefined, 'f32'), { kernel: 'portable', tiling });
  const counts = await countAccesses(gpu, only(plan.dispatches({ a, b, d })));
  for (const [name, what] of [
    ['a_pairs read', 'codes of A'],
    ['a_scales read', 'scales of A'],
    ['b_pairs read', 'codes of B'],
    ['b_scales read', 'scales of B'],
  ] as const) {
    expect(counts[name]?.byWorkgroup, what).toBe(modelled('separate', 'cache', 'read', what));
    expect(counts[name]?.distinct, what).toBe(modelled('separate', 'memory', 'read', what));
  }
  // The last step's twice; scales for each eight codes, of 128 that share one.
  const again = (steps + 1) / steps;
  expect(counts['a_pairs read']?.asked).toBe(again * (counts['a_pairs read']?.byWorkgroup ?? 0));
  expect(counts['a_scales read']?.asked).toBe(16 * again * (counts['a_scales read']?.byWorkgroup ?? 0));
  expect(counts['output write']?.asked).toBe(modelled('separate', 'memory', 'write', 'D'));
});

test('the product that casts what it loads', async () => {
  const plan = await planFused(gpu, fusedProblem(values, b), { kernel: 'portable', tiling });
  const counts = await countAccesses(gpu, only(plan.dispatches({ a: values, b, d })));
  for (const [name, what] of [
    ['a_codes read', 'values of A'],
    ['b_codes read', 'codes of B'],
    ['b_scales read', 'scales of B'],
  ] as const) {
    expect(counts[name]?.byWorkgroup, what).toBe(modelled('fused', 'cache', 'read', what));
    expect(counts[name]?.distinct, what).toBe(modelled('fused', 'memory', 'read', what));
  }
  // Each value once by each workgroup that needs it, and no scale of A at all.
  expect(counts['a_codes read']?.asked).toBe(counts['a_codes read']?.byWorkgroup);
  expect(counts['a_scales read']?.asked).toBe(0);
  expect(modelled('fused', 'memory', 'read', 'scales of A')).toBeUndefined();
  expect(counts['output write']?.asked).toBe(modelled('fused', 'memory', 'write', 'D'));
});

test('the same on matrix units, which are in software here', async () => {
  const problem = fusedProblem(values, b);
  const machine = await machineWith(gpu, f16Units);
  const small = { ...matrixTiling, rows: 16, cols: 64, unitRows: 8, unitCols: 16 };
  const job = { problem, machine, tiling: small, scratch: [], operationsPerDispatch: 1e9 };
  const native = await nativeArithmetic(gpu);
  const dispatch = only(fusedMatrix.dispatches({ ...job, native, matrices: { a: values, b, d } }));
  const counts = await countAccesses(gpu, { ...dispatch, shader: inSoftware(dispatch.shader) });
  // Of B, the codes after K's last are fetched besides, in a step that is multiplied no more.
  const model = { ...options, tile: [small.rows, small.cols, small.depth] } as const;
  for (const [name, what] of [
    ['a_codes read', 'values of A'],
    ['b_scales read', 'scales of B'],
  ] as const) {
    expect(counts[name]?.byWorkgroup, what).toBe(modelled('fused', 'cache', 'read', what, model));
    expect(counts[name]?.distinct, what).toBe(modelled('fused', 'memory', 'read', what, model));
  }
  expect(counts['a_codes read']?.asked).toBe(counts['a_codes read']?.byWorkgroup);
  expect(counts['a_scales read']?.asked).toBe(0);
  expect(counts['output write']?.asked).toBe(modelled('fused', 'memory', 'write', 'D', model));
});

test('tiles in workgroup memory, where D has whole ones; the fused cast stages its codes besides', async () => {
  const whole = { ...options, m: 64, n: 128 };
  const x = GpuMatrix.upload(gpu, randomMatrix(whole.m, k, 'f32'));
  const w = GpuQuantizedMatrix.upload(gpu, randomOperand(whole.n, k, { granularity: '128x128' }));
  const out = GpuMatrix.create(gpu, whole.m, whole.n, 'f32');
  const plan = await planFused(gpu, fusedProblem(x, w), { kernel: 'portable', tiling });
  const counts = await countAccesses(gpu, only(plan.dispatches({ a: x, b: w, d: out })));
  for (const side of ['A', 'B'])
    for (const direction of ['read', 'write'] as const)
      expect(counts[`${side.toLowerCase()}_tile ${direction}`]?.asked, `${side} ${direction}`).toBe(
        modelled('fused', 'workgroup', direction, `tiles of ${side}`, whole),
      );
  // A byte a code, written and read once by each of the two workgroups across; the last step's read twice.
  const once = whole.m * k * (whole.n / tiling.cols);
  expect(counts['staged write']?.asked).toBe(once);
  expect(counts['staged read']?.asked).toBe((once * (steps + 1)) / steps);
});
