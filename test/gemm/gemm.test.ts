import { afterEach, describe, expect, test, vi } from 'vitest';
import { ArgumentError, DisposedError, UnsupportedError } from '../../src/errors.js';
import { gemmOnGpu, planGemm } from '../../src/gemm/gemm.js';
import type { Kernel } from '../../src/gemm/kernel.js';
import { portable } from '../../src/gemm/portable.js';
import { gemmProblem } from '../../src/gemm/problem.js';
import { chooseKernel, kernelNames, kernelStates, obstacle } from '../../src/gemm/registry.js';
import { GpuMatrix, GpuQuantizedMatrix } from '../../src/gpu-matrix.js';
import { type Dtype, toFloat32 } from '../../src/matrix.js';
import { openTestGpu } from '../adapter.js';
import { randomMatrix, randomOperand } from './operands.js';

const gpu = await openTestGpu();
const other = await openTestGpu('null');

const a = GpuQuantizedMatrix.upload(gpu, randomOperand(3, 5));
const b = GpuQuantizedMatrix.upload(gpu, randomOperand(4, 5));
const problem = gemmProblem(a, b, undefined, 'f32');

afterEach(() => {
  vi.restoreAllMocks();
});

/** Buffers made on the device from now on, and those of them that have been destroyed. */
function watchBuffers() {
  const made: GPUBuffer[] = [];
  const destroyed = new Set<GPUBuffer>();
  const create = gpu.device.createBuffer.bind(gpu.device);
  vi.spyOn(gpu.device, 'createBuffer').mockImplementation((descriptor) => {
    const buffer = create(descriptor);
    const destroy = buffer.destroy.bind(buffer);
    buffer.destroy = () => {
      destroyed.add(buffer);
      return destroy();
    };
    made.push(buffer);
    return buffer;
  });
  return { made, left: () => made.filter((buffer) => !destroyed.has(buffer)).map(({ label }) => label) };
}

describe('gemmOnGpu', () => {
  test('leaves nothing but the result', async () => {
    const buffers = watchBuffers();
    const d = await gemmOnGpu(gpu, a, b, { c: randomMatrix(3, 4, 'f32') });
    expect(buffers.made.length).toBeGreaterThan(1);
    expect(buffers.left()).toEqual([d.buffer.label]);
    d.dispose();
    expect(buffers.left()).toEqual([]);
  });

  test('takes C from the GPU and leaves it there', async () => {
    const c = GpuMatrix.upload(gpu, randomMatrix(3, 4, 'f32'));
    const [plain, added] = [await gemmOnGpu(gpu, a, b), await gemmOnGpu(gpu, a, b, { c })];
    const sum = toFloat32(await plain.read()).map((value, i) => value + (addends[i] as number));
    expect(toFloat32(await added.read())).toEqual(sum);
    expect(c.disposed).toBe(false);
    for (const one of [c, plain, added]) one.dispose();
  });
  const addends = toFloat32(randomMatrix(3, 4, 'f32'));

  test('multiplies a matrix by itself', async () => {
    // Another kernel may treat its operands differently.
    const d = await gemmOnGpu(gpu, a, a, { kernel: 'portable' });
    const { data } = await d.read();
    for (const [row, col] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const)
      expect(data[row * 3 + col]).toBe(data[col * 3 + row]);
    d.dispose();
  });

  test('leaves nothing behind when it fails', async () => {
    const buffers = watchBuffers();
    vi.spyOn(gpu, 'submit').mockImplementation(() => {
      throw new Error('the driver is gone');
    });
    const failure = gemmOnGpu(gpu, a, b, { c: randomMatrix(3, 4, 'f32') });
    await expect(failure).rejects.toThrow('the driver is gone');
    expect(buffers.made.length).toBeGreaterThan(1);
    expect(buffers.left()).toEqual([]);
  });

  test('refuses bad input before it allocates anything', async () => {
    const foreign = GpuQuantizedMatrix.upload(other, randomOperand(4, 5));
    const gone = GpuQuantizedMatrix.upload(gpu, randomOperand(4, 5));
    gone.dispose();
    const long = GpuQuantizedMatrix.upload(gpu, randomOperand(4, 6));
    const buffers = watchBuffers();
    const refusals: [Promise<unknown>, new (...args: never[]) => Error, RegExp][] = [
      [gemmOnGpu(gpu, a, long), ArgumentError, /b\.cols is 6.*a\.cols, 5/],
      [gemmOnGpu(gpu, a, foreign), ArgumentError, /b is GpuQuantizedMatrix.*on this context/],
      [gemmOnGpu(gpu, a, gone), DisposedError, /b has been disposed of/],
      [gemmOnGpu(gpu, a, b, { c: randomMatrix(4, 3, 'f32') }), ArgumentError, /c is "4x3".*3x4/],
      [gemmOnGpu(gpu, a, b, { out: 'f64' as Dtype }), ArgumentError, /out is "f64".*f32, bf16, f16/],
      [gemmOnGpu(gpu, a, b, { kernel: 'fast' }), ArgumentError, /kernel is "fast".*auto, .*portable/],
    ];
    for (const [promise, type, message] of refusals) {
      await expect(promise).rejects.toThrow(type);
      await expect(promise).rejects.toThrow(message);
    }
    expect(buffers.made).toEqual([]);
    long.dispose();
  });
});

describe('planGemm', () => {
  test('refuses a D of another shape, and a D that is C', async () => {
    const plan = await planGemm(gpu, problem);
    const wide = GpuMatrix.create(gpu, 4, 3, 'f32');
    const d = GpuMatrix.create(gpu, 3, 4, 'f32');
    expect(() => plan.dispatches({ a, b, d: wide })).toThrow(/d is "4x3".*3x4/);
    expect(() => plan.dispatches({ a, b, c: d, d })).toThrow(ArgumentError);
    wide.dispose();
    d.dispose();
    expect(() => plan.dispatches({ a, b, d })).toThrow(/d has been disposed of/);
  });
});

describe('the registry', () => {
  const demanding: Kernel = { ...portable, name: 'demanding', features: ['no-such-feature'] };
  const large: Kernel = { ...portable, name: 'large', limits: { maxComputeInvocationsPerWorkgroup: 1e9 } };

  test('says for every kernel whether it can run', () => {
    expect(kernelStates(gpu).map(({ kernel }) => kernel.name)).toEqual(kernelNames);
    expect(kernelStates(gpu).find(({ kernel }) => kernel === portable)?.obstacle).toBeUndefined();
  });

  test('names the feature, the limit or the format that is missing', () => {
    expect(obstacle(gpu, demanding)).toMatch(/no-such-feature/);
    expect(obstacle(gpu, large)).toMatch(
      /maxComputeInvocationsPerWorkgroup of 1000000000; the device has \d+/,
    );
    const format = { ...problem.a.format, name: 'odd', mantissaBits: 2 };
    expect(obstacle(gpu, portable, { ...problem, a: { ...problem.a, format } })).toMatch(/odd has 7 bits/);
  });

  test('chooses by name, or the first that fits', () => {
    expect(chooseKernel(gpu, problem, 'portable')).toBe(portable);
    expect(kernelNames).toContain(chooseKernel(gpu, problem).name);
    const format = { ...problem.a.format, signBits: 0 as const };
    const unsigned = { ...problem, b: { ...problem.b, format } };
    expect(() => chooseKernel(gpu, unsigned, 'portable')).toThrow(UnsupportedError);
    expect(() => chooseKernel(gpu, unsigned, 'portable')).toThrow(/portable: .*no sign/);
  });
});
