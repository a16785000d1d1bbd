/** @file A pass that makes halves of operands' codes once, scales folded in or not: decode-pass.wgsl. */

import foldScalesWgsl from '../../../shaders/gemm/fold-scales.wgsl?raw';
import decodeAWgsl from '../../../shaders/gemm/matrix/decode-a.wgsl?raw';
import decodeBWgsl from '../../../shaders/gemm/matrix/decode-b.wgsl?raw';
import decodePassWgsl from '../../../shaders/gemm/matrix/decode-pass.wgsl?raw';
import decodedPlaceWgsl from '../../../shaders/gemm/matrix/decoded-place.wgsl?raw';
import foldBWgsl from '../../../shaders/gemm/matrix/fold-b.wgsl?raw';
import onlyAWgsl from '../../../shaders/gemm/matrix/only-a.wgsl?raw';
import rowsUnfoldedWgsl from '../../../shaders/gemm/matrix/rows-unfolded.wgsl?raw';
import { type Dispatch, grid } from '../../gpu/gpu.js';
import type { Machine } from '../../gpu/machine.js';
import type { Shader, ShaderPart } from '../../gpu/shader.js';
import { largestHalfExponent } from '../fold.js';
import { foldRowsPart } from '../fold-pass.js';
import type { GemmProblem } from '../problem.js';
import { halvesPart, operandsPart, placeFiles } from '../shader.js';
import { operandParams, stepLength, type TiledJob } from '../tiled.js';
import { liftedPart } from './lifted.js';
import type { MatrixTiling, SumType } from './tile.js';

/** CHUNK_ROWS of decoded-place.wgsl. */
export const chunkRows = 16;

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

/** Bytes of A's halves and of B's, of those that are made of codes once. */
export function decodedBytes(problem: GemmProblem, tiling: MatrixTiling): number[] {
  const { a, b, k } = decodedShape(problem, tiling);
  return { inline: [], pass: [2 * a * k, 2 * b * k], 'pass-a': [2 * a * k] }[tiling.decode];
}

/** Parts of K of a row of chunks: each makes 32 chunks or more. */
const turnChunks = 32;
/** Each reads all of the row's scales, so that there are few, but enough workgroups to fill a GPU. */
const fewParts = 8;
const enoughWorkgroups = 256;

/** How A's halves are made. */
export interface HalvesOfA extends ShaderPart {
  /** In a shader's label. */
  readonly name: string;
  /** Parts of K that have workgroups of their own. */
  readonly parts: number;
  /** Rough operations for each element. */
  readonly operations: number;
}

const decodingOperations = 8;

/** Out of codes. */
function decoding(problem: GemmProblem, tiling: MatrixTiling): HalvesOfA {
  const parts = partsOfPass(problem, tiling);
  return {
    name: problem.a.format.name,
    files: [decodeAWgsl],
    constants: {},
    parts,
    operations: decodingOperations,
  };
}

function partsOfPass(problem: GemmProblem, tiling: MatrixTiling): number {
  const most = Math.max(fewParts, Math.ceil((enoughWorkgroups * chunkRows) / problem.m));
  return Math.min(most, Math.ceil(rowChunks(problem, tiling) / turnChunks));
}

/** Where the halves go, and what else the pass writes. */
interface PassOutputs {
  /** A's halves and, if B's are made, B's. */
  readonly decoded: readonly GPUBuffer[];
  /**
   * Folded scales, if scales are to be part of the halves: references, and the factors of a B whose codes are read
   * inline.
   */
  readonly folded?: GPUBuffer | undefined;
  /** The scales of an A that is quantised. */
  readonly scales?: GPUBuffer | undefined;
  /** What products of halves without scales are added up in. Default f32. */
  readonly sums?: SumType;
  /** Whether B's halves alone are made; a buffer stands where A's would be written, and is not. Default not. */
  readonly onlyB?: boolean;
}

/**
 * The dispatch that makes halves.
 * @param left how A's are made, where not out of codes
 */
export function decodeDispatch(
  job: Pick<TiledJob, 'problem' | 'machine' | 'tiling' | 'groups'> & {
    readonly matrices: Pick<TiledJob['matrices'], 'a' | 'b'>;
  },
  { decoded, folded, scales, sums = 'f32', onlyB = false }: PassOutputs,
  left?: HalvesOfA,
): Dispatch {
  const { problem, matrices, machine, groups } = job;
  const tiling = job.tiling as MatrixTiling;
  const { a, b } = matrices;
  const { m, n, k, grouping } = problem;
  const steps = Math.ceil(k / stepLength);
  const tileCols = Math.ceil(n / tiling.cols);
  const tiles = Math.ceil(m / tiling.rows) * tileCols;
  const groupRows = grouping?.kind === 'masked' ? grouping.groupRows : 0;
  const shape = decodedShape(problem, tiling, groups?.rowTiles ?? Math.ceil(m / tiling.rows));
  const aBlocks = onlyB ? 0 : shape.a / chunkRows;
  const bBlocks = decoded.length > 1 ? shape.b / chunkRows : 0;
  const ofA = left ?? decoding(problem, tiling);
  const makingWorkgroups = aBlocks * ofA.parts + bBlocks * partsOfPass(problem, tiling);
  const foldingWorkgroups = folded && decoded.length === 1 ? matrices.b.scaleRows : 0;
  const folding = folded ? [a.scales, b.scales] : [undefined, undefined];
  const none = undefined;
  return {
    shader: decodeShader(problem, tiling, machine, { folds: folded !== undefined, sums }, ofA),
    buffers: [
      a.codes,
      folding[0],
      b.codes,
      folding[1],
      none,
      none,
      folded ?? scales,
      groups?.buffer,
      ...decoded,
    ],
    params: [
      ...[steps, 0, aBlocks, aBlocks + bBlocks, tileCols, 0, steps, tiles],
      ...[n, groupRows, k, 0],
      ...operandParams(a),
      ...operandParams(b),
    ],
    workgroups: grid(makingWorkgroups + foldingWorkgroups),
    operations: (aBlocks * ofA.operations + bBlocks * decodingOperations) * chunkRows * shape.k,
  };
}

/** rows-unfolded.wgsl with what it needs. */
function unfoldedRowsPart(problem: GemmProblem, sums: SumType): ShaderPart {
  const lifted = liftedPart(problem, sums);
  return { files: [...lifted.files, rowsUnfoldedWgsl], constants: lifted.constants };
}

/** What halves are for. */
interface HalvesUse {
  /** Whether scales are folded into them. Default not. */
  readonly folds?: boolean;
  /** As in PassOutputs. */
  readonly sums?: SumType;
}

export function decodeShader(
  problem: GemmProblem,
  tiling: MatrixTiling,
  machine: Pick<Machine, 'unpacksSubnormals'>,
  { folds = false, sums = 'f32' }: HalvesUse = {},
  left = decoding(problem, tiling),
): Shader {
  const { a, b, grouping } = problem;
  const { scaling, rows, cols, decode } = tiling;
  const operands = operandsPart(a, b);
  const halves = halvesPart(scaling, machine.unpacksSubnormals);
  const fold = folds ? foldRowsPart(problem, largestHalfExponent) : unfoldedRowsPart(problem, sums);
  const ofB = decode === 'pass' ? [decodeBWgsl] : folds ? [foldScalesWgsl, foldBWgsl] : [onlyAWgsl];
  const what = decode === 'pass' ? `${left.name} and ${b.format.name}` : left.name;
  return {
    label: `gemm decode ${what}${folds ? '' : ' unscaled'}`,
    files: [
      ...operands.files,
      ...halves.files,
      ...fold.files,
      ...placeFiles(grouping),
      decodedPlaceWgsl,
      decodePassWgsl,
      ...left.files,
      ...ofB,
    ],
    constants: {
      ...operands.constants,
      ...halves.constants,
      ...fold.constants,
      ROW_CHUNKS: rowChunks(problem, tiling),
      PARTS: partsOfPass(problem, tiling),
      TILE_ROWS: rows,
      TILE_COLS: cols,
      GROUPED: grouping !== undefined,
      ...left.constants,
    },
    enables: scaling === 'f16' ? ['f16'] : [],
  };
}
