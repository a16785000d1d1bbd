/** @file Whether this adapter computes what the oracles say: every check, one after another. */

import { endsDevice, OctileError, UnsupportedError } from '../errors.js';
import { fusedKernels } from '../gemm/fused/plan.js';
import { keepers } from '../gemm/matrix/keepers.js';
import { emulators, kernelByName, kernelNames } from '../gemm/registry.js';
import type { Gpu } from '../gpu/gpu.js';
import { accumulatorChecks } from './accumulator.js';
import type { Check, Outcome } from './check.js';
import { emulatorCheck } from './emulators.js';
import { exhaustiveChecks } from './exhaustive-checks.js';
import { formatChecks } from './formats.js';
import { fusedCheck } from './fused.js';
import { gemmChecks } from './gemm.js';
import { keptCheck } from './kept.js';
import { quantizeChecks } from './quantize.js';

export interface VerifyOptions {
  /** Names of kernels: their checks alone. Default every check, with every kernel. */
  readonly kernels?: readonly string[] | undefined;
  /** Adds the encoding of all 2^32 f32 patterns. Default false. */
  readonly exhaustive?: boolean | undefined;
  /**
   * The cross-check of the emulators alone: at least `count` random dot products (10^8, on a software adapter
   * 28,672), and every pair of codes.
   */
  readonly accumulator?: { readonly count?: number | undefined } | undefined;
  /** Ends the run between two checks; those that ended by then are reported. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each step of the work: `countSteps` says how many there are. */
  readonly onStep?: (() => void) | undefined;
  /** Called after each check, in the order in which they end. */
  readonly onReport?: ((report: CheckReport) => void) | undefined;
}

/** What became of a check. */
export interface CheckReport extends Outcome {
  readonly name: string;
  /** skipped: this adapter cannot run it, or nothing of it, for the reason in `detail`. */
  readonly status: 'passed' | 'failed' | 'skipped';
}

/** Random dot products unless told otherwise, on a GPU and on a CPU. */
const defaultCount = { hardware: 1e8, software: 28_672 } as const;

/** The checks that `options` ask for, in the order of a number's way, and why some cannot run. */
function chooseChecks(gpu: Gpu, { kernels, exhaustive, accumulator }: VerifyOptions) {
  const every = exhaustive ? exhaustiveChecks() : [];
  const checks = accumulator
    ? accumulatorChecks(
        accumulator.count ?? defaultCount[gpu.adapter.kind === 'hardware' ? 'hardware' : 'software'],
      )
    : kernels
      ? kernels.flatMap(checksOfKernel)
      : [...formatChecks(), ...every, ...quantizeChecks(), ...kernelNames.flatMap(checksOfKernel)];
  return checks.map((check) => ({ check, reason: check.skip?.(gpu) }));
}

/** @throws ArgumentError for an unknown name */
function checksOfKernel(name: string): Check[] {
  const emulator = emulators.find((candidate) => candidate.name === name);
  if (emulator) return [emulatorCheck(emulator)];
  const kernel = kernelByName(name);
  return [
    ...gemmChecks([kernel]),
    ...fusedKernels.filter((fused) => fused.kernel === kernel).map(fusedCheck),
    ...keepers.filter((keeper) => keeper === kernel.name).map(keptCheck),
  ];
}

/** How often runChecks with the same options calls `onStep`, unless a check fails by an error. */
export function countSteps(gpu: Gpu, options: VerifyOptions = {}): number {
  return chooseChecks(gpu, options).reduce(
    (sum, { check, reason }) => sum + (reason === undefined ? check.steps : 0),
    0,
  );
}

/**
 * Runs the checks. A check that ends with an error has failed; the others still run.
 * @returns the reports in the order of a number's way
 * @throws UnsupportedError on the null adapter, ArgumentError for an unknown kernel, DeviceLostError, DisposedError
 */
export async function runChecks(gpu: Gpu, options: VerifyOptions = {}): Promise<CheckReport[]> {
  if (gpu.adapter.kind === 'null')
    throw new UnsupportedError(
      `${gpu.adapter.name} is the null adapter: it compiles shaders and computes nothing, so there is nothing to verify. ` +
        'Take a GPU, or the software adapter (--adapter software).',
    );
  const reports: CheckReport[] = [];
  const waiting = chooseChecks(gpu, options).entries();
  const worker = async () => {
    for (const [index, { check, reason }] of waiting) {
      if (options.signal?.aborted) return;
      const report =
        reason === undefined
          ? await runCheck(gpu, check, () => options.onStep?.())
          : ({ name: check.name, status: 'skipped', checked: 0, mismatches: 0, detail: reason } as const);
      reports[index] = report;
      options.onReport?.(report);
    }
  };
  // Two at a time: while the GPU works for one, or compiles its shaders, the CPU computes what the other compares.
  await Promise.all([worker(), worker()]);
  // A check that was not reached leaves a gap.
  return reports.filter(Boolean);
}

async function runCheck(gpu: Gpu, check: Check, tick: () => void): Promise<CheckReport> {
  const { name } = check;
  try {
    const outcome = await check.run(gpu, tick);
    const { checked, mismatches } = outcome;
    return { name, status: checked === 0 ? 'skipped' : mismatches === 0 ? 'passed' : 'failed', ...outcome };
  } catch (error) {
    if (!(error instanceof OctileError) || endsDevice(error)) throw error;
    return { name, status: 'failed', checked: 0, mismatches: 0, detail: error.message };
  }
}
