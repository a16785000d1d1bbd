/** @file `matrix-promoted` with an A of values: shaders/gemm/matrix-fused.wgsl. */

import matrixFusedWgsl from '../../shaders/gemm/matrix-fused.wgsl?raw';
import type { Machine } from '../gpu/machine.js';
import type { Shader } from '../gpu/shader.js';
import type { NativeArithmetic } from '../probe/native.js';
import { type FusedKernel, sample, stagePart, stageVariants } from './fused-kernel.js';
import type { FusedProblem } from './fused-problem.js';
import { matrixPromoted, promotedShader } from './matrix-promoted.js';
import { matrixTilings } from './matrix-tilings.js';
import { type MatrixTile, type MatrixTiling, operationsPerProduct } from './matrix-units.js';
import { machines } from './matrix-variants.js';
import { longestInterval, promotionInterval } from './problem.js';

/**
 * Wider than the tiles for codes where there are as many outputs: a tile of A is quantised once for each column of
 * tiles, and 128 values of a row take as long as decoding about four rows of B. 128 rows would take 34 KiB.
 */
const tiles: readonly MatrixTile[] = [
  { rows: 64, cols: 128, unitRows: 32, unitCols: 64, depth: 32 },
  { rows: 32, cols: 256, unitRows: 32, unitCols: 64, depth: 32 },
  { rows: 32, cols: 128, unitRows: 32, unitCols: 32, depth: 32 },
  { rows: 32, cols: 64, unitRows: 16, unitCols: 32, depth: 32 },
  { rows: 16, cols: 128, unitRows: 16, unitCols: 32, depth: 64 },
  { rows: 16, cols: 64, unitRows: 16, unitCols: 32, depth: 64 },
  { rows: 16, cols: 32, unitRows: 16, unitCols: 16, depth: 64 },
];

export const fusedMatrix: FusedKernel = {
  kernel: matrixPromoted,

  unfit(problem) {
    const interval = promotionInterval(problem.a, problem.b);
    if (interval !== longestInterval)
      return `it quantises ${longestInterval} of K at once and promotes then; B's scales change every ${interval}`;
    return matrixPromoted.unfit(problem);
  },

  tilings: (problem, machine) => matrixTilings(tiles, problem, machine, false, true),

  tiled(problem, tiling, machine, native) {
    const { rows, cols, parts } = tiling as MatrixTiling;
    const shader = fusedShader(problem, tiling as MatrixTiling, machine, native);
    // Beside products, as many operations again for quantising.
    return {
      shader,
      tileRows: rows,
      tileCols: cols,
      operationsPerProduct: 2 * operationsPerProduct,
      parts,
    };
  },

  variants() {
    const { problem, native } = sample;
    const [first] = machines;
    const [tiling] = fusedMatrix.tilings(problem, first as Machine);
    return [
      ...stageVariants((one, arithmetic) =>
        fusedShader(one, tiling as MatrixTiling, first as Machine, arithmetic),
      ),
      ...machines.flatMap((machine) =>
        matrixTilings(tiles, problem, machine, false, true)
          .filter(({ parts }) => parts < 4)
          .map((one) => fusedShader(problem, one, machine, native)),
      ),
    ];
  },
};

function fusedShader(
  problem: FusedProblem,
  tiling: MatrixTiling,
  machine: Machine,
  native: NativeArithmetic,
): Shader {
  const stage = stagePart(problem, native);
  const files = [...stage.files, matrixFusedWgsl];
  return promotedShader(problem, tiling, machine, {
    ...stage,
    name: `matrix-promoted ${stage.name}`,
    files,
    staged: true,
  });
}
