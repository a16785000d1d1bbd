/** @file Products on matrix units, promoted to f32 at every scale: shaders/gemm/matrix-promoted.wgsl. */

import matrixPromotedWgsl from '../../shaders/gemm/matrix-promoted.wgsl?raw';
import matrixStoredWgsl from '../../shaders/gemm/matrix-stored.wgsl?raw';
import unscaledWgsl from '../../shaders/gemm/unscaled.wgsl?raw';
import type { Machine } from '../gpu/machine.js';
import type { Shader, ShaderPart } from '../gpu/shader.js';
import { decodeDispatch, decodeShader } from './decode-pass.js';
import type { Kernel } from './kernel.js';
import { promotedErrorBound } from './matrix-error-bound.js';
import { matrixTilings, passes } from './matrix-tilings.js';
import {
  lacksMatrixUnits,
  type MatrixTile,
  type MatrixTiling,
  matrixEnables,
  matrixFeatures,
  matrixPart,
  operationsPerProduct,
  threadsOf,
  unfitMatrix,
} from './matrix-units.js';
import { matrixVariants } from './matrix-variants.js';
import { partialsBytes } from './parts.js';
import { type GemmProblem, promotionInterval } from './problem.js';
import { halvesOf, passBytes } from './read-halves.js';
import { epiloguePart } from './shader.js';
import { tiledDispatches } from './tiled.js';

/** Half of the folded kernel's for a subgroup, which keeps promoted sums beside the units'. */
const tiles: readonly MatrixTile[] = [
  { rows: 64, cols: 128, unitRows: 32, unitCols: 64, depth: 32 },
  { rows: 128, cols: 64, unitRows: 32, unitCols: 64, depth: 32 },
  { rows: 128, cols: 128, unitRows: 64, unitCols: 32, depth: 32 },
  { rows: 128, cols: 128, unitRows: 32, unitCols: 64, depth: 32 },
  { rows: 64, cols: 64, unitRows: 32, unitCols: 32, depth: 32 },
  { rows: 32, cols: 32, unitRows: 16, unitCols: 32, depth: 32 },
  { rows: 16, cols: 64, unitRows: 16, unitCols: 32, depth: 64 },
  { rows: 16, cols: 32, unitRows: 16, unitCols: 16, depth: 64 },
  { rows: 16, cols: 128, unitRows: 16, unitCols: 32, depth: 64 },
];

export const matrixPromoted: Kernel = {
  name: 'matrix-promoted',
  summary: 'matrix units, partial sums promoted to f32 and scaled every 128 of K',
  features: matrixFeatures,
  limits: {},
  errorBound: promotedErrorBound,
  grouped: true,
  lacks: lacksMatrixUnits,

  unfit(problem) {
    const interval = promotionInterval(problem.a, problem.b);
    if (interval < 32) return `it promotes every 32 of K at the least; the scales change every ${interval}`;
    return unfitMatrix(problem);
  },

  tilings: (problem, machine) => promotedTilings(problem, machine, false),

  scratchBytes(problem, tiling) {
    const matrixTiling = tiling as MatrixTiling;
    const halves = passBytes(problem, matrixTiling, 'matrix-promoted');
    return [...halves, ...partialsBytes(problem, matrixTiling.parts)];
  },

  dispatches(job) {
    const { problem, matrices, machine, scratch } = job;
    const tiling = job.tiling as MatrixTiling;
    const { rows: tileRows, cols: tileCols, parts } = tiling;
    const shader = promotedShader(problem, tiling, machine);
    const { pass, made, read: decoded } = halvesOf(problem, tiling, 'matrix-promoted', scratch, matrices.b);
    const tiled = { shader, tileRows, tileCols, operationsPerProduct, parts, decoded };
    return [
      ...(made.length > 0 ? [decodeDispatch({ ...job, tiling: pass }, { decoded: made })] : []),
      ...tiledDispatches(tiled, job),
    ];
  },

  variants() {
    return [
      ...matrixVariants(tiles, (problem, tiling, machine) => promotedShader(problem, tiling, machine)),
      ...passes.flatMap((decode) =>
        matrixVariants(tiles, (problem, tiling, machine) =>
          promotedShader(problem, { ...tiling, decode }, machine),
        ),
      ),
      ...passes.flatMap((decode) =>
        matrixVariants(tiles, (problem, tiling, machine) =>
          decodeShader(problem, { ...tiling, decode }, machine, false),
        ),
      ),
    ];
  },
};

/**
 * The tilings that the machine can run, the one to take untuned first.
 * @param passes as for matrixTilings()
 */
export function promotedTilings(problem: GemmProblem, machine: Machine, passes: boolean): MatrixTiling[] {
  // A step is part of one interval.
  const interval = promotionInterval(problem.a, problem.b);
  const fitting = tiles.filter((tile) => tile.depth <= interval && promotes(tile, machine));
  return matrixTilings(fitting, problem, machine, { passes, keeper: 'matrix-promoted' });
}

/**
 * Whether a workgroup has a thread for each scale of a row and each four of columns, and a subgroup's threads have the
 * same columns in all of their strips: what matrix-promoted.wgsl asserts.
 */
export function promotes(tile: MatrixTile, machine: Pick<Machine, 'subgroupMaxSize'>): boolean {
  const threads = threadsOf(tile, machine);
  return (
    tile.rows <= threads && tile.cols / 4 <= threads && machine.subgroupMaxSize % (tile.unitCols / 8) === 0
  );
}

/** How A comes into the tile. */
interface Left extends ShaderPart {
  readonly name: string;
  /** As for matrixTilings(). */
  readonly staged: boolean;
}

/** A as codes and scales in memory. */
const stored: Left = { name: 'matrix-promoted', files: [matrixStoredWgsl], constants: {}, staged: false };

/** The shader of a tiling. How A comes into the tile is a part of its own. */
export function promotedShader(
  problem: GemmProblem,
  tiling: MatrixTiling,
  machine: Machine,
  left: Left = stored,
): Shader {
  const { a, b, c, out } = problem;
  const part = matrixPart(problem, tiling, machine, left.staged);
  const epilogue = tiling.parts > 1 ? epiloguePart(undefined, 'f32') : epiloguePart(c, out);
  // Quantising and rounding D may both need the file that encodes.
  const files = new Set([...part.files, unscaledWgsl, ...left.files, ...epilogue.files, matrixPromotedWgsl]);
  return {
    label: `gemm ${left.name} ${tiling.rows}x${tiling.cols} ${a.format.name} x ${b.format.name} to ${out}`,
    files: [...files],
    constants: {
      ...part.constants,
      ...left.constants,
      ...epilogue.constants,
      B_SHARED: sharesScaleOfB(problem, tiling),
    },
    enables: matrixEnables,
  };
}

/** Whether the columns of a tile lie in one block of B's scales. */
function sharesScaleOfB({ b }: GemmProblem, { cols }: MatrixTiling): boolean {
  const { tileRows } = b.granularity;
  // Where there are groups, blocks end with the rows of B of each: groupedProblem() refuses others.
  return tileRows === Infinity || tileRows % cols === 0;
}
