import { promisify } from 'node:util';
import { expect, test, vi } from 'vitest';
import { GpuMatrix } from '../../src/gpu-matrix.js';
import { matrix } from '../../src/matrix.js';
import { quantizeOnGpu } from '../../src/quantize/quantize-gpu.js';
import { openTestGpu } from '../adapter.js';

const original = globalThis.setImmediate;
const gpu = await openTestGpu();

test("Dawn's polls wait for a timer", async () => {
  const timers = vi.spyOn(globalThis, 'setTimeout');
  const source = GpuMatrix.upload(gpu, matrix(256, 256, new Float32Array(256 * 256).fill(1)));
  const quantized = await quantizeOnGpu(gpu, source, {});
  await quantized.read();
  const polls = timers.mock.calls.filter(([callback, wait]) => wait === 1 && callback.name === '');
  expect(polls.length).toBeGreaterThan(0);
  timers.mockRestore();
});

test('setImmediate is as it was for everybody else', async () => {
  expect(globalThis.setImmediate).not.toBe(original);
  const order: string[] = [];
  await new Promise<void>((done) => {
    setImmediate((a, b) => order.push(`immediate ${a} ${b}`), 1, 2);
    setImmediate(() => {
      order.push('second');
      done();
    });
    process.nextTick(() => order.push('tick'));
  });
  expect(order).toEqual(['tick', 'immediate 1 2', 'second']);
  expect(await promisify(setImmediate)('value')).toBe('value');

  const called = vi.fn();
  clearImmediate(setImmediate(called));
  // A bound function is native code, and still no poll.
  const timers = vi.spyOn(globalThis, 'setTimeout');
  await new Promise<void>((done) => setImmediate(done.bind(undefined)));
  expect(timers).not.toHaveBeenCalled();
  timers.mockRestore();
  expect(called).not.toHaveBeenCalled();
});
