/** @file Products on matrix units, promoted to f32 at every scale: shaders/gemm/matrix-promoted.wgsl. */

import matrixPromotedWgsl from '../../shaders/gemm/matrix-promoted.wgsl?raw';
import type { Machine } from '../gpu/machine.js';
import type { Shader } from '../gpu/shader.js';
import type { Kernel } from './kernel.js';
import { promotedErrorBound } from './matrix-error-bound.js';
import {
  lacksMatrixUnits,
  type MatrixTile,
  type MatrixTiling,
  matrixEnables,
  matrixFeatures,
  matrixPart,
  matrixTilings,
  operationsPerProduct,
  unfitMatrix,
} from './matrix-units.js';
import { matrixVariants } from './matrix-variants.js';
import { partialsBytes } from './parts.js';
import { type GemmProblem, promotionInterval } from './problem.js';
import { epiloguePart } from './shader.js';
import { tiledDispatches } from './tiled.js';

/** Half of the folded kernel's for a subgroup, which keeps promoted sums beside the units'. */
const tiles: readonly MatrixTile[] = [
  { rows: 128, cols: 128, unitRows: 32, unitCols: 64, depth: 32 },
  { rows: 128, cols: 64, unitRows: 32, unitCols: 64, depth: 32 },
  { rows: 128, cols: 128, unitRows: 64, unitCols: 32, depth: 32 },
  { rows: 64, cols: 128, unitRows: 32, unitCols: 64, depth: 32 },
  { rows: 64, cols: 64, unitRows: 32, unitCols: 32, depth: 32 },
  { rows: 32, cols: 32, unitRows: 16, unitCols: 32, depth: 32 },
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

  tilings(problem, machine) {
    return matrixTilings(tiles, problem, machine);
  },

  scratchBytes(problem, tiling) {
    return partialsBytes(problem, (tiling as MatrixTiling).parts);
  },

  dispatches(job) {
    const tiling = job.tiling as MatrixTiling;
    const { rows: tileRows, cols: tileCols, parts } = tiling;
    const shader = promotedShader(job.problem, tiling, job.machine);
    return tiledDispatches({ shader, tileRows, tileCols, operationsPerProduct, parts }, job);
  },

  variants() {
    return matrixVariants(tiles, promotedShader);
  },
};

function promotedShader(problem: GemmProblem, tiling: MatrixTiling, machine: Machine): Shader {
  const { a, b, c, out } = problem;
  const part = matrixPart(problem, tiling, machine);
  const epilogue = tiling.parts > 1 ? epiloguePart(undefined, 'f32') : epiloguePart(c, out);
  return {
    label: `gemm matrix-promoted ${tiling.rows}x${tiling.cols} ${a.format.name} x ${b.format.name} to ${out}`,
    files: [...part.files, ...epilogue.files, matrixPromotedWgsl],
    constants: { ...part.constants, ...epilogue.constants },
    enables: matrixEnables,
  };
}
