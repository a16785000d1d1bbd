import { afterEach, expect, test, vi } from 'vitest';
import { operationsPerSubmission } from '../../src/gpu/dispatch.js';
import type { Dispatch, Gpu } from '../../src/gpu/gpu.js';
import { operationsPerDispatch } from '../../src/gpu/speed.js';
import { openTestGpu } from '../adapter.js';

afterEach(() => vi.restoreAllMocks());

/** A device of so many operations a second, with half a millisecond from submission to answer. */
function deviceOf(perSecond: number): { gpu: Gpu; trials: number[]; destroyed: () => boolean } {
  let now = 0;
  let destroyed = false;
  const trials: number[] = [];
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  const buffer = { destroy: () => (destroyed = true) };
  const gpu = {
    adapter: { kind: 'hardware' },
    allocate: async () => [buffer],
    run: async (_: string, [dispatch]: readonly Dispatch[]) => {
      const { operations = 0 } = dispatch as Dispatch;
      trials.push(operations);
      now += 0.5 + (operations / perSecond) * 1e3;
    },
    idle: async () => undefined,
  };
  return { gpu: gpu as unknown as Gpu, trials, destroyed: () => destroyed };
}

test('a weak GPU is given what it does in a third of a second, after trials of milliseconds', async () => {
  const { gpu, trials, destroyed } = deviceOf(2e11);
  expect(await operationsPerDispatch(gpu)).toBe(operationsPerSubmission);
  expect(Math.max(...trials)).toBeLessThan(2e11 / 50);
  expect(destroyed()).toBe(true);
});

test('a fast GPU is given a thirtieth of a second', async () => {
  const { gpu } = deviceOf(1e13);
  const operations = await operationsPerDispatch(gpu);
  // The answer takes time too, which counts as work: what is given is never too much.
  expect(operations).toBeLessThanOrEqual(1e13 / 30);
  expect(operations).toBeGreaterThan(1e13 / 60);
});

test('however fast, there is a limit, since kernels reach a part of that speed', async () => {
  expect(await operationsPerDispatch(deviceOf(1e18).gpu)).toBeLessThanOrEqual(2 ** 42);
});

test('a clock too coarse to tell means small dispatches', async () => {
  const { gpu } = deviceOf(1e13);
  vi.spyOn(performance, 'now').mockReturnValue(0);
  expect(await operationsPerDispatch(gpu)).toBe(operationsPerSubmission);
});

test('a software adapter is not asked: its trial would be the longest part of opening it', async () => {
  expect(await operationsPerDispatch(await openTestGpu())).toBe(operationsPerSubmission);
});
