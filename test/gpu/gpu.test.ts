/** @file An open device: buffers, dispatches, and every error as its named type. */

import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  DeviceLostError,
  DisposedError,
  OutOfMemoryError,
  ShaderError,
  UnsupportedError,
} from '../../src/errors.js';
import { encodeOnGpu } from '../../src/format/convert.js';
import { formats } from '../../src/format/formats.js';
import { chooseAdapter } from '../../src/gpu/choose.js';
import {
  type Dispatch,
  Gpu,
  grid,
  operationsPerSubmission,
  type PreparedDispatch,
  submissions,
} from '../../src/gpu/gpu.js';
import type { Shader } from '../../src/gpu/shader.js';
import { softwareSource } from '../../src/gpu/software.js';
import { openTestGpu } from '../adapter.js';
import addWgsl from './add.wgsl?raw';
import faultyWgsl from './faulty.wgsl?raw';

const gpu = await openTestGpu();
const openAnother = async () => Gpu.open(await chooseAdapter([softwareSource], 'software'));

const add = (factor: number): Shader => ({ label: 'add', files: [addWgsl], constants: { FACTOR: factor } });
const faulty: Shader = { label: 'faulty', files: [faultyWgsl], constants: { UNUSED: 7 } };
const addTo = (buffer: GPUBuffer, addend: number, operations = 0): Dispatch => ({
  shader: add(1),
  buffers: [buffer],
  params: [addend],
  workgroups: grid(Math.ceil(buffer.size / 256)),
  operations,
});

afterEach(() => {
  vi.restoreAllMocks();
});

describe('buffers', () => {
  test('come back as they went, whatever their length', async () => {
    for (const length of [1, 2, 3, 4, 5, 15, 16, 17, 1001]) {
      const bytes = Uint8Array.from({ length }, (_, i) => i * 7 + 1);
      const buffer = gpu.upload('bytes', bytes);
      expect(buffer.size).toBe(Math.ceil(length / 16) * 16);
      expect(new Uint8Array(await gpu.read(buffer, length))).toEqual(bytes);
      const whole = new Uint8Array(await gpu.read(buffer));
      expect(whole.length).toBe(buffer.size);
      expect(whole.subarray(length).every((byte) => byte === 0)).toBe(true);
      buffer.destroy();
    }
  });

  test('are uploaded from a view into a larger array', async () => {
    const words = Uint32Array.of(1, 2, 3, 4, 5).subarray(1, 4);
    const buffer = gpu.upload('words', words);
    expect(new Uint32Array(await gpu.read(buffer, 12))).toEqual(words);
    expect(new Uint32Array(await gpu.read(buffer, 8, 4))).toEqual(words.slice(1));
    buffer.destroy();
  });

  test('are zeroed', async () => {
    const buffer = gpu.buffer('zeros', 100);
    expect(new Uint8Array(await gpu.read(buffer))).toEqual(new Uint8Array(112));
    buffer.destroy();
  });

  test('larger than the device allows are refused before anything is allocated', () => {
    const createBuffer = vi.spyOn(gpu.device, 'createBuffer');
    const { maxBufferSize, maxStorageBufferBindingSize } = gpu.device.limits;
    const limit = Math.min(maxBufferSize, maxStorageBufferBindingSize);
    expect(() => gpu.buffer('everything', limit + 1)).toThrow(UnsupportedError);
    expect(() => gpu.buffer('everything', limit + 1)).toThrow(
      `everything needs ${limit + 16} bytes in one buffer; ${gpu.adapter.name} allows ${limit}. Split the matrix by rows`,
    );
    expect(createBuffer).not.toHaveBeenCalled();
  });

  test('are made all or none', async () => {
    const first = vi.fn(() => gpu.buffer('first', 16));
    const tooLarge = () => gpu.buffer('second', 2 ** 40);
    await expect(gpu.allocate('making two', [first, tooLarge])).rejects.toThrow(UnsupportedError);
    const [made] = first.mock.results.map(({ value }) => value as GPUBuffer);
    // A destroyed buffer cannot be read.
    await expect(gpu.read(made as GPUBuffer)).rejects.toThrow(/destroyed/);
  });

  test('default limits are honoured when asked for', async () => {
    const modest = await openTestGpu('software', { limits: 'default' });
    // WebGPU guarantees 128 MiB for a binding, and SwiftShader has more.
    expect(() => modest.buffer('large', 2 ** 27 + 16)).toThrow(UnsupportedError);
    const adapterLimit = gpu.device.limits.maxStorageBufferBindingSize;
    expect(adapterLimit).toBeGreaterThan(2 ** 27);
  });

  test('limits of a table are lowered, and the others stay what the adapter offers', async () => {
    const { device } = await openTestGpu('software', { limits: { maxComputeWorkgroupStorageSize: 16384 } });
    expect(device.limits.maxComputeWorkgroupStorageSize).toBe(16384);
    expect(gpu.device.limits.maxComputeWorkgroupStorageSize).toBeGreaterThan(16384);
    expect(device.limits.maxBufferSize).toBe(gpu.device.limits.maxBufferSize);
  });
});

describe('dispatches', () => {
  test('run in their order', async () => {
    const buffer = gpu.upload('numbers', Uint32Array.of(1, 2, 3, 4));
    await gpu.run('adding', [addTo(buffer, 10), { ...addTo(buffer, 100), shader: add(2) }]);
    expect(new Uint32Array(await gpu.read(buffer))).toEqual(Uint32Array.of(211, 212, 213, 214));
    buffer.destroy();
  });

  test('compile a shader once, and once for each table of constants', async () => {
    const compile = vi.spyOn(gpu.device, 'createComputePipelineAsync');
    await Promise.all([gpu.pipeline(add(41)), gpu.pipeline(add(41)), gpu.pipeline(add(42))]);
    expect(compile).toHaveBeenCalledTimes(2);
  });

  test('are submitted together up to the limit of operations, and no further', async () => {
    const submit = vi.spyOn(gpu.device.queue, 'submit');
    const buffer = gpu.upload('numbers', new Uint32Array(4));
    const third = operationsPerSubmission / 3;
    const dispatches = [1, 2, 3, 4, 5].map((addend) => addTo(buffer, addend, third));
    await gpu.run('adding', dispatches);
    expect(submit).toHaveBeenCalledTimes(2);
    expect(new Uint32Array(await gpu.read(buffer))[0]).toBe(15);
    buffer.destroy();
  });

  test.each([
    [[], []],
    [[0, 0, 0], [3]],
    [
      [1, 1],
      [1, 1],
    ],
    [
      [0.5, 0.5, 0.5],
      [2, 1],
    ],
    [
      [1, 0.5, 0.5],
      [1, 2],
    ],
    // A dispatch over the limit goes alone: it cannot be split here.
    [
      [2, 0.1, 2, 2],
      [1, 1, 1, 1],
    ],
  ])('of %j of the limit make submissions of %j', (parts, sizes) => {
    const dispatches = parts.map(
      (part) => ({ operations: part * operationsPerSubmission }) as PreparedDispatch,
    );
    const groups = submissions(dispatches);
    expect(groups.map((group) => group.length)).toEqual(sizes);
  });

  test.each([
    [1, [1, 1, 1]],
    [65535, [65535, 1, 1]],
    [65536, [32768, 2, 1]],
    [65535 * 2 + 1, [43691, 3, 1]],
  ] as const)('%d workgroups make a grid of %j', (count, expected) => {
    const [x, y, z] = grid(count);
    expect([x, y, z]).toEqual(expected);
    expect(x * y * z).toBeGreaterThanOrEqual(count);
  });

  test('reach every element through a folded grid', async () => {
    const buffer = gpu.buffer('numbers', 64 * 4 * 10);
    await gpu.run('adding', [{ ...addTo(buffer, 1), workgroups: grid(10, 4) }]);
    expect(new Uint32Array(await gpu.read(buffer))).toEqual(new Uint32Array(640).fill(1));
    buffer.destroy();
  });
});

describe('errors', () => {
  test('a shader that does not compile is named, with the line', async () => {
    const buffer = gpu.buffer('data', 16);
    const running = gpu.run('trying', [{ shader: faulty, buffers: [buffer], workgroups: [1, 1, 1] }]);
    const error = await running.catch((e: unknown) => e as Error);
    expect(error).toBeInstanceOf(ShaderError);
    // Line 1 is the constant UNUSED, line 2 is empty; the mistake is in the file's fifth line.
    expect((error as Error).message).toMatch(
      /^the shader faulty did not compile on SwiftShader[^:]*: \n {2}7:71 unresolved value 'missing'\n {4}fn main\(/,
    );
    buffer.destroy();
  });

  test('two pieces of work at once keep their errors apart', async () => {
    const buffer = gpu.upload('numbers', Uint32Array.of(1, 2, 3, 4));
    const wrong = () => gpu.run('binding nothing', [{ ...addTo(buffer, 1), buffers: [] }]);
    const right = () => gpu.run('adding', [addTo(buffer, 1)]);
    const outcomes = await Promise.allSettled([right(), wrong(), right(), wrong(), right()]);
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') {
        expect(outcome.reason).toBeInstanceOf(ShaderError);
        expect(outcome.reason.message).toMatch(/^binding nothing: /);
      }
    expect(new Uint32Array(await gpu.read(buffer))).toEqual(Uint32Array.of(4, 5, 6, 7));
    buffer.destroy();
  });

  test('what the work itself throws comes out as it is', async () => {
    const fault = new RangeError('mine');
    await expect(gpu.guard('failing', () => Promise.reject(fault))).rejects.toBe(fault);
    await expect(gpu.guard('succeeding', async () => 7)).resolves.toBe(7);
  });

  test('a lack of memory is told as such', async () => {
    // SwiftShader allows a buffer of this size and refuses to allocate it.
    const size = gpu.device.limits.maxBufferSize;
    const allocating = gpu.allocate('making too much', [() => gpu.buffer('everything', size)]);
    const error = await allocating.catch((e: unknown) => e as Error);
    expect(error).toBeInstanceOf(OutOfMemoryError);
    expect((error as Error).message).toMatch(
      /^SwiftShader.* ran out of memory while making too much: .*Dispose of arrays that are no longer needed/s,
    );
    // The device goes on.
    const buffer = gpu.upload('numbers', Uint32Array.of(1));
    expect(new Uint32Array(await gpu.read(buffer, 4))[0]).toBe(1);
    buffer.destroy();
  });

  test('a lack of memory during an operation, too', async () => {
    const createBuffer = gpu.device.createBuffer.bind(gpu.device);
    vi.spyOn(gpu.device, 'createBuffer').mockImplementation((descriptor) =>
      createBuffer({ ...descriptor, size: gpu.device.limits.maxBufferSize }),
    );
    await expect(encodeOnGpu(gpu, formats.e4m3, Uint32Array.of(1, 2, 3))).rejects.toThrow(OutOfMemoryError);
  });
});

describe('after the end', () => {
  test('everything says that the context was disposed of', async () => {
    const other = await openAnother();
    const buffer = other.buffer('data', 16);
    other.dispose();
    other.dispose();
    const message = /has been disposed of; open\(\) gives another/;
    expect(() => other.buffer('data', 16)).toThrow(DisposedError);
    expect(() => other.upload('data', new Uint8Array(1))).toThrow(message);
    expect(() => other.write(buffer, new Uint8Array(1))).toThrow(message);
    await expect(other.read(buffer)).rejects.toThrow(message);
    await expect(other.run('adding', [addTo(buffer, 1)])).rejects.toThrow(message);
    await expect(other.idle()).rejects.toThrow(message);
  });

  test('work in flight when the context is disposed of fails with the same', async () => {
    const other = await openAnother();
    const buffer = other.buffer('data', 16);
    const reading = other.read(buffer);
    const running = other.run('adding', [addTo(buffer, 1)]);
    await Promise.resolve();
    other.dispose();
    const outcomes = await Promise.allSettled([reading, running]);
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(DisposedError) });
  });

  test('a device lost behind the back says so, in flight and later', async () => {
    const other = await openAnother();
    const buffer = other.buffer('data', 16);
    const reading = other.read(buffer);
    await Promise.resolve();
    other.device.destroy();
    const message = /^the device SwiftShader.* was lost.*Its arrays are gone; open\(\) gives a new context/s;
    await expect(reading).rejects.toThrow(DeviceLostError);
    await expect(reading).rejects.toThrow(message);
    expect(() => other.buffer('data', 16)).toThrow(message);
    await expect(other.run('adding', [addTo(buffer, 1)])).rejects.toThrow(message);
    await expect(other.idle()).rejects.toThrow(message);
    other.dispose();
  });
});

test('features can be left off', async () => {
  const plain = await openTestGpu('null', { withoutFeatures: ['shader-f16'] });
  const full = await openTestGpu('null');
  expect([plain.hasFeature('shader-f16'), full.hasFeature('shader-f16')]).toEqual([false, true]);
});

test('an adapter that gives no device is named', async () => {
  const chosen = await chooseAdapter([softwareSource], 'software');
  vi.spyOn(chosen.adapter, 'requestDevice').mockRejectedValue(new Error('limits exceeded'));
  const opening = Gpu.open(chosen);
  await expect(opening).rejects.toThrow(UnsupportedError);
  await expect(opening).rejects.toThrow(/^the adapter SwiftShader.* gave no device: limits exceeded$/);
});
