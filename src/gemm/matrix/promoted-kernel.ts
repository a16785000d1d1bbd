/** @file Kernels on matrix units that promote sums to f32 at every scale: shaders/gemm/matrix/matrix-promoted.wgsl. */

import matrixPromotedWgsl from '../../../shaders/gemm/matrix/matrix-promoted.wgsl?raw';
import matrixStoredWgsl from '../../../shaders/gemm/matrix/matrix-stored.wgsl?raw';
import unscaledWgsl from '../../../shaders/gemm/matrix/unscaled.wgsl?raw';
import type { Machine } from '../../gpu/machine.js';
import type { Shader, ShaderPart } from '../../gpu/shader.js';
import type { Kernel } from '../kernel.js';
import { partialsBytes } from '../parts.js';
import { type GemmProblem, promotionInterval } from '../problem.js';
import { epiloguePart } from '../shader.js';
import { tiledDispatches } from '../tiled.js';
import { decodeDispatch, decodeShader } from './decode-pass.js';
import { liftedPart, unfitLifted } from './lifted.js';
import { halvesOf, passBytes } from './read-halves.js';
import { type MatrixTile, type MatrixTiling, type SumType, threadsOf } from './tile.js';
import { matrixTilings, passes, type TilingsOptions } from './tilings.js';
import {
  lacksMatrixUnits,
  matrixEnables,
  matrixFeatures,
  matrixPart,
  operationsPerProduct,
  unfitMatrix,
} from './units.js';
import { type MakeShader, matrixVariants } from './variants.js';

/** What tells such kernels apart. */
export interface PromotedKind
  extends Pick<Kernel, 'name' | 'summary' | 'errorBound' | 'addsInHalves'>,
    Pick<TilingsOptions, 'bothFrom' | 'aFrom' | 'keeper'> {
  readonly tiles: readonly MatrixTile[];
  /** What the units add up in, between promotions. */
  readonly sums: SumType;
}

/** The kernel of a kind. */
export function promotedKernel(kind: PromotedKind): Kernel {
  const { name, summary, tiles, sums, errorBound, addsInHalves = false, keeper } = kind;
  return {
    name,
    summary,
    errorBound,
    addsInHalves,
    features: matrixFeatures,
    limits: {},
    grouped: true,
    lacks: (machine) => lacksMatrixUnits(machine, sums),

    unfit(problem) {
      const interval = promotionInterval(problem.a, problem.b);
      if (interval < 32) return `it promotes every 32 of K at the least; the scales change every ${interval}`;
      return unfitMatrix(problem) ?? unfitLifted(problem, sums);
    },

    tilings: (problem, machine) => promotedTilings(kind, problem, machine),

    scratchBytes(problem, tiling) {
      const matrixTiling = tiling as MatrixTiling;
      return [...passBytes(problem, matrixTiling, keeper), ...partialsBytes(problem, matrixTiling.parts)];
    },

    dispatches(job) {
      const { problem, matrices, machine, scratch } = job;
      const tiling = job.tiling as MatrixTiling;
      const { rows: tileRows, cols: tileCols, parts } = tiling;
      const shader = promotedShader(kind, problem, tiling, machine);
      const { pass, made, read: decoded } = halvesOf(problem, tiling, keeper, scratch, matrices.b);
      const tiled = { shader, tileRows, tileCols, operationsPerProduct, parts, decoded };
      return [
        ...(made.length > 0 ? [decodeDispatch({ ...job, tiling: pass }, { decoded: made, sums })] : []),
        ...tiledDispatches(tiled, job),
      ];
    },

    variants() {
      const shaders = (make: MakeShader) => matrixVariants(tiles, make, sums);
      return [
        ...shaders((problem, tiling, machine) => promotedShader(kind, problem, tiling, machine)),
        ...passes.flatMap((decode) =>
          shaders((problem, tiling, machine) =>
            promotedShader(kind, problem, { ...tiling, decode }, machine),
          ),
        ),
        ...passes.flatMap((decode) =>
          shaders((problem, tiling, machine) =>
            decodeShader(problem, { ...tiling, decode }, machine, { sums }),
          ),
        ),
      ];
    },
  };
}

/** The tilings that the machine can run, the one to take untuned first. */
export function promotedTilings(
  { tiles, ...options }: PromotedKind,
  problem: GemmProblem,
  machine: Machine,
): MatrixTiling[] {
  // A step is part of one interval.
  const interval = promotionInterval(problem.a, problem.b);
  const fitting = tiles.filter((tile) => tile.depth <= interval && promotes(tile, machine));
  return matrixTilings(fitting, problem, machine, { ...options, promotes: true });
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

/** How A comes into the tile. What is staged is not lifted: for kinds that add up in f32. */
interface Left extends ShaderPart {
  /** In a shader's label, after the kernel's. */
  readonly name: string;
  /** As for matrixTilings(). */
  readonly staged: boolean;
}

/** A as codes and scales in memory. */
const stored: Left = { name: '', files: [matrixStoredWgsl], constants: {}, staged: false };

/** The shader of a tiling. How A comes into the tile is a part of its own. */
export function promotedShader(
  { name, sums }: PromotedKind,
  problem: GemmProblem,
  tiling: MatrixTiling,
  machine: Machine,
  left: Left = stored,
): Shader {
  const { a, b, c, out } = problem;
  const part = matrixPart(problem, tiling, machine, { staged: left.staged, sums });
  const lifted = liftedPart(problem, sums);
  const epilogue = tiling.parts > 1 ? epiloguePart(undefined, 'f32') : epiloguePart(c, out);
  // Quantising and rounding D may both need the file that encodes.
  const files = new Set([
    ...part.files,
    ...lifted.files,
    unscaledWgsl,
    ...left.files,
    ...epilogue.files,
    matrixPromotedWgsl,
  ]);
  return {
    label: `gemm ${name}${left.name} ${tiling.rows}x${tiling.cols} ${a.format.name} x ${b.format.name} to ${out}`,
    files: [...files],
    constants: {
      ...part.constants,
      ...lifted.constants,
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
