import { expect, test, vi } from 'vitest';
import { copyDispatch } from '../../bench/copy.js';
import { measure, type Rotation, type TimingOptions } from '../../bench/time.js';
import { type Gpu, operationsPerSubmission, type Prepared } from '../../src/gpu/gpu.js';
import { randomWordList } from '../../src/verify/random.js';
import { openTestGpu } from '../adapter.js';

const gpu = await openTestGpu();
const withoutTimestamps = await openTestGpu('software', { withoutFeatures: ['timestamp-query'] });

const options: TimingOptions = { warmUp: 5, leastSamples: 5, mostSamples: 5, budget: 1, wallSample: 1 };
const words = 4096;

/** `sets` copies of random words between buffers of their own, and what they leave behind. */
async function copies(gpu: Gpu, sets: number, operations?: number) {
  const pairs = Array.from({ length: sets }, (_, i) => ({
    from: gpu.upload('from', randomWordList(words, i)),
    to: gpu.buffer('to', words * 4),
  }));
  const prepared: Prepared[] = [];
  for (const { from, to } of pairs) {
    const dispatch = copyDispatch(from, to, words * 4);
    prepared.push(await gpu.prepare([operations === undefined ? dispatch : { ...dispatch, operations }]));
  }
  const rotation: Rotation = prepared.map(({ dispatches }) => dispatches);
  const copied = () => Promise.all(pairs.map(async ({ to }) => new Uint32Array(await gpu.read(to))));
  return { rotation, copied };
}

for (const [method, device] of [
  ['timestamp', gpu],
  ['wall', withoutTimestamps],
] as const)
  test(`measures by ${method}, as many samples as asked for, every set of buffers used`, async () => {
    const { rotation, copied } = await copies(device, 3);
    const timing = await measure(device, rotation, options);
    expect(timing.method).toBe(method);
    expect(timing.samples).toBe(5);
    expect(timing.min).toBeGreaterThan(0);
    expect(timing.median).toBeGreaterThanOrEqual(timing.min);
    expect(timing.max).toBeGreaterThanOrEqual(timing.median);
    expect(await copied()).toEqual([0, 1, 2].map((seed) => randomWordList(words, seed)));
  });

test('a run of several submissions is one sample', async () => {
  const { rotation } = await copies(gpu, 2, operationsPerSubmission);
  const submit = vi.spyOn(gpu.device.queue, 'submit');
  const long: Rotation = [rotation.flat()];
  const timing = await measure(gpu, long, { ...options, warmUp: 0 });
  expect([timing.method, timing.samples]).toEqual(['timestamp', 5]);
  // Two submissions for each of the first run and 5 samples, one to resolve the queries, one to read them.
  expect(submit).toHaveBeenCalledTimes(2 * 6 + 2);
  submit.mockRestore();
});

test('ends by the reason of its signal', async () => {
  const { rotation } = await copies(gpu, 1);
  const signal = AbortSignal.abort(new Error('enough'));
  await expect(measure(gpu, rotation, { ...options, signal })).rejects.toThrow('enough');
});
