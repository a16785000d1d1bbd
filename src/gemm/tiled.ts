/** @file Dispatches over ranges of output tiles, and the parameters that kernels of operands.wgsl share. */

import { type Dispatch, grid } from '../gpu/gpu.js';
import type { Shader } from '../gpu/shader.js';
import type { GpuQuantizedMatrix } from '../gpu-matrix.js';
import type { GemmJob, GemmMatrices } from './kernel.js';
import { partialsOf, reduceDispatches } from './parts.js';
import { type GemmProblem, promotionInterval } from './problem.js';

/** Elements of K in a step of Params: SEGMENT in operands.wgsl. */
export const stepLength = 16;

/** A shader whose workgroups compute one tile of D each, or of one part of K. */
export interface TiledShader {
  readonly shader: Shader;
  readonly tileRows: number;
  readonly tileCols: number;
  /** Rough operations to multiply and add one pair of codes. */
  readonly operationsPerProduct: number;
  /** Parts of K that workgroups of their own compute, added at the end; the shader writes f32 without C. Default 1. */
  readonly parts?: number;
  /** Folded scales, at binding 7: the shader then reads no others. */
  readonly folded?: GPUBuffer | undefined;
  /** Values decoded before, of A at binding 9 and of B, if they are, at 10: the shader then reads no codes of these. */
  readonly decoded?: readonly GPUBuffer[] | undefined;
}

/** An operand as operands.wgsl finds it: buffers, and where things lie in them. */
export type TiledOperand = Pick<
  GpuQuantizedMatrix,
  'codes' | 'scales' | 'rows' | 'wordPitch' | 'scaleCols' | 'granularity'
>;

/** A job whose A may be anything that the shader can read. */
export interface TiledJob extends Omit<GemmJob, 'matrices'> {
  readonly matrices: Omit<GemmMatrices, 'a'> & { readonly a: TiledOperand };
}

/** The dispatches that compute all tiles of D, none with more operations than asked for unless one tile has. */
export function tiledDispatches(tiled: TiledShader, job: TiledJob): Dispatch[] {
  const { shader, tileRows, tileCols, operationsPerProduct, parts = 1, folded, decoded = [] } = tiled;
  const { problem, matrices, operationsPerDispatch, groups } = job;
  const { a, b, c, d } = matrices;
  const steps = Math.ceil(problem.k / stepLength);
  const tilesInRow = Math.ceil(problem.n / tileCols);
  const rowsOfTiles = Math.ceil(problem.m / tileRows);
  const tiles = rowsOfTiles * tilesInRow;
  const allRows = groups?.rowTiles ?? rowsOfTiles;
  const all = allRows * tilesInRow * parts;

  const plan = problem.accumulation?.plan;
  const split = plan && plan.splits.length > 2 ? (plan.splits[1] as number) : problem.k;
  // Without promotion inside K the interval is all of K, and each part of K still ends with one.
  const interval = Math.min(plan?.interval ?? promotionInterval(problem.a, problem.b), split);
  const promotionSteps = Math.ceil(interval / stepLength);
  const partSteps = parts > 1 ? stepsOfPart(problem, parts) : Math.ceil(split / stepLength);

  const operationsPerTile =
    operationsPerProduct * tileRows * tileCols * (parts > 1 ? partSteps : steps) * stepLength;
  const tilesPerDispatch = Math.max(1, Math.floor(operationsPerDispatch / operationsPerTile));
  const none = undefined;
  // A shader that reads codes of one operand can be given no less than both.
  const [aCodes, bCodes] = decoded.length > 1 ? [none, none] : [a.codes, b.codes];
  const [aScales, bScales] = folded ? [none, none] : [a.scales, b.scales];
  const groupRows = problem.grouping?.kind === 'masked' ? problem.grouping.groupRows : 0;
  const output = parts > 1 ? [partialsOf(job), undefined] : [d.buffer, c?.buffer];
  const operands = [aCodes, aScales, bCodes, bScales];
  const buffers = [...operands, ...output, folded, groups?.buffer, ...decoded];

  const dispatches: Dispatch[] = [];
  for (let first = 0; first < all; first += tilesPerDispatch) {
    const end = Math.min(first + tilesPerDispatch, all);
    dispatches.push({
      shader,
      buffers,
      params: [
        ...[steps, promotionSteps, first, end, tilesInRow, d.pitch, partSteps, tiles],
        ...[problem.n, groupRows, problem.k, allRows],
        ...operandParams(a),
        ...operandParams(b),
      ],
      workgroups: grid(end - first),
      operations: (end - first) * operationsPerTile,
    });
  }
  return parts > 1 ? [...dispatches, ...reduceDispatches(job, parts)] : dispatches;
}

/** Elements of K in each part a multiple of this: of every promotion interval, and of every kernel's step. */
const partUnit = 128;

/** Steps of each of `parts` parts of K but the last, which may be shorter. */
function stepsOfPart({ k }: GemmProblem, parts: number): number {
  return Math.ceil(Math.ceil(k / partUnit) / parts) * (partUnit / stepLength);
}

/**
 * The most elements of K that a workgroup adds up where K can be divided, because a dispatch is no shorter than a
 * workgroup: in a tile of 256 x 128 they are 2^34 operations, two thirds of a second on one of eight cores of the GPU
 * that operationsPerSubmission is for.
 */
const longestPart = 2 ** 18;

/**
 * At most `wanted` parts of K, or as many as keep them at longestPart; none of them empty. One where there are groups,
 * whose sums go to D itself. Emulators do not ask: the order in which they add up is defined, through all of K.
 */
export function partsOf(problem: GemmProblem, wanted: number): number {
  const parts = Math.max(wanted, Math.ceil(problem.k / longestPart));
  if (parts <= 1 || problem.grouping) return 1;
  return Math.ceil(problem.k / (stepsOfPart(problem, parts) * stepLength));
}

/** The words of Operand in operands.wgsl. */
export function operandParams({ rows, wordPitch, scaleCols, granularity }: TiledOperand): number[] {
  return [rows, wordPitch, scaleCols, shift(granularity.tileRows), shift(granularity.tileCols), 0, 0, 0];
}

/** The shift that divides by a tile's length, a power of two; 31 where there is one tile. */
function shift(length: number): number {
  return Math.min(Math.log2(length), 31);
}
