/**
 * @file Tuning: every kernel and tiling that can compute a product, each checked, all measured shortly, the best
 * measured again at length. Successive halving without the halves: timings at length cost most.
 */

import { DeviceLostError, OctileError, UnsupportedError } from '../src/errors.js';
import { measuredMachine } from '../src/format/native-halves.js';
import type { Tiling } from '../src/gemm/kernel.js';
import { accurateKernels, inOrder, kernels, obstacle } from '../src/gemm/registry.js';
import type { Gpu } from '../src/gpu/gpu.js';
import type { TunedProduct } from '../src/tune/tuning.js';
import { caseProblem, type GemmCase } from './cases.js';
import { gemmWorkload } from './gemm.js';
import { measure, type TimingOptions, timingFor } from './time.js';

/** A kernel with a tiling of its own. */
export interface Candidate {
  readonly kernel: string;
  readonly tiling: Tiling;
}

/** What became of a candidate. */
export interface Trial extends Candidate {
  /** Median, undefined if it was not measured. */
  readonly microseconds?: number;
  /** Why it is out: a wrong result, or what the device refused. */
  readonly reason?: string;
}

export interface TunedCase {
  readonly winner: TunedProduct;
  /** What `auto` takes untuned, measured as the winner was. */
  readonly untuned: Trial;
  readonly trials: readonly Trial[];
}

export interface TuneOptions {
  /** Names of the kernels to try. Default those that `auto` may take: accurateKernels(). */
  readonly kernels?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called after each measurement, with how many there will be in all as far as that is known. */
  readonly onTrial?: ((trial: Trial, done: number, total: number) => void) | undefined;
}

/** Candidates that are measured at length. */
const finalists = 4;

/** Every kernel and tiling that this device can compute a case with, what `auto` takes untuned first. */
export async function candidates(
  gpu: Gpu,
  one: GemmCase,
  names: readonly string[] = accurateKernels(caseProblem(one)).map(({ name }) => name),
): Promise<Candidate[]> {
  const problem = caseProblem(one);
  const machine = await measuredMachine(gpu);
  return inOrder(kernels, problem, (kernel) => kernel)
    .filter((kernel) => names.includes(kernel.name) && obstacle(gpu, kernel, problem) === undefined)
    .flatMap((kernel) =>
      kernel.tilings(problem, machine).map((tiling): Candidate => ({ kernel: kernel.name, tiling })),
    );
}

/**
 * Finds the fastest way to compute a case on this device.
 * @throws UnsupportedError if nothing computes it rightly, DeviceLostError, the signal's reason when aborted
 */
export async function tuneCase(gpu: Gpu, one: GemmCase, options: TuneOptions = {}): Promise<TunedCase> {
  const { signal, onTrial } = options;
  const all = await candidates(gpu, one, options.kernels);
  const total = all.length + Math.min(finalists, all.length) + 1;
  const trials: Trial[] = [];
  let done = 0;
  const run = async (candidate: Candidate, timing: TimingOptions) => {
    signal?.throwIfAborted();
    const trial = await tryOut(gpu, one, candidate, timing);
    done++;
    onTrial?.(trial, done, total);
    return trial;
  };

  const long = timingFor(gpu.adapter.kind, signal);
  const short = { ...long, warmUp: long.warmUp / 7, leastSamples: 3, budget: long.budget / 10 };
  if (all.length === 0)
    throw new UnsupportedError(
      `no kernel computes ${one.m}x${one.n}x${one.k} on ${gpu.adapter.name}: ${obstacles(gpu, one, options.kernels)}`,
    );
  // The first one meets a GPU whose clocks have not risen, and is measured again.
  const [first] = all;
  if (first) await run(first, long);
  for (const candidate of all) trials.push(await run(candidate, short));
  const best = fastest(trials).slice(0, finalists);
  const untuned = trials[0];
  if (!untuned || best.length === 0)
    throw new UnsupportedError(
      `no kernel computes ${one.m}x${one.n}x${one.k} on ${gpu.adapter.name}: ${reasonsOf(trials)}`,
    );
  const finals: Trial[] = [];
  for (const candidate of new Set([untuned, ...best])) finals.push(await run(candidate, long));
  const winner = fastest(finals)[0] ?? (best[0] as Timed);
  const { kernel, tiling, microseconds } = winner;
  const [again] = finals as [Trial, ...Trial[]];
  const { microseconds: untunedMicroseconds } = again;
  return {
    winner: {
      ...productOf(one),
      kernel,
      tiling,
      microseconds,
      ...(untunedMicroseconds === undefined ? {} : { untunedMicroseconds }),
    },
    untuned: again,
    trials,
  };
}

/** Why none of the kernels can run. */
function obstacles(gpu: Gpu, one: GemmCase, names: readonly string[] | undefined): string {
  const problem = caseProblem(one);
  const wanted = names ? kernels.filter(({ name }) => names.includes(name)) : accurateKernels(problem);
  return wanted.map((kernel) => `${kernel.name}: ${obstacle(gpu, kernel, problem)}`).join('; ');
}

/** Why trials are out, each reason once with the kernels that it holds for. */
function reasonsOf(trials: readonly Trial[]): string {
  const reasons = new Set(trials.flatMap(({ reason }) => reason ?? []));
  return [...reasons]
    .map((one) => {
      const names = new Set(trials.flatMap(({ kernel, reason }) => (reason === one ? kernel : [])));
      return `${[...names].join(', ')}: ${one}`;
    })
    .join('; ');
}

type Timed = Trial & { readonly microseconds: number };

function fastest(trials: readonly Trial[]): Timed[] {
  return trials
    .filter((trial): trial is Timed => trial.microseconds !== undefined)
    .sort((a, b) => a.microseconds - b.microseconds);
}

async function tryOut(gpu: Gpu, one: GemmCase, candidate: Candidate, timing: TimingOptions): Promise<Trial> {
  try {
    const workload = await gemmWorkload(gpu, one, candidate.kernel, 1, candidate.tiling);
    try {
      const { failure } = await workload.check();
      if (failure !== undefined) return { ...candidate, reason: failure };
      const { median } = await measure(gpu, workload.rotation, timing);
      return { ...candidate, microseconds: median };
    } finally {
      workload.dispose();
    }
  } catch (error) {
    // A tiling that a driver refuses to compile, or for which there is no memory, is out; a lost device is the end.
    if (!(error instanceof OctileError) || error instanceof DeviceLostError) throw error;
    return { ...candidate, reason: error.message };
  }
}

function productOf({ m, n, k, aFormat, bFormat, aGranularity, bGranularity, out }: GemmCase) {
  return { m, n, k, aFormat, bFormat, aGranularity, bGranularity, out };
}
