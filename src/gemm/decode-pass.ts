/** @file A pass that makes halves of both operands' codes once: shaders/gemm/decode-pass.wgsl. */

import decodePassWgsl from '../../shaders/gemm/decode-pass.wgsl?raw';
import decodedPlaceWgsl from '../../shaders/gemm/decoded-place.wgsl?raw';
import unscaledWgsl from '../../shaders/gemm/unscaled.wgsl?raw';
import { type Dispatch, grid } from '../gpu/gpu.js';
import type { Machine } from '../gpu/machine.js';
import { Expression, type Shader, type ShaderPart } from '../gpu/shader.js';
import { largestHalfExponent } from './fold.js';
import { foldPart } from './fold-pass.js';
import type { GemmJob } from './kernel.js';
import type { MatrixTiling } from './matrix-units.js';
import type { GemmProblem } from './problem.js';
import { halvesPart, operandsPart, placeFiles, stripWgsl } from './shader.js';
import { operandParams, stepLength } from './tiled.js';

/** CHUNK_ROWS of decoded-place.wgsl, and CHUNKS of decode-pass.wgsl. */
const chunkRows = 16;
const chunksOfWorkgroup = 8;

/** Rows of A's halves, those of whole tiles, and of B's; K rounded up to whole steps of the tile. */
function decodedShape(
  { m, n, k, grouping }: GemmProblem,
  { rows, depth }: MatrixTiling,
  rowTiles?: number,
): { a: number; b: number; k: number } {
  // Each group may end inside a tile; how many do is known when they are.
  const groups = grouping && grouping.kind !== 'k' ? grouping.groups : 0;
  const most = Math.ceil(m / rows) + groups;
  return {
    a: (groups === 0 ? most : (rowTiles ?? most)) * rows,
    b: Math.max(groups, 1) * Math.ceil(n / chunkRows) * chunkRows,
    k: Math.ceil(k / depth) * depth,
  };
}

/** Chunks of a row: ROW_CHUNKS of decoded-place.wgsl. */
export function rowChunks({ k }: GemmProblem, { depth }: Pick<MatrixTiling, 'depth'>): number {
  return (Math.ceil(k / depth) * depth) / stepLength;
}

/** Bytes of A's halves and of B's; none where codes are read inline. */
export function decodedBytes(problem: GemmProblem, tiling: MatrixTiling): number[] {
  if (tiling.decode === 'inline') return [];
  const { a, b, k } = decodedShape(problem, tiling);
  return [2 * a * k, 2 * b * k];
}

/**
 * The dispatches that write them; none where codes are read inline.
 * @param decoded where they go, A's and B's
 * @param folded folded scales, where they are part of the halves
 */
export function decodeDispatches(
  job: GemmJob,
  decoded: readonly GPUBuffer[],
  folded?: GPUBuffer,
): Dispatch[] {
  const { problem, matrices, machine, groups } = job;
  const tiling = job.tiling as MatrixTiling;
  if (tiling.decode === 'inline') return [];
  const { a, b } = matrices;
  const { m, n, k, grouping } = problem;
  const steps = Math.ceil(k / stepLength);
  const tileCols = Math.ceil(n / tiling.cols);
  const tiles = Math.ceil(m / tiling.rows) * tileCols;
  const groupRows = grouping?.kind === 'masked' ? grouping.groupRows : 0;
  const shape = decodedShape(problem, tiling, groups?.rowTiles ?? Math.ceil(m / tiling.rows));
  const none = undefined;
  return (['a', 'b'] as const).map((side, i) => {
    const blocks = shape[side] / chunkRows;
    const across = Math.ceil(shape.k / stepLength / chunksOfWorkgroup);
    return {
      shader: decodeShader(side, problem, tiling, machine, folded !== undefined),
      buffers: [a.codes, none, b.codes, none, none, none, folded, groups?.buffer, decoded[i]],
      params: [
        ...[steps, 0, 0, tiles, tileCols, 0, steps, tiles],
        ...[n, groupRows, k, 0],
        ...operandParams(a),
        ...operandParams(b),
      ],
      workgroups: grid(blocks * across),
      operations: shape[side] * shape.k * 8,
    };
  });
}

export function decodeShader(
  side: 'a' | 'b',
  problem: GemmProblem,
  tiling: MatrixTiling,
  machine: Machine,
  folds: boolean,
): Shader {
  const { scaling, rows, cols } = tiling;
  const operands = operandsPart(problem.a, problem.b);
  const halves = halvesPart(scaling, machine.unpacksSubnormals, true);
  const fold: ShaderPart = folds
    ? foldPart(problem, largestHalfExponent)
    : { files: [unscaledWgsl], constants: {} };
  return {
    label: `gemm decode ${problem[side].format.name}${folds ? '' : ' unscaled'}`,
    files: [
      ...operands.files,
      ...halves.files,
      ...fold.files,
      ...placeFiles(problem.grouping),
      decodedPlaceWgsl,
      stripWgsl,
      decodePassWgsl,
    ],
    constants: {
      ...operands.constants,
      ...halves.constants,
      ...fold.constants,
      ROW_CHUNKS: rowChunks(problem, tiling),
      TILE_ROWS: rows,
      TILE_COLS: cols,
      GROUPED: problem.grouping !== undefined,
      SIDE: new Expression(side === 'a' ? 'A' : 'B'),
      FORMAT: new Expression(side === 'a' ? 'A_FORMAT' : 'B_FORMAT'),
    },
    enables: scaling === 'f16' ? ['f16'] : [],
  };
}
