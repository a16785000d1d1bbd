/**
 * @file D = A · Bᵀ (+ C) of plain values A and quantised B, where A's codes are never written: each 1×128 tile is
 * quantised on its way into workgroup memory, or, where many workgroups need it, on its way to the halves that matrix
 * units multiply. DeepSeek-V3's report asks hardware for the first (arXiv 2412.19437, section 3.5.2). The kernels are
 * skinny, matrix-promoted and portable with shaders/gemm/fused/stage.wgsl in the way A comes in, and give the bits that
 * quantising first gives with the same kernel, tiling and parts of K.
 */

import { ArgumentError, UnsupportedError } from '../../errors.js';
import { hasOrdinaryRange } from '../../format/formats.js';
import { measuredMachine } from '../../format/native-halves.js';
import type { Dispatch, Gpu } from '../../gpu/gpu.js';
import type { Machine } from '../../gpu/machine.js';
import type { Shader } from '../../gpu/shader.js';
import { nativeArithmetic } from '../../probe/native.js';
import { type GemmPlan, requireMatrices } from '../gemm.js';
import type { Tiling } from '../kernel.js';
import { inOrder, obstacle } from '../registry.js';
import type { FusedKernel, FusedMatrices } from './kernel.js';
import { fusedMatrix } from './matrix.js';
import { fusedPortable } from './portable.js';
import type { FusedProblem } from './problem.js';
import { fusedSkinny } from './skinny.js';

/** The one to prefer first for a few rows. */
export const fusedKernels: readonly FusedKernel[] = [fusedSkinny, fusedMatrix, fusedPortable];

/** As PlanOptions; a kernel of fusedKernels. */
export interface FusedPlanOptions {
  readonly kernel?: string;
  readonly tiling?: Tiling | undefined;
  /**
   * Whether A is quantised in every workgroup that needs it, on its way into workgroup memory, or else once, in the
   * pass that makes halves; default whichever is faster. A tiling that is given decides instead.
   */
  readonly staged?: boolean | undefined;
}

/** How a product will be computed, and what that takes: as GemmPlan, with A in plain values. */
export interface FusedPlan extends Pick<GemmPlan, 'kernel' | 'tiling' | 'scratchBytes'> {
  dispatches(
    matrices: FusedMatrices,
    scratch?: readonly GPUBuffer[],
    operationsPerDispatch?: number,
  ): Dispatch[];
}

/** Why the device cannot run a fused kernel, or cannot compute this problem with it; undefined if it can. */
export function fusedObstacle(gpu: Gpu, fused: FusedKernel, problem: FusedProblem): string | undefined {
  const { format } = problem.a;
  // As a pass that quantises: one-pass.ts.
  const range = `it quantises to formats whose largest value is 1 to 2^16, not to ${format.name}`;
  const unfit = () => (hasOrdinaryRange(format) ? fused.unfit(problem, gpu.machine) : range);
  const tilings = () => fused.tilings(problem, gpu.machine);
  return obstacle(gpu, { ...fused.kernel, unfit, tilings }, problem);
}

/**
 * Chooses a kernel and a tiling that quantise A, whether or not quantising first would be faster.
 * @throws ArgumentError for a kernel that does not quantise, UnsupportedError if the device or B's format does not let
 *   one run
 */
export async function planFused(
  gpu: Gpu,
  problem: FusedProblem,
  options: FusedPlanOptions = {},
): Promise<FusedPlan> {
  const native = await nativeArithmetic(gpu);
  const machine = await measuredMachine(gpu);
  const fused = chooseFused(gpu, problem, machine, options);
  const tiling = options.tiling ?? (tilingsOf(fused, problem, machine, options.staged)[0] as Tiling);
  return {
    kernel: fused.kernel,
    tiling,
    scratchBytes: fused.scratchBytes(problem, tiling),
    dispatches(matrices, scratch = [], operationsPerDispatch = machine.operationsPerDispatch) {
      requireMatrices(gpu, problem, matrices);
      return fused.dispatches({ problem, machine, native, tiling, scratch, operationsPerDispatch, matrices });
    },
  };
}

/** A kernel's tilings that quantise A in one way, or in any. */
function tilingsOf(
  fused: FusedKernel,
  problem: FusedProblem,
  machine: Machine,
  staged: boolean | undefined,
): readonly Tiling[] {
  const isStaged = ({ decode = 'inline' }: Tiling) => decode === 'inline';
  return fused.tilings(problem, machine).filter((one) => staged === undefined || isStaged(one) === staged);
}

function chooseFused(
  gpu: Gpu,
  problem: FusedProblem,
  machine: Machine,
  { kernel: name = 'auto', staged }: FusedPlanOptions,
): FusedKernel {
  const ordered = inOrder(fusedKernels, problem, ({ kernel }) => kernel);
  const candidates = ordered.filter(({ kernel }) => name === 'auto' || kernel.name === name);
  if (candidates.length === 0)
    throw new ArgumentError(
      'kernel',
      name,
      ['auto', ...fusedKernels.map(({ kernel }) => kernel.name)].join(', '),
    );
  const way = staged ? 'on its way into workgroup memory' : 'in a pass that makes halves';
  const reasons: string[] = [];
  for (const fused of candidates) {
    const some = tilingsOf(fused, problem, machine, staged).length > 0;
    const reason =
      fusedObstacle(gpu, fused, problem) ?? (some ? undefined : `it cannot quantise this ${way}`);
    if (reason === undefined) return fused;
    reasons.push(`${fused.kernel.name}: ${reason}`);
  }
  throw new UnsupportedError(
    `no kernel can quantise and compute this on ${gpu.adapter.name}: ${reasons.join('; ')}`,
  );
}

/** Shaders that between them hold every piece of WGSL that a fused product can be made of. */
export function fusedVariants(): Shader[] {
  return fusedKernels.flatMap((fused) => fused.variants());
}
