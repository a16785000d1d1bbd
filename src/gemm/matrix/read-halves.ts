/**
 * @file Products with a B whose halves are kept from one to the next: a pass then makes A's alone, where it would have
 * made both operands'. keep-halves.ts makes them.
 */

import { ArgumentError } from '../../errors.js';
import type { GpuQuantizedMatrix } from '../../gpu-matrix.js';
import type { GemmProblem } from '../problem.js';
import { chunkRows, decodedBytes, rowChunks } from './decode-pass.js';
import type { Keeper } from './keepers.js';
import type { MatrixTile, MatrixTiling } from './tile.js';

const keptTile: MatrixTile = { rows: 128, cols: 128, unitRows: 64, unitCols: 64, depth: 32 };

/** What halves are kept for. Other tiles read them too, where they have as many chunks in a row. */
export const keptTiling: MatrixTiling = { ...keptTile, scaling: 'f32', decode: 'pass', parts: 1 };

/**
 * Whether a kernel's tiling reads halves that are kept of the problem's B.
 * @param kernel those of `matrix` hold scales, by the arithmetic of the tiling
 */
export function readsHalves(problem: GemmProblem, tiling: MatrixTiling, kernel: string): boolean {
  const { b, n, grouping } = problem;
  // Where there are groups, the rows of each begin with a chunk.
  const likeOne = grouping === undefined || grouping.kind === 'k' || n % chunkRows === 0;
  return (
    b.kept === kernel &&
    tiling.decode === 'pass' &&
    (kernel !== 'matrix' || tiling.scaling === keptTiling.scaling) &&
    likeOne &&
    rowChunks(problem, tiling) === rowChunks(problem, keptTiling)
  );
}

/** What the pass before a product has to make: the tiling's own, or A's alone where a keeper's halves of B are kept. */
function passTiling(problem: GemmProblem, tiling: MatrixTiling, kernel: Keeper | undefined): MatrixTiling {
  return kernel && readsHalves(problem, tiling, kernel) ? { ...tiling, decode: 'pass-a' } : tiling;
}

/** Bytes of the scratch buffers for halves that the pass makes: none where the tiling has no pass. */
export function passBytes(problem: GemmProblem, tiling: MatrixTiling, kernel: Keeper | undefined): number[] {
  return decodedBytes(problem, passTiling(problem, tiling, kernel));
}

/** The halves of a product. */
export interface Halves {
  /** The tiling of the pass before it. */
  readonly pass: MatrixTiling;
  /** What the pass makes; nothing without one. */
  readonly made: readonly GPUBuffer[];
  /** What the product reads: also those of B that are kept. */
  readonly read: readonly GPUBuffer[];
}

/**
 * Where the halves of a product are.
 * @param scratch begins with the buffers of passBytes()
 * @throws ArgumentError if the pass makes A's alone, and B's have been dropped since or are another kernel's
 */
export function halvesOf(
  problem: GemmProblem,
  tiling: MatrixTiling,
  kernel: Keeper | undefined,
  scratch: readonly GPUBuffer[],
  b: GpuQuantizedMatrix,
): Halves {
  const pass = passTiling(problem, tiling, kernel);
  const made = scratch.slice(0, decodedBytes(problem, pass).length);
  if (pass === tiling) return { pass, made, read: made };
  if (!b.halves || b.kept !== kernel)
    throw new ArgumentError('b', b, `a matrix whose halves are kept for ${kernel}, as the plan has it`);
  return { pass, made, read: [...made, b.halves] };
}
