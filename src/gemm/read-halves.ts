/**
 * @file Products with a B whose halves are kept from one to the next: a pass then makes A's alone, where it would have
 * made both operands'. keep-halves.ts makes them.
 */

import { ArgumentError } from '../errors.js';
import type { GpuQuantizedMatrix } from '../gpu-matrix.js';
import { chunkRows, rowChunks } from './decode-pass.js';
import type { Keeper } from './keepers.js';
import type { MatrixTile, MatrixTiling } from './matrix-units.js';
import type { GemmProblem } from './problem.js';

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

/** What the pass before a product has to make: the tiling's own, or A's alone where B's halves are kept. */
export function passTiling(problem: GemmProblem, tiling: MatrixTiling, kernel: Keeper): MatrixTiling {
  return readsHalves(problem, tiling, kernel) ? { ...tiling, decode: 'pass-a' } : tiling;
}

/**
 * The buffers that a product reads its operands' halves from.
 * @param made what the pass has made
 * @throws ArgumentError if the pass made A's alone, and B's have been dropped since or are another kernel's
 */
export function halvesOf(
  problem: GemmProblem,
  made: readonly GPUBuffer[],
  tiling: MatrixTiling,
  pass: MatrixTiling,
  b: GpuQuantizedMatrix,
): readonly GPUBuffer[] {
  if (pass.decode === tiling.decode) return made;
  const { kept } = problem.b;
  if (!b.halves || b.kept !== kept)
    throw new ArgumentError('b', b, `a matrix whose halves are kept for ${kept}, as the plan has it`);
  return [...made, b.halves];
}
