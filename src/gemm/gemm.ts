/** @file D = A · Bᵀ (+ C) on the GPU. */

import type { AccumulateOptions } from '../accumulate/plan.js';
import { ArgumentError } from '../errors.js';
import { type Dispatch, type Gpu, operationsPerSubmission } from '../gpu/gpu.js';
import { GpuMatrix, type GpuQuantizedMatrix } from '../gpu-matrix.js';
import type { Dtype, Matrix } from '../matrix.js';
import { type Accumulation, resolveAccumulation } from './accumulation.js';
import type { GemmMatrices } from './kernel.js';
import { gemmProblem } from './problem.js';
import { chooseKernel } from './registry.js';

export interface GemmOptions extends Partial<AccumulateOptions> {
  /** M × N, added to the product in f32 before the one rounding to `out`. */
  readonly c?: Matrix | GpuMatrix | undefined;
  /** Output type. Default f32. */
  readonly out?: Dtype;
  /** A kernel's name, or auto (default) for the best that fits. */
  readonly kernel?: 'auto' | (string & {});
  /**
   * With an accumulator and promote 'none': whether C is added to the finished sum (default) or is where the
   * instruction's sums start.
   */
  readonly addendIn?: Accumulation['addendIn'];
}

export interface DispatchOptions {
  /** As in GemmOptions. */
  readonly kernel?: string;
  /** The most operations of one dispatch, where the work can be divided. Default operationsPerSubmission. */
  readonly operationsPerDispatch?: number;
  /** A matrix instruction to emulate, from resolveAccumulation(). */
  readonly accumulation?: Accumulation | undefined;
}

/**
 * The dispatches that compute D from matrices that exist: nothing is allocated, and they may be prepared once
 * and run any number of times.
 * @throws ArgumentError if shapes or options do not fit, UnsupportedError if no kernel can run them
 */
export function gemmDispatches(gpu: Gpu, matrices: GemmMatrices, options: DispatchOptions = {}): Dispatch[] {
  const { a, b, c, d } = matrices;
  const { kernel = 'auto', operationsPerDispatch = operationsPerSubmission, accumulation } = options;
  const problem = { ...gemmProblem(a, b, c, d.dtype), accumulation };
  if (d.rows !== problem.m || d.cols !== problem.n)
    throw new ArgumentError('d', `${d.rows}x${d.cols}`, `a matrix of ${problem.m}x${problem.n}`);
  if (d === c) throw new ArgumentError('d', d, 'another matrix than c');
  for (const [name, matrix] of Object.entries(matrices)) if (matrix) requireUsable(gpu, name, matrix);
  return chooseKernel(gpu, problem, kernel).dispatches(problem, matrices, operationsPerDispatch);
}

/**
 * Multiplies two quantised matrices, A of M × K and B of N × K. Arguments are checked before anything is
 * allocated; the result is the caller's to dispose of, and on an error nothing is left behind.
 * @throws ArgumentError if shapes or options do not fit, UnsupportedError if no kernel can run them,
 *   DisposedError if a matrix has been disposed of
 */
export async function gemmOnGpu(
  gpu: Gpu,
  a: GpuQuantizedMatrix,
  b: GpuQuantizedMatrix,
  options: GemmOptions = {},
): Promise<GpuMatrix> {
  const { c, out = 'f32', kernel = 'auto' } = options;
  const problem = gemmProblem(a, b, c, out);
  requireUsable(gpu, 'a', a);
  requireUsable(gpu, 'b', b);
  if (c instanceof GpuMatrix) requireUsable(gpu, 'c', c);
  const accumulation = await resolveAccumulation(gpu, problem, options);
  const chosen = chooseKernel(gpu, { ...problem, accumulation }, kernel);

  let result: GpuMatrix | undefined;
  let uploaded: GpuMatrix | undefined;
  try {
    return await gpu.guard(`multiplying ${problem.m}x${problem.k} by ${problem.n}x${problem.k}`, async () => {
      const d = GpuMatrix.create(gpu, problem.m, problem.n, out, 'product');
      result = d;
      if (c && !(c instanceof GpuMatrix)) uploaded = GpuMatrix.upload(gpu, c, 'addend');
      const addend = c instanceof GpuMatrix ? c : uploaded;
      const matrices = { a, b, c: addend, d };
      const prepared = await gpu.prepare(
        chosen.dispatches({ ...problem, accumulation }, matrices, operationsPerSubmission),
      );
      try {
        gpu.submit(prepared.dispatches);
      } finally {
        prepared.destroy();
      }
      return d;
    });
  } catch (error) {
    result?.dispose();
    throw error;
  } finally {
    uploaded?.dispose();
  }
}

function requireUsable(gpu: Gpu, argument: string, matrix: GpuMatrix | GpuQuantizedMatrix): void {
  if (matrix.gpu !== gpu) throw new ArgumentError(argument, matrix, 'a matrix on this context');
  matrix.requireAlive(argument);
}
