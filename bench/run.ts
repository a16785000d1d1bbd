/** @file Running a suite: each case checked, then measured; a wrong result is a failure and has no figures. */

import { ArgumentError, endsDevice, OctileError, OutOfMemoryError, UnsupportedError } from '../src/errors.js';
import { resolveAccumulation } from '../src/gemm/accumulation.js';
import { kernelFor } from '../src/gemm/gemm.js';
import { kernelNames, kernels } from '../src/gemm/registry.js';
import type { Gpu } from '../src/gpu/gpu.js';
import { version } from '../src/library.js';
import { type BenchCase, caseOperations, caseProblem, type GemmCase } from './cases.js';
import { castWorkload } from './cast.js';
import { copyWorkload } from './copy.js';
import { gemmWorkload } from './gemm.js';
import { groupedWorkload } from './grouped.js';
import { peakWorkload } from './peak.js';
import { quantizeWorkload } from './quantize.js';
import { about, type BenchRecord, measured } from './record.js';
import { measure, timingFor } from './time.js';
import type { Workload } from './workload.js';

/** What a product can be measured with. */
export const kernelChoices: readonly string[] = ['auto', 'all', ...kernelNames];

export interface BenchOptions {
  /**
   * A kernel's name, or several; auto (default): the best for each product; all: every one that computes in
   * floating point. An emulator emulates DeepSeek-V3's accumulation on Hopper unless the case says otherwise.
   */
  readonly kernel?: string | readonly string[] | undefined;
  /** Ends the run between two steps; what is done by then is returned. */
  readonly signal?: AbortSignal | undefined;
  /** Called before a case is run by a kernel. */
  readonly onStart?: ((one: BenchCase, kernel: string) => void) | undefined;
  /** Called with each record as it is made. */
  readonly onRecord?: ((record: BenchRecord) => void) | undefined;
  /** Called after each case, however many kernels have run it. */
  readonly onCase?: (() => void) | undefined;
}

/** Operations beyond which a software adapter, at a GFLOP/s or less, would take minutes for the runs of a case. */
const softwareOperations = 2 ** 32;

/** Why a software adapter does not take up a case; undefined where it does, and for every GPU. */
export function softwareObstacle({ adapter }: Gpu, one: BenchCase): string | undefined {
  return adapter.kind === 'software' && caseOperations(one) > softwareOperations
    ? 'too large for a software adapter: it would take minutes'
    : undefined;
}

/**
 * Checks and measures the cases.
 * @returns the records, those up to the interruption if the signal ended the run
 * @throws ArgumentError for an unknown kernel, UnsupportedError on the null adapter, DeviceLostError, DisposedError
 */
export async function runBench(
  gpu: Gpu,
  cases: readonly BenchCase[],
  options: BenchOptions = {},
): Promise<BenchRecord[]> {
  const { kernel = 'auto', signal, onStart, onRecord, onCase } = options;
  if (gpu.adapter.kind === 'null')
    throw new UnsupportedError(`${gpu.adapter.name} is the null adapter: it computes nothing to measure`);
  const wanted = typeof kernel === 'string' ? [kernel] : kernel;
  const unknown = wanted.find((name) => !kernelChoices.includes(name));
  if (unknown !== undefined) throw new ArgumentError('kernel', unknown, kernelChoices.join(', '));
  const records: BenchRecord[] = [];
  for (const [index, one] of cases.entries()) {
    for (const name of await kernelsFor(gpu, one, wanted)) {
      if (signal?.aborted) return records;
      onStart?.(one, name);
      const record = await runCase(gpu, one, name, index, signal);
      if (!record) return records;
      records.push(record);
      onRecord?.(record);
    }
    onCase?.();
  }
  return records;
}

/** The kernels that are to run a case, each once. */
async function kernelsFor(gpu: Gpu, one: BenchCase, wanted: readonly string[]): Promise<string[]> {
  if (one.kind !== 'gemm') return [one.kind];
  const names: string[] = [];
  for (const name of wanted) {
    if (name === 'all') names.push(...kernels.map((kernel) => kernel.name));
    else names.push(name === 'auto' ? await bestKernel(gpu, one) : name);
  }
  return [...new Set(names)];
}

async function bestKernel(gpu: Gpu, one: GemmCase): Promise<string> {
  const problem = caseProblem(one);
  const { accumulator, promote } = one;
  const accumulation =
    accumulator && (await resolveAccumulation(gpu, problem, { accumulator, ...(promote && { promote }) }));
  return kernelFor(gpu, { ...problem, accumulation }).name;
}

/** undefined if the signal ended it. */
async function runCase(
  gpu: Gpu,
  one: BenchCase,
  kernel: string,
  index: number,
  signal: AbortSignal | undefined,
): Promise<BenchRecord | undefined> {
  const base = about(one, kernel, gpu.adapter, version);
  const tooLarge = softwareObstacle(gpu, one);
  if (tooLarge !== undefined) return { ...base, status: 'skipped', reason: tooLarge };
  let workload: Workload | undefined;
  try {
    workload = await makeWorkload(gpu, one, kernel, index);
    const quality = await workload.check();
    const known = { ...base, ...workload.how };
    if (quality.failure !== undefined) return { ...known, status: 'failed', reason: quality.failure };
    signal?.throwIfAborted();
    const timing = await measure(gpu, workload.rotation, timingFor(gpu.adapter.kind, signal));
    return measured(known, quality, timing);
  } catch (error) {
    if (signal?.aborted && error === signal.reason) return undefined;
    if (!(error instanceof OctileError) || endsDevice(error)) throw error;
    const unable = error instanceof UnsupportedError || error instanceof OutOfMemoryError;
    return { ...base, status: unable ? 'skipped' : 'failed', reason: error.message };
  } finally {
    workload?.dispose();
  }
}

function makeWorkload(gpu: Gpu, one: BenchCase, kernel: string, index: number): Promise<Workload> {
  // Seeds of cases lie farther apart than those of their sets of buffers.
  const seed = index * 4096;
  switch (one.kind) {
    case 'gemm':
      return gemmWorkload(gpu, one, kernel, seed);
    case 'grouped':
      return groupedWorkload(gpu, one, seed);
    case 'cast':
      return castWorkload(gpu, one, seed);
    case 'quantize':
      return quantizeWorkload(gpu, one, seed);
    case 'copy':
      return copyWorkload(gpu, one, seed);
    case 'peak':
      return peakWorkload(gpu, one);
  }
}
