/** @file Dispatches over ranges of output tiles, and the parameters that kernels of operands.wgsl share. */

import { type Dispatch, grid } from '../gpu/gpu.js';
import type { Shader } from '../gpu/shader.js';
import type { GpuQuantizedMatrix } from '../gpu-matrix.js';
import type { GemmMatrices } from './kernel.js';
import { type GemmProblem, promotionInterval } from './problem.js';

/** Elements of K in a step of Params: SEGMENT in operands.wgsl. */
export const stepLength = 16;

/** A shader whose workgroups compute one tile of D each. */
export interface TiledShader {
  readonly shader: Shader;
  readonly tileRows: number;
  readonly tileCols: number;
  /** Rough operations to multiply and add one pair of codes. */
  readonly operationsPerProduct: number;
}

/** The dispatches that compute all tiles of D, none with more operations than asked for unless one tile has. */
export function tiledDispatches(
  { shader, tileRows, tileCols, operationsPerProduct }: TiledShader,
  problem: GemmProblem,
  matrices: GemmMatrices,
  operationsPerDispatch: number,
): Dispatch[] {
  const { a, b, c, d } = matrices;
  const buffers = [a.codes, a.scales, b.codes, b.scales, d.buffer, ...(c ? [c.buffer] : [])];
  const steps = Math.ceil(problem.k / stepLength);
  const tilesInRow = Math.ceil(problem.n / tileCols);
  const tiles = Math.ceil(problem.m / tileRows) * tilesInRow;
  const operationsPerTile = operationsPerProduct * tileRows * tileCols * steps * stepLength;
  const tilesPerDispatch = Math.max(1, Math.floor(operationsPerDispatch / operationsPerTile));

  const plan = problem.accumulation?.plan;
  const split = plan && plan.splits.length > 2 ? (plan.splits[1] as number) : problem.k;
  // Without promotion inside K the interval is all of K, and each part of K still ends with one.
  const interval = Math.min(plan?.interval ?? promotionInterval(problem.a, problem.b), split);
  const promotionSteps = Math.ceil(interval / stepLength);
  const splitSteps = Math.ceil(split / stepLength);

  const dispatches: Dispatch[] = [];
  for (let first = 0; first < tiles; first += tilesPerDispatch) {
    const end = Math.min(first + tilesPerDispatch, tiles);
    dispatches.push({
      shader,
      buffers,
      params: [
        ...[steps, promotionSteps, first, end, tilesInRow, d.pitch, splitSteps, 0],
        ...operandParams(a),
        ...operandParams(b),
      ],
      workgroups: grid(end - first),
      operations: (end - first) * operationsPerTile,
    });
  }
  return dispatches;
}

/** The words of Operand in operands.wgsl. */
function operandParams({ rows, wordPitch, scaleCols, granularity }: GpuQuantizedMatrix): number[] {
  const e8m0 = granularity.scaleFormat === 'e8m0' ? 1 : 0;
  return [rows, wordPitch, scaleCols, shift(granularity.tileRows), shift(granularity.tileCols), e8m0, 0, 0];
}

/** The shift that divides by a tile's length, a power of two; 31 where there is one tile. */
function shift(length: number): number {
  return Math.min(Math.log2(length), 31);
}
