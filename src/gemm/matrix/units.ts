/** @file What the matrix kernels share: the shape of the matrix units, formats and their shader's parts. */

import bandF16Wgsl from '../../../shaders/gemm/matrix/band-f16.wgsl?raw';
import bandF32Wgsl from '../../../shaders/gemm/matrix/band-f32.wgsl?raw';
import chunkRowsWgsl from '../../../shaders/gemm/matrix/chunk-rows.wgsl?raw';
import codeRowsWgsl from '../../../shaders/gemm/matrix/code-rows.wgsl?raw';
import decodedPlaceWgsl from '../../../shaders/gemm/matrix/decoded-place.wgsl?raw';
import fetchColumnsWgsl from '../../../shaders/gemm/matrix/fetch-columns.wgsl?raw';
import matrixCodesWgsl from '../../../shaders/gemm/matrix/matrix-codes.wgsl?raw';
import matrixDecodedWgsl from '../../../shaders/gemm/matrix/matrix-decoded.wgsl?raw';
import matrixFillF16Wgsl from '../../../shaders/gemm/matrix/matrix-fill-f16.wgsl?raw';
import matrixFillF32Wgsl from '../../../shaders/gemm/matrix/matrix-fill-f32.wgsl?raw';
import matrixMixedWgsl from '../../../shaders/gemm/matrix/matrix-mixed.wgsl?raw';
import matrixSumsWgsl from '../../../shaders/gemm/matrix/matrix-sums.wgsl?raw';
import matrixTileWgsl from '../../../shaders/gemm/matrix/matrix-tile.wgsl?raw';
import matrixUnitWgsl from '../../../shaders/gemm/matrix/matrix-unit.wgsl?raw';
import orderPanelsWgsl from '../../../shaders/gemm/matrix/order-panels.wgsl?raw';
import type { Machine, MatrixConfig } from '../../gpu/machine.js';
import { Alias, type ShaderPart } from '../../gpu/shader.js';
import { isHalf } from '../folding.js';
import { portable } from '../portable.js';
import { type GemmProblem, longestInterval, promotionInterval } from '../problem.js';
import { fetchRowPart, halvesPart, mayPassEnd, operandsPart, placeFiles } from '../shader.js';
import { stepLength } from '../tiled.js';
import { rowChunks } from './decode-pass.js';
import { type MatrixTiling, type SumType, threadsOf } from './tile.js';

/** Features of every matrix kernel: their tiles hold halves as bits, so that f16 is the units' own matter. */
export const matrixFeatures = ['chromium-experimental-subgroup-matrix', 'subgroups', 'shader-f16'] as const;

/**
 * As in TiledShader. Where there are matrix units they multiply at least sixteen times as fast as the weak GPUs that
 * dispatches are divided for, and each part costs a tail of idle cores and a pause.
 */
export const operationsPerProduct = 2 / 16;

/** The shape of matrix units to take, the largest that adds up in `sums`: of f16 operands, or else of f32 ones. */
export function matrixConfig({ matrixConfigs }: Machine, sums: SumType = 'f32'): MatrixConfig | undefined {
  const size = ({ M, N, K }: MatrixConfig) => M * N * K;
  const largest = (component: string) =>
    matrixConfigs
      .filter(
        ({ componentType, resultComponentType: result }) => componentType === component && result === sums,
      )
      .sort((a, b) => size(b) - size(a))[0];
  return largest('f16') ?? largest('f32');
}

/** What is missing of the matrix units. */
export function lacksMatrixUnits(machine: Machine, sums: SumType = 'f32'): string | undefined {
  if (matrixConfig(machine, sums)) return undefined;
  const offered = machine.matrixConfigs.map(
    ({ M, N, K, componentType, resultComponentType }) =>
      `${componentType} to ${resultComponentType} ${M}x${N}x${K}`,
  );
  const products = sums === 'f32' ? 'f16 or f32 products' : 'f16 products';
  return `it needs matrix units that add ${products} up in ${sums}; the adapter offers ${offered.join(', ') || 'none'}`;
}

/** Why matrix units cannot multiply a problem's codes. */
export function unfitMatrix(problem: GemmProblem): string | undefined {
  const reason = portable.unfit(problem);
  if (reason !== undefined) return reason;
  const wide = [problem.a.format, problem.b.format].find((format) => !isHalf(format));
  return wide && `it multiplies codes whose values are halves, which those of ${wide.name} are not all`;
}

/** Why scales cannot be folded into a problem's values, which matrix units or f16 arithmetic then multiply. */
export function unfitFolded(problem: GemmProblem): string | undefined {
  if (problem.grouping?.kind === 'k')
    return "it takes scales relative to a row's largest, and groups along K share none";
  return unfitMatrix(problem);
}

/**
 * The arithmetic in which a problem's values may meet their scales: packed f16 only where the adapter's was seen to
 * keep subnormals, and for four bits of exponent, whose factors stay clear of a half's limits (2^4 to 2^15 at the top).
 */
export function scalings({ a, b }: GemmProblem, machine: Machine): readonly ('f32' | 'f16')[] {
  const packed = machine.multipliesSubnormals && [a, b].every(({ format }) => format.exponentBits === 4);
  return packed ? ['f32', 'f16'] : ['f32'];
}

/**
 * matrix-tile.wgsl with all that it needs, and the constants of this tiling on this machine.
 * @param options as for matrixTilings()
 */
export function matrixPart(
  problem: GemmProblem,
  tiling: MatrixTiling,
  machine: Machine,
  { staged = false, sums = 'f32' }: { readonly staged?: boolean; readonly sums?: SumType } = {},
): ShaderPart {
  const { a, b, grouping } = problem;
  const config = matrixConfig(machine, sums) as MatrixConfig;
  const { M, N, K, componentType } = config;
  const operands = operandsPart(a, b);
  const halves = halvesPart(tiling.scaling, machine.unpacksSubnormals);
  const fetch = fetchRowPart(mayPassEnd(problem, tiling.depth));
  const fill = componentType === 'f16' ? matrixFillF16Wgsl : matrixFillF32Wgsl;
  const { decode } = tiling;
  const inPairs = comesInPairs(problem, tiling, machine);
  const codes =
    decode === 'pass' ? [] : [...halves.files, ...fetch.files, fetchColumnsWgsl, codeRowsWgsl, fill];
  const decoded = decode === 'inline' ? [] : [decodedPlaceWgsl, chunkRowsWgsl];
  const main =
    decode === 'inline' ? matrixCodesWgsl : decode === 'pass' ? matrixDecodedWgsl : matrixMixedWgsl;
  return {
    files: [
      ...operands.files,
      ...placeFiles(grouping, orderPanelsWgsl),
      matrixUnitWgsl,
      matrixSumsWgsl,
      matrixTileWgsl,
      sums === 'f32' ? bandF32Wgsl : bandF16Wgsl,
      ...codes,
      ...decoded,
      main,
    ],
    constants: {
      ...operands.constants,
      ...(decode === 'pass'
        ? { TAIL: grouping?.kind === 'k' }
        : {
            ...halves.constants,
            ...fetch.constants,
            ONE_FACTOR: hasOneFactor(problem, tiling.cols, inPairs ? 2 * tiling.depth : tiling.depth),
          }),
      TILE_ROWS: tiling.rows,
      TILE_COLS: tiling.cols,
      UNIT_ROWS: tiling.unitRows,
      UNIT_COLS: tiling.unitCols,
      DEPTH: tiling.depth,
      SUBGROUP_SIZE: machine.subgroupMaxSize,
      ...(decode === 'inline' ? {} : { ROW_CHUNKS: rowChunks(problem, tiling) }),
      A_STAGED: staged,
      STEPS_AT_ONCE: inPairs ? 1 : stepsAtOnce(problem, tiling, staged),
      IN_PAIRS: inPairs,
      K_SUBGROUPS: tiling.kSubgroups ?? 1,
      Component: new Alias(componentType),
      Sum: new Alias(sums),
      MATRIX_M: M,
      MATRIX_N: N,
      MATRIX_K: K,
    },
  };
}

/** Whether B's scale is one in so many columns of a tile and elements of K, wherever these begin. */
function hasOneFactor({ b }: GemmProblem, cols: number, depth: number): boolean {
  const { tileRows, tileCols } = b.granularity;
  return [tileRows / cols, tileCols / depth].every((times) => times === Infinity || Number.isInteger(times));
}

/**
 * Several, where K, each part of it and each promotion interval are multiples of so many steps: four, or where A is
 * staged all that it is staged for, so that a step's number among these is known.
 */
function stepsAtOnce(problem: GemmProblem, { depth }: MatrixTiling, staged: boolean): number {
  const several = staged ? longestInterval / depth : 4;
  return comeInMultiples(problem, several * depth) ? several : 1;
}

/** Rows of the tiles in which a step brings so little that two are brought together: by measurement. */
const fewRows = 16;
/** Units that a thread brings to two steps: what matrix-tile.wgsl has names for. */
const mostUnitsOfPair = 10;

/** IN_PAIRS of matrix-tile.wgsl: a pair is an interval. The same whether A is staged, so that its bits are. */
function comesInPairs(
  problem: GemmProblem,
  { rows, cols, depth, decode, ...tiling }: MatrixTiling,
  machine: Pick<Machine, 'subgroupMaxSize'>,
): boolean {
  const pair = 2 * depth;
  if (decode !== 'inline' || rows > fewRows || pair !== longestInterval) return false;
  const threads = threadsOf({ rows, cols, depth, ...tiling }, machine);
  const units = ((rows + cols) * pair) / stepLength;
  return units <= mostUnitsOfPair * threads && comeInMultiples(problem, pair);
}

/** Whether K, and so each part of it, and each promotion interval are multiples of so many elements. */
function comeInMultiples({ a, b, k, grouping }: GemmProblem, elements: number): boolean {
  if (grouping?.kind === 'k') return false;
  return [k, promotionInterval(a, b)].every((length) => length % elements === 0);
}

/** WGSL extensions of a matrix kernel's shader. */
export const matrixEnables = ['f16', 'subgroups', 'chromium_experimental_subgroup_matrix'] as const;
