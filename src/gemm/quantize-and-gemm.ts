/** @file D = A · Bᵀ (+ C) of plain values A and quantised B, in one pass over A or in two: whichever is faster. */

import type { Gpu } from '../gpu/gpu.js';
import type { GpuMatrix, GpuQuantizedMatrix } from '../gpu-matrix.js';
import { quantizeOnGpu } from '../quantize/quantize-gpu.js';
import { fusedKernels, fusedObstacle, planFused } from './fused.js';
import type { FusedKernel } from './fused-kernel.js';
import { type FusedProblem, fusedProblem, type QuantizeAndGemmOptions } from './fused-problem.js';
import { gemmOnGpu, kernelFor, requireUsable, runProduct } from './gemm.js';
import { usesMatrixUnits } from './registry.js';

/**
 * Rows from which on two passes are faster than one on matrix units, where each column of tiles quantises all of A again.
 * Measured on an H100 with 7168 x 2048 weights: one pass takes 31.7 µs for 16 rows and 124.5 for 128, two take 33.8 and 63.0;
 * between these nothing is measured.
 */
const manyRows = 33;

/**
 * The one pass that is taken for being no slower than two: the fused form of the kernel that auto takes for codes, if
 * there is one that can run. Undefined where two passes are taken.
 */
export function onePass(gpu: Gpu, problem: FusedProblem): FusedKernel | undefined {
  const kernel = kernelFor(gpu, problem);
  if (usesMatrixUnits(kernel) && problem.m >= manyRows) return undefined;
  return fusedKernels.find(
    (fused) => fused.kernel === kernel && fusedObstacle(gpu, fused, problem) === undefined,
  );
}

/**
 * Quantises A and multiplies, in one pass over A or in two: see onePass(). Arguments are checked before anything is
 * allocated; the result is the caller's to dispose of, and on an error nothing is left behind.
 * @throws ArgumentError if shapes or options do not fit, UnsupportedError if the device cannot run it, DisposedError if a
 *   matrix has been disposed of
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
