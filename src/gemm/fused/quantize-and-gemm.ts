/** @file D = A · Bᵀ (+ C) of plain values A and quantised B, in one pass over A or in two: whichever is faster. */

import type { Gpu } from '../../gpu/gpu.js';
import type { GpuMatrix, GpuQuantizedMatrix } from '../../gpu-matrix.js';
import { quantizeOnGpu } from '../../quantize/quantize-gpu.js';
import { gemmOnGpu, kernelFor, requireUsable, runProduct } from '../gemm.js';
import type { FusedKernel } from './kernel.js';
import { fusedKernels, fusedObstacle, planFused } from './plan.js';
import { type FusedProblem, fusedProblem, type QuantizeAndGemmOptions } from './problem.js';

/**
 * The fused form of the kernel that auto takes for codes, if there is one that can run and is no slower than two
 * passes; undefined where A is quantised in a pass before the product.
 */
export function onePass(gpu: Gpu, problem: FusedProblem): FusedKernel | undefined {
  const kernel = kernelFor(gpu, problem);
  return fusedKernels.find(
    (fused) =>
      fused.kernel === kernel &&
      fused.pays(problem, gpu.machine) &&
      fusedObstacle(gpu, fused, problem) === undefined,
  );
}

/**
 * Quantises A and multiplies, in one pass over A if onePass() has a kernel for it, or in two. Arguments are checked
 * before anything is allocated; the result is the caller's to dispose of, and on an error nothing is left behind.
 * @throws ArgumentError if shapes or options do not fit, UnsupportedError if the device cannot run it, DisposedError if
 *   a matrix has been disposed of
 */
export async function quantizeAndGemmOnGpu(
  gpu: Gpu,
  a: GpuMatrix,
  b: GpuQuantizedMatrix,
  options: QuantizeAndGemmOptions = {},
): Promise<GpuMatrix> {
  const problem = fusedProblem(a, b, options);
  for (const [name, one] of Object.entries({ a, b, c: options.c }))
    if (one && 'gpu' in one) requireUsable(gpu, name, one);
  const fused = onePass(gpu, problem);
  if (!fused) return inTwoPasses(gpu, a, b, options);
  const plan = await planFused(gpu, problem, { kernel: fused.kernel.name });
  return runProduct(gpu, problem, options.c, plan.scratchBytes, (made, scratch) =>
    plan.dispatches({ a, b, ...made }, scratch),
  );
}

/** The same in two passes, by the kernel that auto takes for codes. */
export async function inTwoPasses(
  gpu: Gpu,
  a: GpuMatrix,
  b: GpuQuantizedMatrix,
  { c, out = 'f32', ...quantization }: QuantizeAndGemmOptions,
): Promise<GpuMatrix> {
  const codes = await quantizeOnGpu(gpu, a, { ...quantization, granularity: '1x128' });
  try {
    return await gemmOnGpu(gpu, codes, b, { ...(c && { c }), out });
  } finally {
    codes.dispose();
  }
}
