/**
 * @file How long work takes on a GPU: warmed up by time, because clocks ramp for half a second and more, then
 * sampled without a pause, over several sets of buffers in turn, so that no cache holds what a run reads.
 *
 * With the feature timestamp-query the GPU's own clock is read around every sample; elsewhere the wall clock
 * from submission to completion, over so many runs that the latency of the queue is small beside them.
 */

import { type Spread, spread } from '../src/arithmetic/spread.js';
import {
  type Gpu,
  operationsPerSubmission,
  type PreparedDispatch,
  record,
  submissions,
} from '../src/gpu/gpu.js';
import type { AdapterSource } from '../src/gpu/source.js';
import { clockStep, durations, medianDeviation, runsPerSample } from './statistics.js';

/** The dispatches of one run, once for each set of buffers. Runs take the sets in turn. */
export type Rotation = readonly (readonly PreparedDispatch[])[];

/** Durations of one run in µs. */
export interface Timing extends Spread {
  /** The median distance of the samples from their median. */
  readonly deviation: number;
  /**
   * - timestamp: the GPU's clock, from the begin of a run's first pass to the end of its last, pauses between counted
   * - wall: the host's clock around a batch of runs, from submission to completion
   */
  readonly method: 'timestamp' | 'wall';
}

export interface TimingOptions {
  /** Milliseconds of continuous work before the first sample. */
  readonly warmUp: number;
  /** Samples that are taken however long they take. */
  readonly leastSamples: number;
  /** Samples that are taken if the budget allows. */
  readonly mostSamples: number;
  /** Milliseconds of timed work to aim at. */
  readonly budget: number;
  /** Milliseconds that a sample by the wall clock lasts at least. */
  readonly wallSample: number;
  /** Ends the measurement between two steps, by the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Options that fit a kind of adapter. A software adapter has no clocks to ramp, and time is dear. */
export function timingFor(kind: AdapterSource['kind'], signal?: AbortSignal): TimingOptions {
  return kind === 'hardware'
    ? { warmUp: 700, leastSamples: 20, mostSamples: 100, budget: 500, wallSample: 20, signal }
    : { warmUp: 20, leastSamples: 3, mostSamples: 20, budget: 400, wallSample: 5, signal };
}

/**
 * Measures one run.
 * @throws OutOfMemoryError, ShaderError or DeviceLostError; the signal's reason when aborted
 */
export async function measure(gpu: Gpu, rotation: Rotation, options: TimingOptions): Promise<Timing> {
  const work = new Work(gpu, rotation);
  if (gpu.hasFeature('timestamp-query')) {
    const timing = await byTimestamp(gpu, work, options);
    if (timing) return timing;
  }
  return byWallClock(gpu, work, options);
}

/** Runs in their rotation, recorded into passes and submitted. */
class Work {
  #turn = 0;
  #passes: GPUCommandEncoder | undefined;
  #operations = 0;

  constructor(
    readonly gpu: Gpu,
    readonly rotation: Rotation,
  ) {}

  /** Records `runs` runs, between the timestamps `first` and `first + 1` of a query set if one is given. */
  add(runs: number, querySet?: GPUQuerySet, first = 0): void {
    const dispatches: PreparedDispatch[] = [];
    for (let i = 0; i < runs; i++)
      dispatches.push(...(this.rotation[this.#turn++ % this.rotation.length] ?? []));
    const groups = submissions(dispatches);
    for (const [i, group] of groups.entries()) {
      const begin = i === 0 ? { beginningOfPassWriteIndex: first } : {};
      const end = i === groups.length - 1 ? { endOfPassWriteIndex: first + 1 } : {};
      const timed = querySet && (i === 0 || i === groups.length - 1);
      this.#pass(group, timed ? { timestampWrites: { querySet, ...begin, ...end } } : {});
    }
  }

  #pass(group: readonly PreparedDispatch[], descriptor: GPUComputePassDescriptor): void {
    const operations = group.reduce((sum, dispatch) => sum + dispatch.operations, 0);
    if (this.#operations + operations > operationsPerSubmission) this.submit();
    this.#passes ??= this.gpu.device.createCommandEncoder();
    this.#operations += operations;
    const pass = this.#passes.beginComputePass(descriptor);
    for (const dispatch of group) record(pass, dispatch);
    pass.end();
  }

  /** Submits what has been recorded. */
  submit(): void {
    if (this.#passes) this.gpu.device.queue.submit([this.#passes.finish()]);
    this.#passes = undefined;
    this.#operations = 0;
  }

  done(): Promise<undefined> {
    return this.gpu.device.queue.onSubmittedWorkDone();
  }
}

/** Milliseconds of work that are submitted together while warming up. */
const warmUpSlice = 30;

/** Works until the time is over, and leaves the last slice in flight. Returns milliseconds a run. */
async function warmUp(work: Work, options: TimingOptions): Promise<number> {
  const start = performance.now();
  work.add(1);
  work.submit();
  await work.done();
  let last = performance.now();
  let perRun = Math.max(last - start, 1e-3);
  let before = { runs: 0, done: Promise.resolve<undefined>(undefined) };
  while (performance.now() - start < options.warmUp) {
    options.signal?.throwIfAborted();
    const runs = Math.min(Math.ceil(warmUpSlice / perRun), 1000);
    work.add(runs);
    work.submit();
    const slice = { runs, done: work.done() };
    await before.done;
    const now = performance.now();
    if (before.runs > 0) perRun = Math.max((now - last) / before.runs, 1e-3);
    last = now;
    before = slice;
  }
  return perRun;
}

function sampleCount(perSample: number, options: TimingOptions): number {
  const affordable = Math.floor(options.budget / perSample);
  return Math.min(Math.max(affordable, options.leastSamples), options.mostSamples);
}

/** undefined where the clock runs backwards or is too coarse for any number of runs. */
async function byTimestamp(gpu: Gpu, work: Work, options: TimingOptions): Promise<Timing | undefined> {
  let runs = 1;
  for (let attempt = 0; attempt < 3; attempt++) {
    options.signal?.throwIfAborted();
    const { ticks, perRun } = await timestamps(gpu, work, runs, options);
    const list = durations(ticks).map((sample) => sample / runs / 1e3);
    const { min, median } = spread(list);
    if (min < 0) return undefined;
    const needed = runsPerSample(clockStep(ticks), median > 0 ? median * 1e3 : perRun * 1e6);
    if (needed <= runs && min > 0) return timingOf('timestamp', list);
    runs = Math.max(needed, 2 * runs);
  }
  return undefined;
}

/** Two timestamps in ns a sample of `runs` runs, and the estimated milliseconds of one run. */
async function timestamps(
  gpu: Gpu,
  work: Work,
  runs: number,
  options: TimingOptions,
): Promise<{ ticks: BigUint64Array; perRun: number }> {
  const owned: { destroy(): void }[] = [];
  try {
    const { resolved, perRun } = await gpu.guard('timing', async () => {
      const perRun = await warmUp(work, options);
      const samples = sampleCount(perRun * runs, options);
      const { device } = gpu;
      const querySet = device.createQuerySet({ type: 'timestamp', count: 2 * samples });
      const usage = GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC;
      const resolved = device.createBuffer({ label: 'timestamps', size: 16 * samples, usage });
      owned.push(querySet, resolved);
      for (let i = 0; i < samples; i++) work.add(runs, querySet, 2 * i);
      work.submit();
      const encoder = device.createCommandEncoder();
      encoder.resolveQuerySet(querySet, 0, 2 * samples, resolved, 0);
      device.queue.submit([encoder.finish()]);
      return { resolved, perRun };
    });
    return { ticks: new BigUint64Array(await gpu.read(resolved)), perRun };
  } finally {
    for (const one of owned) one.destroy();
  }
}

async function byWallClock(gpu: Gpu, work: Work, options: TimingOptions): Promise<Timing> {
  const microseconds = await gpu.guard('timing', async () => {
    const perRun = await warmUp(work, options);
    const runs = Math.max(1, Math.ceil(options.wallSample / perRun));
    const samples = sampleCount(perRun * runs, options);
    await work.done();
    const list: number[] = [];
    for (let i = 0; i < samples; i++) {
      options.signal?.throwIfAborted();
      const start = performance.now();
      work.add(runs);
      work.submit();
      await work.done();
      list.push(((performance.now() - start) * 1e3) / runs);
    }
    return list;
  });
  return timingOf('wall', microseconds);
}

function timingOf(method: Timing['method'], microseconds: readonly number[]): Timing {
  return { method, ...spread(microseconds), deviation: medianDeviation(microseconds) };
}
