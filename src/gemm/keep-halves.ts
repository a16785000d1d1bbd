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
import { gemmProblem } from './problem.js';
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
  const problem = gemmProblem(b, b, undefined, 'f32');
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
  const scratch: GPUBuffer[] = [];
  let halves: GPUBuffer | undefined;
  try {
    await gpu.guard(`keeping halves of ${b.rows}x${b.cols}`, async () => {
      halves = gpu.buffer('kept halves', bytes);
      for (const size of keepingBytes(b)) scratch.push(gpu.buffer('scratch for halves', size));
      await gpu.run('keeping halves', [keepingDispatch(machine, b, name, halves, scratch)]);
    });
    b.keep(name, halves as unknown as GPUBuffer);
  } catch (error) {
    halves?.destroy();
    throw error;
  } finally {
    for (const buffer of scratch) buffer.destroy();
  }
}

/** Bytes of a matrix's halves. */
export function halvesBytes(b: GpuQuantizedMatrix): number {
  return decodedBytes(gemmProblem(b, b, undefined, 'f32'), tiling)[1] as number;
}

/** Bytes of the scratch buffers that making them takes. */
export function keepingBytes(b: GpuQuantizedMatrix): readonly number[] {
  // The first stands where a pass for both operands would write A's halves.
  return [16, foldedBytes(gemmProblem(b, b, undefined, 'f32'))];
}

/** The dispatch that makes them. */
export function keepingDispatch(
  machine: Machine,
  b: GpuQuantizedMatrix,
  kernel: Keeper,
  halves: GPUBuffer,
  [nothing, folded]: readonly GPUBuffer[],
): Dispatch {
  const problem = gemmProblem(b, b, undefined, 'f32');
  const job = { problem, matrices: { a: b, b }, machine, tiling };
  const outputs = { decoded: [nothing as GPUBuffer, halves], onlyB: true };
  return decodeDispatch(job, kernel === 'matrix' ? { ...outputs, folded } : outputs);
}
