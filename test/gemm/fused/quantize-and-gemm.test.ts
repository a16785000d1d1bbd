/** @file Which way quantising and multiplying takes, and that both end in the same bits. */

import { describe, expect, test, vi } from 'vitest';
import { Context } from '../../../src/context.js';
import { DisposedError } from '../../../src/errors.js';
import { formats } from '../../../src/format/formats.js';
import { planFused } from '../../../src/gemm/fused/plan.js';
import { fusedProblem } from '../../../src/gemm/fused/problem.js';
import { inTwoPasses, onePass, quantizeAndGemmOnGpu } from '../../../src/gemm/fused/quantize-and-gemm.js';
import { matrixFeatures } from '../../../src/gemm/matrix/units.js';
import type { Gpu } from '../../../src/gpu/gpu.js';
import type { Machine } from '../../../src/gpu/machine.js';
import { GpuMatrix, GpuQuantizedMatrix } from '../../../src/gpu-matrix.js';
import { type GranularityName, granularityByName } from '../../../src/quantize/granularity.js';
import { openTestGpu } from '../../adapter.js';
import { awkward } from '../../quantize/data.js';
import { differences } from '../both-ways.js';
import { f16Units } from '../matrix-machine.js';
import { randomMatrix, randomOperand } from '../operands.js';

const gpu = await openTestGpu();

/** The test's GPU as far as choosing a kernel sees it, with other hardware. */
function seeming(matrixConfigs: Machine['matrixConfigs'], limits: Partial<Machine['limits']> = {}): Gpu {
  const machine: Machine = {
    ...gpu.machine,
    matrixConfigs,
    limits: { ...gpu.machine.limits, ...limits },
    subgroupMaxSize: 32,
  };
  const features: readonly string[] = matrixConfigs.length > 0 ? matrixFeatures : [];
  return Object.assign(Object.create(Object.getPrototypeOf(gpu)), {
    machine,
    device: { limits: machine.limits },
    adapter: gpu.adapter,
    hasFeature: (feature: string) => features.includes(feature),
  });
}

function problem(rows: number, granularity: GranularityName = '128x128', cols = 2048) {
  const b = { rows: 7168, cols, format: formats.e4m3, granularity: granularityByName(granularity) };
  return fusedProblem({ rows, cols, dtype: 'f32' }, b);
}

const way = (device: Gpu, ...of: Parameters<typeof problem>) =>
  onePass(device, problem(...of))?.kernel.name ?? 'two passes';

describe('the way that was measured to be fastest', () => {
  test('where there are matrix units', () => {
    const units = seeming([f16Units], { maxComputeWorkgroupStorageSize: 49152 });
    expect([1, 2, 3, 4, 5, 16, 17, 4096].map((rows) => way(units, rows))).toEqual([
      ...new Array(3).fill('skinny'),
      ...new Array(3).fill('two passes'),
      'matrix-promoted',
      'matrix-promoted',
    ]);
    expect([2, 17].map((rows) => way(units, rows, '1x32'))).toEqual(['skinny', 'matrix-promoted']);
    // Of a long K skinny reads codes of one and two rows another way.
    const long = [1, 2, 3].map((rows) => way(units, rows, '128x128', 8192));
    expect(long).toEqual(['two passes', 'two passes', 'skinny']);
  });

  test('where there are none', () => {
    const plain = seeming([], { maxComputeWorkgroupStorageSize: 32768 });
    expect([1, 2, 3, 4, 16, 17, 4096].map((rows) => way(plain, rows))).toEqual([
      ...new Array(3).fill('skinny'),
      ...new Array(4).fill('two passes'),
    ]);
  });

  test('one pass may be asked for wherever it can run', async () => {
    const plan = async (rows: number) => (await planFused(gpu, problem(rows))).kernel.name;
    expect(await plan(4)).toBe('skinny');
    expect(await plan(100)).toBe(way(gpu, 17) === 'matrix-promoted' ? 'matrix-promoted' : 'portable');
  });
});

describe('one pass and two', () => {
  const x = awkward(2, 330, 'bf16', 'special');
  const w = randomOperand(70, 330, { seed: 2, granularity: '128x128' });
  const options = {
    dialect: 'deepseek',
    powerOfTwo: true,
    out: 'bf16',
    c: randomMatrix(2, 70, 'bf16'),
  } as const;

  test('give the same bits, and those of quantize() and gemm(), where all take the same tiling', async () => {
    const context = new Context(gpu);
    using a = GpuMatrix.upload(gpu, x);
    using b = GpuQuantizedMatrix.upload(gpu, w);
    expect(onePass(gpu, fusedProblem(a, b, options))?.kernel.name).toBe('skinny');
    using one = await context.quantizeAndGemm(a, b, options);
    using two = await inTwoPasses(gpu, a, b, options);
    using codes = await context.quantize(a, { dialect: 'deepseek', powerOfTwo: true });
    using product = await context.gemm(codes, b, { c: options.c, out: 'bf16' });
    const expected = await product.read();
    for (const result of [one, two]) {
      const { wrong, finite } = differences(await result.read(), expected);
      expect(wrong).toEqual([]);
      expect(finite).toBeGreaterThan(35);
    }
  });

  test('formats whose scales may leave f32 take two passes', async () => {
    const low = { ...formats.e4m3, name: 'low', bias: 16 };
    using a = GpuMatrix.upload(gpu, x);
    using b = GpuQuantizedMatrix.upload(gpu, w);
    const narrow = { ...options, format: low };
    expect(onePass(gpu, fusedProblem(a, b, narrow))).toBeUndefined();
    await expect(planFused(gpu, fusedProblem(a, b, narrow))).rejects.toThrow(/largest value is 1 to 2\^16/);
    using one = await quantizeAndGemmOnGpu(gpu, a, b, narrow);
    using two = await inTwoPasses(gpu, a, b, narrow);
    expect(differences(await one.read(), await two.read()).wrong).toEqual([]);
  });

  test('two passes keep nothing but the product, and refuse what one does', async () => {
    using a = GpuMatrix.upload(gpu, x);
    using b = GpuQuantizedMatrix.upload(gpu, w);
    const kept: GPUBuffer[] = [];
    const destroyed = new Set<GPUBuffer>();
    const create = gpu.device.createBuffer.bind(gpu.device);
    const spy = vi.spyOn(gpu.device, 'createBuffer').mockImplementation((descriptor) => {
      const buffer = create(descriptor);
      const destroy = buffer.destroy.bind(buffer);
      buffer.destroy = () => {
        destroyed.add(buffer);
        destroy();
      };
      kept.push(buffer);
      return buffer;
    });
    try {
      using d = await inTwoPasses(gpu, a, b, options);
      expect(kept.filter((buffer) => !destroyed.has(buffer))).toEqual([d.buffer]);
    } finally {
      spy.mockRestore();
    }
    a.dispose();
    await expect(inTwoPasses(gpu, a, b, options)).rejects.toThrow(DisposedError);
  });
});
