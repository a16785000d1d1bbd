/** @file The kernels there are, and which of them to take. */

import { ArgumentError, UnsupportedError } from '../errors.js';
import type { Gpu } from '../gpu/gpu.js';
import type { LimitName } from '../gpu/machine.js';
import { emulated } from './emulated/emulated.js';
import { stepwise } from './emulated/stepwise.js';
import { half } from './half.js';
import type { Emulator, Kernel } from './kernel.js';
import { matrix } from './matrix/folded.js';
import { matrixHalf } from './matrix/half-sums.js';
import { matrixPromoted } from './matrix/promoted.js';
import { portable } from './portable.js';
import { type GemmProblem, hasPowersOfTwo } from './problem.js';
import { skinny } from './skinny.js';

/** Every kernel that computes in floating point, the one to prefer first for a few rows. */
export const kernels: readonly Kernel[] = [skinny, matrix, matrixPromoted, matrixHalf, half, portable];

/** Every kernel that emulates a matrix instruction, the one to prefer first. */
export const emulators: readonly Emulator[] = [emulated, stepwise];

const all: readonly Emulator[] = [...kernels, ...emulators];

export const kernelNames: readonly string[] = all.map((kernel) => kernel.name);

/**
 * The floating-point kernel of that name.
 * @throws ArgumentError naming `argument` if there is none
 */
export function kernelByName(name: string, argument = 'kernel'): Kernel {
  return find(kernels, name, argument);
}

function find<T extends Emulator>(among: readonly T[], name: string, argument: string): T {
  const kernel = among.find((candidate) => candidate.name === name);
  if (!kernel)
    throw new ArgumentError(argument, name, ['auto', ...among.map((known) => known.name)].join(', '));
  return kernel;
}

/**
 * Rows from which on a product's arithmetic takes f32 units longer than reading B does, and matrix units are faster.
 */
const manyRows = 5;

/**
 * The kernels that round neither sums nor values to halves, and, where both operands' scales are powers of two, with
 * which values are halves as they are, those that round values; the one to prefer first.
 */
export function accurateKernels(problem: GemmProblem): readonly Kernel[] {
  const powers = hasPowersOfTwo(problem);
  return inOrder(kernels, problem, (kernel) => kernel).filter(
    ({ folds, addsInHalves }) => !addsInHalves && (powers || !folds),
  );
}

/**
 * Whether a kernel that tuning found is to be taken where auto would take another. Tuning measures e8m0 scales that
 * kernels can fold, and f32 scales of any size, for which it leaves out the kernels that fold unless it is told to try
 * them: it has nothing to say of a kernel that folds where f32 scales are powers of two, nor of larger scales in e8m0.
 */
function overrules(tuned: Kernel, untuned: Emulator & Partial<Kernel>, problem: GemmProblem): boolean {
  const e8m0 = [problem.a, problem.b].every(({ granularity }) => granularity.scaleFormat === 'e8m0');
  if (tuned.folds) return hasPowersOfTwo(problem) || !e8m0;
  return !untuned.folds || e8m0;
}

/** Kernels, the one to prefer for so many rows first, given in the order for a few rows. */
export function inOrder<T>(
  ordered: readonly T[],
  { m }: Pick<GemmProblem, 'm'>,
  kernelOf: (one: T) => Kernel,
): readonly T[] {
  if (m < manyRows) return ordered;
  const rank = (one: T) => (usesMatrixUnits(kernelOf(one)) ? 0 : 1);
  // Sorting keeps the order of the others.
  return [...ordered].sort((x, y) => rank(x) - rank(y));
}

/** Whether a kernel multiplies on matrix units. */
function usesMatrixUnits({ features }: Pick<Kernel, 'features'>): boolean {
  return features.includes('chromium-experimental-subgroup-matrix');
}

/** What of a kernel says where it can run. */
type Requirements = Pick<Emulator, 'features' | 'limits' | 'lacks' | 'grouped' | 'unfit' | 'tilings'>;

/** Why a kernel cannot run on this device, or cannot compute this problem; undefined if it can. */
export function obstacle(gpu: Gpu, kernel: Requirements, problem?: GemmProblem): string | undefined {
  const missing = kernel.features.filter((feature) => !gpu.hasFeature(feature));
  if (missing.length > 0) return `it needs ${missing.join(' and ')}, which the device does not offer`;
  for (const [name, least] of Object.entries(kernel.limits) as [LimitName, number][]) {
    const limit = gpu.device.limits[name];
    if (limit < least) return `it needs ${name} of ${least}; the device has ${limit}`;
  }
  const lacking = kernel.lacks?.(gpu.machine);
  if (lacking !== undefined) return lacking;
  if (problem?.grouping && !kernel.grouped) return 'it computes one product at a time';
  if (!problem) return undefined;
  const unfit = kernel.unfit(problem);
  if (unfit === undefined && kernel.tilings(problem, gpu.machine).length === 0)
    return "none of its tiles fits the device's limits";
  return unfit;
}

/** For every kernel, why this device cannot run it, or undefined. */
export function kernelStates(
  gpu: Gpu,
): { readonly kernel: Emulator; readonly obstacle: string | undefined }[] {
  return all.map((kernel) => ({ kernel, obstacle: obstacle(gpu, kernel) }));
}

/**
 * The first kernel that can compute the problem on this device, or the named one.
 * @param name a kernel's name, or auto
 * @param tuned what auto prefers, where it can run
 * @throws ArgumentError if there is no kernel of that name, UnsupportedError saying what stands in the way
 */
export function chooseKernel(gpu: Gpu, problem: GemmProblem, name = 'auto', tuned?: string): Emulator {
  const fitting: readonly Emulator[] = problem.accumulation ? emulators : accurateKernels(problem);
  const reasons: string[] = [];
  const firstOf = (candidates: readonly Emulator[]) =>
    candidates.find((kernel) => {
      const reason = obstacle(gpu, kernel, problem);
      if (reason !== undefined) reasons.push(`${kernel.name}: ${reason}`);
      return reason === undefined;
    });
  const untuned = firstOf(name === 'auto' ? fitting : [find(all, name, 'kernel')]);
  const found =
    name === 'auto' && !problem.accumulation ? kernels.find((kernel) => kernel.name === tuned) : undefined;
  if (
    found &&
    (!untuned || overrules(found, untuned, problem)) &&
    obstacle(gpu, found, problem) === undefined
  )
    return found;
  if (untuned) return untuned;
  throw new UnsupportedError(`no kernel can compute this on ${gpu.adapter.name}: ${reasons.join('; ')}`);
}
