/** @file Products on matrix units, scales folded into the operands: shaders/gemm/matrix/matrix-folded.wgsl. */

import exponentsAskedWgsl from '../../../shaders/gemm/matrix/exponents-asked.wgsl?raw';
import exponentsKeptWgsl from '../../../shaders/gemm/matrix/exponents-kept.wgsl?raw';
import matrixFoldedWgsl from '../../../shaders/gemm/matrix/matrix-folded.wgsl?raw';
import type { Machine } from '../../gpu/machine.js';
import type { Shader } from '../../gpu/shader.js';
import { largestHalfExponent } from '../fold.js';
import { foldDispatch, foldedBytes, foldPart, foldPassShader } from '../fold-pass.js';
import type { Kernel } from '../kernel.js';
import { partialsBytes } from '../parts.js';
import type { GemmProblem } from '../problem.js';
import { epiloguePart } from '../shader.js';
import { tiledDispatches } from '../tiled.js';
import { decodeDispatch, decodeShader } from './decode-pass.js';
import { foldedErrorBound } from './error-bound.js';
import { halvesOf, passBytes } from './read-halves.js';
import type { MatrixTile, MatrixTiling } from './tile.js';
import { matrixTilings, passes } from './tilings.js';
import {
  lacksMatrixUnits,
  matrixEnables,
  matrixFeatures,
  matrixPart,
  operationsPerProduct,
  unfitFolded,
} from './units.js';
import { matrixVariants } from './variants.js';

/** The largest first; those of few rows are for products that have no more. */
const tiles: readonly MatrixTile[] = [
  { rows: 128, cols: 128, unitRows: 64, unitCols: 64, depth: 32 },
  { rows: 256, cols: 128, unitRows: 64, unitCols: 64, depth: 32 },
  { rows: 128, cols: 128, unitRows: 32, unitCols: 64, depth: 32 },
  { rows: 128, cols: 64, unitRows: 64, unitCols: 32, depth: 32 },
  { rows: 64, cols: 128, unitRows: 32, unitCols: 64, depth: 32 },
  { rows: 64, cols: 64, unitRows: 32, unitCols: 32, depth: 32 },
  { rows: 32, cols: 128, unitRows: 32, unitCols: 32, depth: 32 },
  { rows: 32, cols: 32, unitRows: 16, unitCols: 32, depth: 32 },
  { rows: 16, cols: 32, unitRows: 16, unitCols: 32, depth: 64, kSubgroups: 2 },
  { rows: 16, cols: 64, unitRows: 16, unitCols: 32, depth: 64 },
  { rows: 16, cols: 128, unitRows: 16, unitCols: 32, depth: 64 },
];

/** By measurement: docs/performance.md. A pass over scales comes before the product anyway, and can decode as well. */
const bothFrom = 1024;
const aFrom = 64;

export const matrix: Kernel = {
  name: 'matrix',
  summary: 'matrix units, scales folded into the operands',
  features: matrixFeatures,
  limits: {},
  errorBound: foldedErrorBound,
  folds: true,
  grouped: true,
  lacks: (machine) => lacksMatrixUnits(machine),
  unfit: unfitFolded,

  tilings(problem, machine) {
    return matrixTilings(tiles, problem, machine, { bothFrom, aFrom, keeper: 'matrix' });
  },

  scratchBytes(problem, tiling) {
    const matrixTiling = tiling as MatrixTiling;
    const halves = passBytes(problem, matrixTiling, 'matrix');
    return [foldedBytes(problem), ...halves, ...partialsBytes(problem, matrixTiling.parts)];
  },

  dispatches(job) {
    const { problem, matrices, machine, scratch } = job;
    const tiling = job.tiling as MatrixTiling;
    const { rows: tileRows, cols: tileCols, parts } = tiling;
    const shader = foldedShader(problem, tiling, machine);
    const [folded, ...rest] = scratch;
    const { pass, made, read: decoded } = halvesOf(problem, tiling, 'matrix', rest, matrices.b);
    const tiled = { shader, tileRows, tileCols, operationsPerProduct, parts, folded, decoded };
    const first =
      made.length > 0
        ? decodeDispatch({ ...job, tiling: pass }, { decoded: made, folded })
        : foldDispatch(job, largestHalfExponent);
    return [first, ...tiledDispatches(tiled, job)];
  },

  variants() {
    return [
      ...matrixVariants(tiles, foldedShader),
      ...matrixVariants(tiles, (problem) => foldPassShader(problem, largestHalfExponent)),
      ...passes.flatMap((decode) =>
        matrixVariants(tiles, (problem, tiling, machine) =>
          foldedShader(problem, { ...tiling, decode }, machine),
        ),
      ),
      ...passes.flatMap((decode) =>
        matrixVariants(tiles, (problem, tiling, machine) =>
          decodeShader(problem, { ...tiling, decode }, machine, { folds: true }),
        ),
      ),
    ];
  },
};

function foldedShader(problem: GemmProblem, tiling: MatrixTiling, machine: Machine): Shader {
  const { a, b, c, out } = problem;
  const part = matrixPart(problem, tiling, machine);
  const fold = foldPart(problem, largestHalfExponent);
  const { MATRIX_M: bandRows } = part.constants;
  const exponents = tiling.unitRows === bandRows ? exponentsAskedWgsl : exponentsKeptWgsl;
  const epilogue = tiling.parts > 1 ? epiloguePart(undefined, 'f32') : epiloguePart(c, out);
  return {
    label: `gemm matrix ${tiling.rows}x${tiling.cols} ${a.format.name} x ${b.format.name} to ${out}`,
    files: [...part.files, ...fold.files, exponents, ...epilogue.files, matrixFoldedWgsl],
    constants: {
      ...part.constants,
      ...fold.constants,
      ...epilogue.constants,
      WHOLE_TILES: isWhole(problem, tiling),
    },
    enables: matrixEnables,
  };
}

/** Whether D is a multiple of tiles. Of groups of rows it depends on how many rows each has. */
function isWhole({ m, n, grouping }: GemmProblem, { rows, cols }: MatrixTiling): boolean {
  return grouping === undefined && m % rows === 0 && n % cols === 0;
}
