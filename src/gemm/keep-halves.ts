/** @file Makes halves of a B that is multiplied many times, and keeps them beside its codes. */

import { ArgumentError, requireOptions, UnsupportedError } from '../errors.js';
import { measuredMachine } from '../format/native-halves.js';
import type { Dispatch, Gpu } from '../gpu/gpu.js';
import type { Machine } from '../gpu/machine.js';
import { GpuQuantizedMatrix } from '../gpu-matrix.js';
import { decodeDispatch, decodedBytes } from './decode-pass.js';
import { foldedBytes } from './fold-pass.js';
import { keptTile } from './kept-halves.js';
import type { MatrixTiling } from './matrix-units.js';
import { type GemmProblem, gemmProblem } from './problem.js';
import { kernelByName, obstacle } from './registry.js';

/** The kernels that read halves of both operands where they multiply: with scales folded in, or without. */
const keepers = ['matrix', 'matrix-promoted'] as const;

export type Keeper = (typeof keepers)[number];

export interface KeepHalvesOptions {
  /**
   * Which kernel's: those of `matrix` are values times their scales, rounded to halves, those of `matrix-promoted` the
   * codes' own values. Default auto, the one that auto takes for an A with scales like B's.
   */
  readonly kernel?: 'auto' | Keeper;
}

const tiling: MatrixTiling = { ...keptTile, scaling: 'f32', decode: 'pass', parts: 1 };

/**
 * Makes halves of a matrix for the products that it will be the B of, and keeps them until it is disposed of or
 * dropHalves() is called: 2 bytes an element beside its codes. Products by that kernel which would decode both operands
 * first, those with thousands of rows, then decode A alone. Results have the same bits. Where codes are written anew,
 * halves have to be made anew as well.
 * @throws ArgumentError for what is no quantised matrix, or options that do not exist, UnsupportedError if that kernel
 *   cannot run on the device or the halves are larger than a buffer may be, DisposedError
 */
export async function keepHalves(
  gpu: Gpu,
  b: GpuQuantizedMatrix,
  options: KeepHalvesOptions = {},
): Promise<void> {
  if (!(b instanceof GpuQuantizedMatrix)) throw new ArgumentError('b', b, 'a GpuQuantizedMatrix');
  requireOptions('options', options, { kernel: true });
  const { kernel = 'auto' } = options;
  if (kernel !== 'auto' && !keepers.includes(kernel))
    throw new ArgumentError('kernel', kernel, ['auto', ...keepers].join(', '));
  b.requireAlive('b');
  if (b.gpu !== gpu) throw new ArgumentError('b', b, 'a matrix on this device');
  const name = kernel === 'auto' ? (b.powersOfTwo ? 'matrix' : 'matrix-promoted') : kernel;
  const problem = problemOf(b);
  const reason = obstacle(gpu, kernelByName(name), problem);
  if (reason !== undefined) throw new UnsupportedError(`${name} has no halves to keep here: ${reason}`);
  const bytes = halvesBytes(b);
  const { maxStorageBufferBindingSize: most } = gpu.machine.limits;
  if (bytes > most)
    throw new UnsupportedError(
      `halves of ${b.rows}x${b.cols} take ${bytes} bytes; a buffer of this device may have ${most}`,
    );
  const machine = await measuredMachine(gpu);
  if (
    !kernelByName(name)
      .tilings(problem, machine)
      .some(({ decode }) => decode === 'pass')
  )
    throw new UnsupportedError(`${name} has no halves to keep here: the device's matrix units multiply f32`);
  await makeHalves(gpu, b, name, machine);
}

/** Makes them as a kernel of keepers multiplies them, and keeps them. */
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
  return decodedBytes(problemOf(b), tiling)[1] as number;
}

function keepingDispatch(
  machine: Machine,
  b: GpuQuantizedMatrix,
  kernel: Keeper,
  halves: GPUBuffer,
  [nothing, folded]: readonly GPUBuffer[],
): Dispatch {
  const problem = problemOf(b);
  const job = { problem, matrices: { a: b, b }, machine, tiling };
  const outputs = { decoded: [nothing as GPUBuffer, halves], onlyB: true };
  return decodeDispatch(job, kernel === 'matrix' ? { ...outputs, folded } : outputs);
}
