/** @file Makes halves of a B that is multiplied many times, and keeps them beside its codes. */

import { ArgumentError, requireOptions, UnsupportedError } from '../errors.js';
import { measuredMachine } from '../format/native-halves.js';
import type { Dispatch, Gpu } from '../gpu/gpu.js';
import type { Machine } from '../gpu/machine.js';
import { GpuQuantizedMatrix } from '../gpu-matrix.js';
import { foldedBytes } from './fold-pass.js';
import { requireUsable } from './gemm.js';
import { decodeDispatch, decodedBytes } from './matrix/decode-pass.js';
import { type Keeper, keepers } from './matrix/keepers.js';
import { keptTiling } from './matrix/read-halves.js';
import { type GemmProblem, gemmProblem, requireTiles } from './problem.js';
import { kernelByName, obstacle } from './registry.js';

export interface KeepHalvesOptions {
  /**
   * Which kernel's: those of `matrix` are values times their scales, rounded to halves, those of `matrix-promoted` the
   * codes' own values. Default auto, the one that auto takes untuned for an A with scales like B's.
   */
  readonly kernel?: 'auto' | Keeper;
}

/**
 * Makes halves of a matrix for the products that it will be the B of, and keeps them until it is disposed of or
 * dropHalves() is called: 2 bytes an element beside its codes. Products by that kernel that have 128 rows and more, and
 * K along B's rows, then decode A alone. Their bits are those of the kernel where it decodes both operands once, in the
 * same tiling. Where codes are written anew, halves have to be made anew as well.
 * @throws ArgumentError for what is no quantised matrix in tiles that kernels know, or options that do not exist,
 *   UnsupportedError if that kernel cannot run on the device or the halves are larger than a buffer may be,
 *   DisposedError
 */
export async function keepHalves(
  gpu: Gpu,
  b: GpuQuantizedMatrix,
  options: KeepHalvesOptions = {},
): Promise<void> {
  if (!(b instanceof GpuQuantizedMatrix))
    throw new ArgumentError('b', b, 'a GpuQuantizedMatrix, as upload() and quantize() give');
  requireOptions('options', options, { kernel: true });
  const { kernel = 'auto' } = options;
  if (kernel !== 'auto' && !keepers.includes(kernel))
    throw new ArgumentError('kernel', kernel, ['auto', ...keepers].join(', '));
  requireUsable(gpu, 'b', b);
  requireTiles('b', b);
  // Asks nothing of the device but whether it is there.
  await gpu.guard('keeping halves', async () => {});
  const name = kernel === 'auto' ? (b.powersOfTwo ? 'matrix' : 'matrix-promoted') : kernel;
  const problem = problemOf(b);
  const keeper = kernelByName(name);
  const reason = obstacle(gpu, keeper, problem);
  if (reason !== undefined) throw nothingToKeep(name, reason);
  gpu.requireFits(`halves of ${b.rows}x${b.cols}`, halvesBytes(b));
  const machine = await measuredMachine(gpu);
  if (!keeper.tilings(problem, machine).some(({ decode }) => decode === 'pass'))
    throw nothingToKeep(name, "it makes halves for units that multiply f16; the device's multiply f32");
  await makeHalves(gpu, b, name, machine);
}

function nothingToKeep(kernel: string, reason: string): UnsupportedError {
  return new UnsupportedError(`${kernel} has no halves to keep here: ${reason}. Products need none.`);
}

/**
 * Makes them as a kernel of keepers multiplies them, and keeps them.
 * @throws DisposedError if the matrix has been disposed of meanwhile
 */
export async function makeHalves(
  gpu: Gpu,
  b: GpuQuantizedMatrix,
  kernel: Keeper,
  machine: Machine,
): Promise<void> {
  const scratch: GPUBuffer[] = [];
  let halves: GPUBuffer | undefined;
  try {
    await gpu.guard(`keeping halves of ${b.rows}x${b.cols}`, async () => {
      halves = gpu.buffer('kept halves', halvesBytes(b));
      // The first stands where a pass for both operands would write A's halves.
      for (const size of [16, foldedBytes(problemOf(b))])
        scratch.push(gpu.buffer('scratch for halves', size));
      const prepared = await gpu.prepare([keepingDispatch(machine, b, kernel, halves, scratch)]);
      try {
        b.requireAlive('b');
        gpu.submit(prepared.dispatches);
      } finally {
        prepared.destroy();
      }
      b.keep(kernel, halves);
    });
  } catch (error) {
    // Errors of the device arrive at the end, when the matrix has them already.
    if (halves && b.halves === halves) b.dropHalves();
    else halves?.destroy();
    throw error;
  } finally {
    for (const buffer of scratch) buffer.destroy();
  }
}

/** A problem that has the matrix for its B. */
function problemOf(b: GpuQuantizedMatrix): GemmProblem {
  return gemmProblem(b, b, undefined, 'f32');
}

/** Bytes of a matrix's halves. */
export function halvesBytes(b: GpuQuantizedMatrix): number {
  return decodedBytes(problemOf(b), keptTiling)[1] as number;
}

function keepingDispatch(
  machine: Machine,
  b: GpuQuantizedMatrix,
  kernel: Keeper,
  halves: GPUBuffer,
  [nothing, folded]: readonly GPUBuffer[],
): Dispatch {
  const problem = problemOf(b);
  const job = { problem, matrices: { a: b, b }, machine, tiling: keptTiling };
  const outputs = { decoded: [nothing as GPUBuffer, halves], onlyB: true };
  return decodeDispatch(job, kernel === 'matrix' ? { ...outputs, folded } : outputs);
}
