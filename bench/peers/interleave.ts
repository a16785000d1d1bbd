/**
 * @file Timing of several contestants in turn, A B C A B C …: whatever drifts while they run, such as clocks,
 * temperature and other work on the machine, drifts for all of them.
 *
 * The clock is the host's, from the first submission of a batch of runs until the device is done with the last. The
 * GPU's own clock would be finer, but nobody can put timestamps into other libraries' passes, and a library that keeps
 * the GPU waiting for its next dispatch keeps its user waiting too. A batch lasts long enough for the latency of the
 * queue to be small beside it.
 */

import type { Gpu } from '../../src/gpu/gpu.js';

export interface Contestant {
  /** Submits one run. */
  run(): Promise<void>;
}

export interface InterleaveOptions {
  /**
   * Milliseconds that the first contestant that can works before the first sample. GPUs take half a second to reach
   * their clock.
   */
  readonly warmUp: number;
  /** And each of the others, to be compiled, placed and known to the driver: the clock is there by then. */
  readonly settle: number;
  /** Milliseconds that a sample lasts at least. */
  readonly sample: number;
  /** Rounds that are timed however long they take, and the most if the budget allows. */
  readonly leastRounds: number;
  readonly mostRounds: number;
  /** Milliseconds of timed work that each contestant may take. */
  readonly budget: number;
  /** Ends it between two samples, by the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Options that fit a kind of adapter. */
export function interleaveFor(kind: string, signal?: AbortSignal): InterleaveOptions {
  return kind === 'software'
    ? { warmUp: 20, settle: 20, sample: 5, leastRounds: 3, mostRounds: 10, budget: 200, signal }
    : { warmUp: 500, settle: 100, sample: 20, leastRounds: 10, mostRounds: 15, budget: 300, signal };
}

/** Runs of one batch at most: more would only fill the queue. */
const mostRuns = 1000;

/** Durations of one run in µs, a sample each; or what the contestant threw. */
export type Samples = { readonly microseconds: readonly number[] } | { readonly error: unknown };

interface Lane {
  readonly contestant: Contestant;
  readonly microseconds: number[];
  runs: number;
  rounds: number;
  error?: unknown;
}

/**
 * Times contestants in turn. One that throws drops out, and the others go on.
 * @returns for each, in their order
 * @throws the signal's reason
 */
export async function interleave(
  gpu: Gpu,
  contestants: readonly Contestant[],
  options: InterleaveOptions,
): Promise<Samples[]> {
  const { signal, sample, leastRounds, mostRounds, budget } = options;
  const lanes = contestants.map((contestant): Lane => ({ contestant, microseconds: [], runs: 1, rounds: 0 }));
  let warm = false;
  for (const lane of lanes)
    await within(lane, signal, async () => {
      const perRun = await warmUp(gpu, lane.contestant, warm ? options.settle : options.warmUp, sample);
      warm = true;
      lane.runs = Math.min(Math.max(1, Math.ceil(sample / perRun)), mostRuns);
      const affordable = Math.floor(budget / (lane.runs * perRun));
      lane.rounds = Math.min(Math.max(affordable, leastRounds), mostRounds);
    });
  for (let round = 0; round < mostRounds; round++)
    for (const lane of lanes.filter(({ error, rounds }) => error === undefined && round < rounds))
      await within(lane, signal, async () => {
        // What ran before was another's: let caches and queue be the contestant's own again.
        await batch(gpu, lane.contestant, 1);
        lane.microseconds.push((1e3 * (await batch(gpu, lane.contestant, lane.runs))) / lane.runs);
      });
  return lanes.map(({ microseconds, error }) => (error === undefined ? { microseconds } : { error }));
}

async function within(lane: Lane, signal: AbortSignal | undefined, work: () => Promise<void>): Promise<void> {
  signal?.throwIfAborted();
  await work().catch((error: unknown) => {
    lane.error = error ?? new Error('it failed without a reason');
  });
}

/** Milliseconds from the first submission until all is done. */
async function batch({ device }: Gpu, contestant: Contestant, runs: number): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < runs; i++) await contestant.run();
  await device.queue.onSubmittedWorkDone();
  return performance.now() - start;
}

/** Milliseconds a run, once it has worked for so many. */
async function warmUp(gpu: Gpu, contestant: Contestant, least: number, sample: number): Promise<number> {
  const start = performance.now();
  let perRun = await batch(gpu, contestant, 1);
  while (performance.now() - start < least) {
    const runs = Math.min(Math.max(1, Math.ceil(sample / Math.max(perRun, 1e-3))), mostRuns);
    perRun = (await batch(gpu, contestant, runs)) / runs;
  }
  return Math.max(perRun, 1e-3);
}
