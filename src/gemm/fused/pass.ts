/**
 * @file A of values quantised once, in the pass that makes halves for the matrix units: quantize-a.wgsl.
 * So its codes are never written, the halves are, and the kernel for codes multiplies what it always does.
 */

import quantizeAWgsl from '../../../shaders/gemm/fused/quantize-a.wgsl?raw';
import type { NativeArithmetic } from '../../probe/native.js';
import { chunkRows, type HalvesOfA } from '../matrix/decode-pass.js';
import { stagePart } from './kernel.js';
import type { FusedProblem } from './problem.js';

/** Tiles of each row that a workgroup quantises: with eight, each of its threads reads four times 16 values at once. */
const rowTileCounts = [8, 4, 2] as const;
/** Workgroups that fill today's large GPUs. */
const enoughWorkgroups = 256;

/** 1x128 tiles of a row of A. */
export function tilesOfRow({ k, a }: FusedProblem): number {
  return Math.ceil(k / a.granularity.tileCols);
}

/** Bytes of A's scales, an f32 a tile. */
export function scaleBytes(problem: FusedProblem): number {
  return 4 * problem.m * tilesOfRow(problem);
}

/** How A's halves are made of values. */
export function quantizing(problem: FusedProblem, native: NativeArithmetic): HalvesOfA {
  const stage = stagePart(problem, native);
  const tiles = tilesOfRow(problem);
  const blocks = Math.ceil(problem.m / chunkRows);
  const parts = (count: number) => Math.ceil(tiles / count);
  const rowTiles = rowTileCounts.find((count) => blocks * parts(count) >= enoughWorkgroups) ?? 2;
  return {
    name: `${problem.a.format.name} ${stage.name}`,
    files: [...stage.files, quantizeAWgsl],
    constants: { ...stage.constants, A_TILES: tiles, ROW_TILES: rowTiles, TILE_ROWS: chunkRows },
    parts: parts(rowTiles),
    operations: 40,
  };
}
