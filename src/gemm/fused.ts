/**
 * @file D = A · Bᵀ (+ C) of plain values A and quantised B: each 1×128 tile of A is quantised on its way into workgroup
 * memory, so that its codes never travel. DeepSeek-V3's report asks hardware for this fusion (arXiv 2412.19437, section
 * 3.5.2). The kernels are skinny, matrix-promoted and portable with shaders/gemm/stage.wgsl in the way A comes in, and give
 * the bits that quantising first gives with the same kernel, tiling and parts of K.
 */

import { ArgumentError, UnsupportedError } from '../errors.js';
import { measuredMachine } from '../format/native-halves.js';
import type { Dispatch, Gpu } from '../gpu/gpu.js';
import type { Shader } from '../gpu/shader.js';
import type { GpuMatrix } from '../gpu-matrix.js';
import { nativeArithmetic } from '../probe/native.js';
import type { FusedKernel } from './fused-kernel.js';
import { fusedMatrix } from './fused-matrix.js';
import { fusedPortable } from './fused-portable.js';
import type { FusedProblem } from './fused-problem.js';
import { fusedSkinny } from './fused-skinny.js';
import { type GemmPlan, requireMatrices } from './gemm.js';
import type { GemmJob, GemmMatrices, Tiling } from './kernel.js';
import { partialsBytes } from './parts.js';
import { inOrder, obstacle } from './registry.js';
import { type TiledShader, tiledDispatches } from './tiled.js';

/** The one to prefer first for a few rows. */
export const fusedKernels: readonly FusedKernel[] = [fusedSkinny, fusedMatrix, fusedPortable];

/** As PlanOptions; a kernel of fusedKernels. */
export interface FusedPlanOptions {
  readonly kernel?: string;
  readonly tiling?: Tiling | undefined;
}

/** How a product will be computed, and what that takes: as GemmPlan, with A in plain values. */
export interface FusedPlan extends Pick<GemmPlan, 'kernel' | 'tiling' | 'scratchBytes'> {
  dispatches(
    matrices: FusedMatrices,
    scratch?: readonly GPUBuffer[],
    operationsPerDispatch?: number,
  ): Dispatch[];
}

type FusedMatrices = Omit<GemmMatrices, 'a'> & { readonly a: GpuMatrix };

/** Why the device cannot run a fused kernel, or cannot compute this problem with it; undefined if it can. */
export function fusedObstacle(gpu: Gpu, fused: FusedKernel, problem: FusedProblem): string | undefined {
  return obstacle(gpu, { ...fused.kernel, unfit: fused.unfit, tilings: fused.tilings }, problem);
}

/**
 * Chooses a kernel and a tiling for one pass, whether or not two would be faster.
 * @throws ArgumentError for a kernel that does not quantise, UnsupportedError if the device or B's format does not let
 *   one run
 */
export async function planFused(
  gpu: Gpu,
  problem: FusedProblem,
  options: FusedPlanOptions = {},
): Promise<FusedPlan> {
  const fused = chooseFused(gpu, problem, options.kernel);
  const native = await nativeArithmetic(gpu);
  const machine = await measuredMachine(gpu);
  const tiling = options.tiling ?? (fused.tilings(problem, machine)[0] as Tiling);
  const tiled = fused.tiled(problem, tiling, machine, native);
  return {
    kernel: fused.kernel,
    tiling,
    scratchBytes: partialsBytes(problem, tiled.parts ?? 1),
    dispatches(matrices, scratch = [], operationsPerDispatch = machine.operationsPerDispatch) {
      requireMatrices(gpu, problem, matrices);
      const job = { problem, machine, tiling, scratch, operationsPerDispatch };
      return fusedDispatches(tiled, job, matrices);
    },
  };
}

function chooseFused(gpu: Gpu, problem: FusedProblem, name = 'auto'): FusedKernel {
  const ordered = inOrder(fusedKernels, problem, ({ kernel }) => kernel);
  const candidates = ordered.filter(({ kernel }) => name === 'auto' || kernel.name === name);
  if (candidates.length === 0)
    throw new ArgumentError(
      'kernel',
      name,
      ['auto', ...fusedKernels.map(({ kernel }) => kernel.name)].join(', '),
    );
  const reasons: string[] = [];
  for (const fused of candidates) {
    const reason = fusedObstacle(gpu, fused, problem);
    if (reason === undefined) return fused;
    reasons.push(`${fused.kernel.name}: ${reason}`);
  }
  throw new UnsupportedError(
    `no kernel can quantise and compute this on ${gpu.adapter.name}: ${reasons.join('; ')}`,
  );
}

/** The dispatches that compute D out of values, by what a fused kernel has made. */
export function fusedDispatches(
  tiled: TiledShader,
  job: Omit<GemmJob, 'matrices'>,
  { a, b, c, d }: FusedMatrices,
): Dispatch[] {
  const { granularity } = job.problem.a;
  // What lies where the codes would. Scales are not read, but the shader can be given no less than a buffer.
  const wordPitch = a.dtype === 'f32' ? a.pitch : a.pitch / 2;
  const values = { codes: a.buffer, scales: a.buffer, rows: a.rows, wordPitch, scaleCols: 0, granularity };
  return tiledDispatches(tiled, { ...job, matrices: { a: values, b, c, d } });
}

/** Shaders that between them hold every piece of WGSL that a fused product can be made of. */
export function fusedVariants(): Shader[] {
  return fusedKernels.flatMap((fused) => fused.variants());
}
