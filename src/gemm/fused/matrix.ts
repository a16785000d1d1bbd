/**
 * @file `matrix-promoted` with an A of values, which is quantised in every workgroup that needs it
 * (shaders/gemm/fused/matrix-fused.wgsl) or in the pass that makes halves (quantize-a.wgsl).
 */

import matrixFusedWgsl from '../../../shaders/gemm/fused/matrix-fused.wgsl?raw';
import type { Machine } from '../../gpu/machine.js';
import type { Shader } from '../../gpu/shader.js';
import type { NativeArithmetic } from '../../probe/native.js';
import { decodeDispatch, decodeShader } from '../matrix/decode-pass.js';
import { matrixPromoted, promotedKind } from '../matrix/promoted.js';
import { promotedShader, promotedTilings, promotes } from '../matrix/promoted-kernel.js';
import { halvesOf, passBytes } from '../matrix/read-halves.js';
import type { MatrixTile, MatrixTiling } from '../matrix/tile.js';
import { matrixTilings } from '../matrix/tilings.js';
import { operationsPerProduct } from '../matrix/units.js';
import { machines } from '../matrix/variants.js';
import { partialsBytes } from '../parts.js';
import { longestInterval, promotionInterval } from '../problem.js';
import { tiledDispatches } from '../tiled.js';
import { type FusedKernel, operandOf, sample, stagedDispatches, stagePart, stageVariants } from './kernel.js';
import { quantizing, scaleBytes, tilesOfRow } from './pass.js';
import type { FusedProblem } from './problem.js';

/**
 * Wider than the tiles for codes where there are as many outputs: a tile of A is quantised once for each column of
 * tiles, and 128 values of a row take as long as decoding about four rows of B. 128 rows would take 34 KiB.
 */
const stagedTiles: readonly MatrixTile[] = [
  { rows: 64, cols: 128, unitRows: 32, unitCols: 64, depth: 32 },
  { rows: 32, cols: 256, unitRows: 32, unitCols: 64, depth: 32 },
  { rows: 32, cols: 128, unitRows: 32, unitCols: 32, depth: 32 },
  { rows: 32, cols: 64, unitRows: 16, unitCols: 32, depth: 32 },
  { rows: 16, cols: 128, unitRows: 16, unitCols: 32, depth: 64 },
  { rows: 16, cols: 64, unitRows: 16, unitCols: 32, depth: 64 },
  { rows: 16, cols: 32, unitRows: 16, unitCols: 16, depth: 64 },
];

/**
 * Where each column of tiles quantises all of A again, more rows than these take longer so than two passes: on an H100.
 * Units that have no pass were not there to be measured.
 */
const fewRows = 32;
/**
 * Up to so many rows tiles for codes have few rows, whose steps come in pairs where K and the scales allow: that is as
 * fast and, if K is long, faster.
 */
const rowsInPairs = 16;

export const fusedMatrix: FusedKernel = {
  kernel: matrixPromoted,

  pays(problem, machine) {
    const passes = passingTilings(problem, machine).length > 0;
    const { m, k, a, b } = problem;
    const inPairs =
      m <= rowsInPairs && k % longestInterval === 0 && promotionInterval(a, b) === longestInterval;
    return passes ? !inPairs : m <= fewRows;
  },

  unfit(problem, machine) {
    const reason = matrixPromoted.unfit(problem);
    if (reason !== undefined || stagesIntervals(problem) || passingTilings(problem, machine).length > 0)
      return reason;
    const interval = promotionInterval(problem.a, problem.b);
    return `it quantises ${longestInterval} of K at once and promotes then, for want of a pass that makes halves; B's scales change every ${interval}`;
  },

  tilings(problem, machine) {
    // The pass first: it was faster for any number of rows measured, since each column of tiles would quantise A again.
    const staged = stagesIntervals(problem) ? stagedTilings(problem, machine) : [];
    return [...passingTilings(problem, machine), ...staged];
  },

  scratchBytes(problem, tiling) {
    const { parts, decode } = tiling as MatrixTiling;
    const halves = passBytes(problem, tiling as MatrixTiling, 'matrix-promoted');
    const made = decode === 'inline' ? [] : [scaleBytes(problem), ...halves];
    return [...made, ...partialsBytes(problem, parts)];
  },

  dispatches(job) {
    const { problem, machine, native, matrices } = job;
    const tiling = job.tiling as MatrixTiling;
    const { rows: tileRows, cols: tileCols, parts, decode } = tiling;
    if (decode === 'inline') {
      const shader = stagedShader(problem, tiling, machine, native);
      // Beside products, as many operations again for quantising.
      const operations = 2 * operationsPerProduct;
      return stagedDispatches({ shader, tileRows, tileCols, operationsPerProduct: operations, parts }, job);
    }
    const [scales, ...rest] = job.scratch;
    const { pass, made, read: decoded } = halvesOf(problem, tiling, 'matrix-promoted', rest, matrices.b);
    const passJob = { ...job, matrices: { ...matrices, a: operandOf(job, scales, tilesOfRow(problem)) } };
    const shader = promotedShader(promotedKind, problem, tiling, machine);
    const tiled = { shader, tileRows, tileCols, operationsPerProduct, parts, decoded };
    return [
      decodeDispatch({ ...passJob, tiling: pass }, { decoded: made, scales }, quantizing(problem, native)),
      ...tiledDispatches(tiled, passJob),
    ];
  },

  variants() {
    const { problem, native } = sample;
    const [first] = machines;
    const [tiling] = stagedTilings(problem, first as Machine);
    const passing: MatrixTiling = { ...(tiling as MatrixTiling), decode: 'pass-a' };
    const passShader = (one: FusedProblem, arithmetic: NativeArithmetic, decode = passing.decode) =>
      decodeShader(one, { ...passing, decode }, first as Machine, {}, quantizing(one, arithmetic));
    return [
      ...stageVariants((one, arithmetic) =>
        stagedShader(one, tiling as MatrixTiling, first as Machine, arithmetic),
      ),
      ...machines.flatMap((machine) =>
        stagedTilings(problem, machine)
          .filter(({ parts }) => parts < 4)
          .map((one) => stagedShader(problem, one, machine, native)),
      ),
      ...stageVariants(passShader),
      ...[512, 4096].map((m) => passShader({ ...problem, m }, native, 'pass')),
    ];
  },
};

/** Whether A can be quantised interval by interval. */
function stagesIntervals({ a, b }: FusedProblem): boolean {
  return promotionInterval(a, b) === longestInterval;
}

/** Of the kernel for codes, those that take a pass which can quantise. */
function passingTilings(problem: FusedProblem, machine: Machine): MatrixTiling[] {
  return promotedTilings(promotedKind, problem, machine).filter(({ decode }) => decode !== 'inline');
}

function stagedTilings(problem: FusedProblem, machine: Machine): MatrixTiling[] {
  const fitting = stagedTiles.filter((tile) => promotes(tile, machine));
  return matrixTilings(fitting, problem, machine, { staged: true, promotes: true });
}

function stagedShader(
  problem: FusedProblem,
  tiling: MatrixTiling,
  machine: Machine,
  native: NativeArithmetic,
): Shader {
  const stage = stagePart(problem, native);
  const files = [...stage.files, matrixFusedWgsl];
  return promotedShader(promotedKind, problem, tiling, machine, {
    ...stage,
    name: ` ${stage.name}`,
    files,
    staged: true,
  });
}
