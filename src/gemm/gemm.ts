/** @file D = A · Bᵀ (+ C) on the GPU. */

import type { AccumulateOptions } from '../accumulate/plan.js';
import { ArgumentError } from '../errors.js';
import { measuredMachine } from '../format/native-halves.js';
import type { Dispatch, Gpu } from '../gpu/gpu.js';
import { GpuMatrix, GpuQuantizedMatrix } from '../gpu-matrix.js';
import type { Dtype, Matrix } from '../matrix.js';
import { chooseTiling, followsTuning, tunedProduct } from '../tune/tuned.js';
import { resolveAccumulation } from './accumulation.js';
import type { Emulator, GemmJob, GemmMatrices, Kernel, Tiling } from './kernel.js';
import { type Accumulation, type GemmProblem, gemmProblem, hasPowersOfTwo, rowsOfD } from './problem.js';
import { chooseKernel } from './registry.js';

export interface GemmOptions extends Partial<AccumulateOptions> {
  /**
   * M × N, added to the product in f32 before the one rounding to `out`. The addition is the adapter's own, which may
   * take subnormals for zero and give a NaN any bits, also under an accumulator; not so with addendIn 'accumulator'.
   */
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

export interface PlanOptions {
  /** As in GemmOptions. */
  readonly kernel?: string;
  /** One of the kernel's tilings for the problem; default the tuned one, or the one it takes untuned. */
  readonly tiling?: Tiling | undefined;
}

/** How a product will be computed, and what that takes. */
export interface GemmPlan {
  readonly kernel: Emulator;
  readonly tiling: Tiling;
  /** Whether kernel and tiling are what tuning found. */
  readonly tuned: boolean;
  /** Bytes of each storage buffer for what lies between the dispatches. */
  readonly scratchBytes: readonly number[];
  /**
   * The dispatches that compute D from matrices that exist: nothing is allocated, and they may be prepared once
   * and run any number of times.
   * @param scratch buffers of at least scratchBytes
   * @param operationsPerDispatch the most operations of one dispatch, where the work can be divided
   * @param groups where the groups lie, for a problem that has some
   * @throws ArgumentError if a matrix is not of the problem's shape, DisposedError if it has been disposed of
   */
  dispatches(
    matrices: GemmMatrices,
    scratch?: readonly GPUBuffer[],
    operationsPerDispatch?: number,
    groups?: GemmJob['groups'],
  ): Dispatch[];
}

/**
 * The kernel that computes a problem on this device: the named one, or the one that auto takes, which follows tuning.
 * @throws ArgumentError for a kernel that does not exist, UnsupportedError if no kernel can run the problem
 */
export function kernelFor(gpu: Gpu, problem: GemmProblem, name = 'auto'): Emulator {
  return chooseKernel(gpu, problem, name, tunedProduct(gpu, problem)?.kernel);
}

/**
 * Chooses a kernel and its tiling.
 * @throws ArgumentError for a kernel that does not exist, UnsupportedError if no kernel can run the problem
 */
export async function planGemm(gpu: Gpu, problem: GemmProblem, options: PlanOptions = {}): Promise<GemmPlan> {
  const machine = await measuredMachine(gpu);
  const tuned = tunedProduct(gpu, problem);
  const kernel = kernelFor(gpu, problem, options.kernel);
  const tiling = options.tiling ?? chooseTiling(kernel, problem, machine, tuned);
  const needsPowers = (options.kernel ?? 'auto') === 'auto' && isTakenForPowers(kernel, problem);
  return {
    kernel,
    tiling,
    tuned: options.tiling === undefined && followsTuning(kernel, tiling, tuned),
    scratchBytes: kernel.scratchBytes?.(problem, tiling) ?? [],
    dispatches(matrices, scratch = [], operationsPerDispatch = machine.operationsPerDispatch, groups) {
      requireMatrices(gpu, problem, matrices, needsPowers);
      return kernel.dispatches({
        problem,
        matrices,
        machine,
        tiling,
        scratch,
        groups,
        operationsPerDispatch,
      });
    },
  };
}

/** Whether a kernel rounds nothing of a problem because its scales are powers of two. */
function isTakenForPowers(kernel: Emulator & Partial<Kernel>, problem: GemmProblem): boolean {
  return kernel.folds === true && hasPowersOfTwo(problem);
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
  const plan = await planGemm(gpu, { ...problem, accumulation }, { kernel });

  return runProduct(gpu, problem, c, plan.scratchBytes, (made, scratch) =>
    plan.dispatches({ a, b, ...made }, scratch),
  );
}

/**
 * Makes room for a product, and computes it.
 * @param dispatches given C, D and the scratch buffers
 * @returns D, the caller's to dispose of; nothing else stays allocated, also when an error is thrown
 */
export async function runProduct(
  gpu: Gpu,
  { m, n, k, out }: GemmProblem,
  c: Matrix | GpuMatrix | undefined,
  scratchBytes: readonly number[],
  dispatches: (made: Pick<GemmMatrices, 'c' | 'd'>, scratch: readonly GPUBuffer[]) => Dispatch[],
): Promise<GpuMatrix> {
  let result: GpuMatrix | undefined;
  let uploaded: GpuMatrix | undefined;
  const scratch: GPUBuffer[] = [];
  try {
    return await gpu.guard(`multiplying ${m}x${k} by ${n}x${k}`, async () => {
      const d = GpuMatrix.create(gpu, m, n, out, 'product');
      result = d;
      if (c && !(c instanceof GpuMatrix)) uploaded = GpuMatrix.upload(gpu, c, 'addend');
      const addend = c instanceof GpuMatrix ? c : uploaded;
      for (const bytes of scratchBytes) scratch.push(gpu.buffer('scratch of a product', bytes));
      const prepared = await gpu.prepare(dispatches({ c: addend, d }, scratch));
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
    for (const buffer of scratch) buffer.destroy();
  }
}

/**
 * @param needsPowers whether scales have to be powers of two
 * @throws ArgumentError if C and D are not of the problem's shape or an operand lacks what the plan relies on, or what
 *   requireUsable() throws for one of the matrices
 */
export function requireMatrices(
  gpu: Gpu,
  problem: GemmProblem,
  matrices: Omit<GemmMatrices, 'a'> & { readonly a: GpuMatrix | GpuQuantizedMatrix },
  needsPowers = false,
): void {
  const { c, d } = matrices;
  const [rows, n] = [rowsOfD(problem), problem.n];
  if (d.rows !== rows || d.cols !== n)
    throw new ArgumentError('d', `${d.rows}x${d.cols}`, `a matrix of ${rows}x${n}`);
  if (d === c) throw new ArgumentError('d', d, 'another matrix than c');
  for (const side of ['a', 'b'] as const) {
    const operand = matrices[side];
    if (!(operand instanceof GpuQuantizedMatrix)) continue;
    if (problem[side].scaleTellsNaN && !operand.scaleTellsNaN)
      throw new ArgumentError(side, operand, 'a matrix whose scales tell where NaN is, as the plan has it');
    if (needsPowers && !operand.powersOfTwo)
      throw new ArgumentError(
        side,
        operand,
        'a matrix whose scales are powers of two from 2^-100 to 2^100, as the plan has it',
      );
  }
  for (const [name, matrix] of Object.entries(matrices)) if (matrix) requireUsable(gpu, name, matrix);
}

/** @throws ArgumentError if a matrix is on another context, DisposedError if it has been disposed of */
export function requireUsable(gpu: Gpu, argument: string, matrix: GpuMatrix | GpuQuantizedMatrix): void {
  if (matrix.gpu !== gpu) throw new ArgumentError(argument, matrix, 'a matrix on this context');
  matrix.requireAlive(argument);
}
