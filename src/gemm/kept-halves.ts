/**
 * @file Products with a B whose halves are kept from one to the next: a pass then makes A's alone, where it would have
 * made both operands'. keep-halves.ts makes them.
 */

import { ArgumentError } from '../errors.js';
import type { GpuQuantizedMatrix } from '../gpu-matrix.js';
import { chunkRows, rowChunks } from './decode-pass.js';
import type { MatrixTile, MatrixTiling } from './matrix-units.js';
import type { GemmProblem } from './problem.js';

/** The tile for which halves are kept. Other tiles read them too, where they have as many chunks in a row. */
export const keptTile: MatrixTile = { rows: 128, cols: 128, unitRows: 64, unitCols: 64, depth: 32 };

/**
 * What the pass before a product has to make: the tiling's own, or A's alone where B's halves are kept.
 * @param kernel whose halves they have to be; those of `matrix` hold scales, by the arithmetic of the tiling
 */
export function passTiling(
  problem: GemmProblem,
  tiling: MatrixTiling,
  kernel: 'matrix' | 'matrix-promoted',
): MatrixTiling {
  const { b, n, grouping } = problem;
  // Where there are groups, the rows of each begin with a chunk.
  const likeOne = grouping === undefined || grouping.kind === 'k' || n % chunkRows === 0;
  const serves =
    b.kept === kernel &&
    tiling.decode === 'pass' &&
    (kernel === 'matrix-promoted' || tiling.scaling === 'f32') &&
    likeOne &&
    rowChunks(problem, tiling) === rowChunks(problem, keptTile);
  return serves ? { ...tiling, decode: 'pass-a' } : tiling;
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
