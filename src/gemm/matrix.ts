/** @file Products on matrix units, scales folded into the operands: shaders/gemm/matrix-folded.wgsl. */

import matrixFoldedWgsl from '../../shaders/gemm/matrix-folded.wgsl?raw';
import scaleReferenceWgsl from '../../shaders/gemm/scale-reference.wgsl?raw';
import { type Dispatch, grid } from '../gpu/gpu.js';
import type { Machine } from '../gpu/machine.js';
import type { Shader } from '../gpu/shader.js';
import { lift } from './fold.js';
import type { GemmJob, Kernel } from './kernel.js';
import { foldedErrorBound } from './matrix-error-bound.js';
import {
  lacksMatrixUnits,
  type MatrixTile,
  type MatrixTiling,
  matrixEnables,
  matrixFeatures,
  matrixPart,
  matrixTilings,
  unfitMatrix,
} from './matrix-units.js';
import { matrixVariants } from './matrix-variants.js';
import { partialsBytes } from './parts.js';
import type { GemmProblem } from './problem.js';
import { epiloguePart, operandsPart } from './shader.js';
import { operandParams, tiledDispatches } from './tiled.js';

/** The largest first; those of few rows are for products that have no more. */
const tiles: readonly MatrixTile[] = [
  { rows: 128, cols: 128, unitRows: 64, unitCols: 64, depth: 32 },
  { rows: 256, cols: 128, unitRows: 64, unitCols: 64, depth: 32 },
  { rows: 128, cols: 128, unitRows: 32, unitCols: 64, depth: 32 },
  { rows: 128, cols: 128, unitRows: 64, unitCols: 64, depth: 64 },
  { rows: 64, cols: 128, unitRows: 32, unitCols: 64, depth: 32 },
  { rows: 64, cols: 64, unitRows: 32, unitCols: 32, depth: 32 },
  { rows: 32, cols: 128, unitRows: 32, unitCols: 32, depth: 32 },
  { rows: 32, cols: 32, unitRows: 16, unitCols: 32, depth: 32 },
  { rows: 16, cols: 128, unitRows: 16, unitCols: 32, depth: 64 },
];

/** Threads of a workgroup of scale-reference.wgsl. */
const referenceThreads = 64;

export const matrix: Kernel = {
  name: 'matrix',
  summary: 'matrix units, scales folded into the operands',
  features: matrixFeatures,
  limits: {},
  errorBound: foldedErrorBound,
  lacks: lacksMatrixUnits,
  unfit: unfitMatrix,

  tilings(problem, machine) {
    return matrixTilings(tiles, problem, machine);
  },

  scratchBytes(problem, tiling) {
    return [4 * (problem.m + problem.n), ...partialsBytes(problem, (tiling as MatrixTiling).parts)];
  },

  dispatches(job) {
    const { problem, machine, scratch } = job;
    const tiling = job.tiling as MatrixTiling;
    const { rows: tileRows, cols: tileCols, parts } = tiling;
    const shader = foldedShader(problem, tiling, machine);
    const tiled = { shader, tileRows, tileCols, operationsPerProduct: 2, parts, extra: scratch[0] };
    return [referenceDispatch(job), ...tiledDispatches(tiled, job)];
  },

  variants() {
    return [
      ...matrixVariants(tiles, foldedShader),
      ...matrixVariants(tiles, (problem) => referenceShader(problem)),
    ];
  },
};

/** The powers of two that the rows' scales are taken relative to, before anything is multiplied. */
function referenceDispatch({ problem, matrices, scratch }: GemmJob): Dispatch {
  const { a, b } = matrices;
  const rows = problem.m + problem.n;
  const none = undefined;
  return {
    shader: referenceShader(problem),
    buffers: [none, a.scales, none, b.scales, none, none, scratch[0]],
    params: [...new Array(8).fill(0), ...operandParams(a), ...operandParams(b)],
    workgroups: grid(Math.ceil(rows / referenceThreads)),
    operations: rows * Math.max(a.scaleCols, b.scaleCols) * 10,
  };
}

function referenceShader({ a, b }: GemmProblem): Shader {
  const { files, constants } = operandsPart(a, b);
  return { label: 'gemm scale references', files: [...files, scaleReferenceWgsl], constants };
}

function foldedShader(problem: GemmProblem, tiling: MatrixTiling, machine: Machine): Shader {
  const { a, b, c, out } = problem;
  const part = matrixPart(problem, tiling, machine);
  const epilogue = tiling.parts > 1 ? epiloguePart(undefined, 'f32') : epiloguePart(c, out);
  return {
    label: `gemm matrix ${tiling.rows}x${tiling.cols} ${a.format.name} x ${b.format.name} to ${out}`,
    files: [...part.files, ...epilogue.files, matrixFoldedWgsl],
    constants: {
      ...part.constants,
      ...epilogue.constants,
      A_LIFT: lift(a.format),
      B_LIFT: lift(b.format),
    },
    enables: matrixEnables,
  };
}
