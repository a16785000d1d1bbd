/** @file The fast kernel with the bits of a matrix instruction: shaders/gemm/emulated/emulated.wgsl. */

import emulatedWgsl from '../../../shaders/gemm/emulated/emulated.wgsl?raw';
import emulatedTileWgsl from '../../../shaders/gemm/emulated/emulated-tile.wgsl?raw';
import outputsWgsl from '../../../shaders/gemm/emulated/outputs4x8.wgsl?raw';
import { alignedObstacle, alignedPart } from '../../accumulate/shader.js';
import { width } from '../../format/format.js';
import type { Shader } from '../../gpu/shader.js';
import type { Emulator } from '../kernel.js';
import type { Accumulation, GemmProblem } from '../problem.js';
import { epiloguePart, strictOperandsPart, wholePlaceFiles } from '../shader.js';
import { tiledDispatches } from '../tiled.js';
import { redoDispatches, redoRows } from './stepwise.js';
import { emulatedVariants } from './variants.js';

/** Tiles of D, the fastest first; the last one fits WebGPU's default limits. */
const tiles = [
  { rows: 64, cols: 64 },
  { rows: 64, cols: 32 },
  { rows: 16, cols: 16 },
] as const;
type Tile = (typeof tiles)[number];
const smallest: Tile = tiles[2];

/** What a tile takes, as emulated.wgsl says. */
function workgroupBytes({ rows, cols }: Tile): number {
  return 4 * 32 * (rows + cols) + 2 * 256 * 4 + 16;
}

export const emulated: Emulator = {
  name: 'emulated',
  summary: "a matrix instruction's bits from exact f32 arithmetic, tiles of up to 64 x 64",
  features: [],
  limits: {
    maxComputeWorkgroupStorageSize: workgroupBytes(smallest),
    // Even WebGPU's least, 256, is enough for the 128 of the largest tile.
    maxComputeInvocationsPerWorkgroup: 128,
  },
  grouped: true,
  redoRows,

  unfit({ a, b, accumulation }) {
    if (!accumulation) return 'it emulates an accumulator, and none was asked for';
    if (!accumulation.native.add || !accumulation.native.multiply)
      return "it needs f32 sums and products rounded to nearest, and this adapter's are not";
    if (accumulation.addendIn === 'accumulator') return 'its sums start from zero';
    for (const { format } of [a, b])
      if (width(format) > 8 || format.signBits === 0)
        return `it multiplies codes of 8 bits or less, not ${format.name}`;
    return alignedObstacle(accumulation.plan.profile, a.format, b.format);
  },

  tilings(_, { limits }) {
    return tiles.filter((tile) => workgroupBytes(tile) <= limits.maxComputeWorkgroupStorageSize);
  },

  dispatches(job) {
    const tile = job.tiling as Tile;
    const shader = emulatedShader(job.problem, tile);
    const tiled = { shader, tileRows: tile.rows, tileCols: tile.cols, operationsPerProduct: 10 };
    return [...tiledDispatches(tiled, job), ...redoDispatches(job)];
  },

  variants() {
    return emulatedVariants((problem) => emulated.unfit(problem) === undefined).map((problem) =>
      emulatedShader(problem, smallest),
    );
  },
};

function emulatedShader(problem: GemmProblem, { rows, cols }: Tile): Shader {
  const { a, b, c, out, grouping } = problem;
  const { plan, native } = problem.accumulation as Accumulation;
  const operands = strictOperandsPart(a, b);
  const sums = alignedPart(plan, a.format, b.format, native);
  const epilogue = epiloguePart(c, out);
  return {
    label: `gemm emulated ${plan.profile.name} ${a.format.name} x ${b.format.name} to ${out}`,
    files: [
      ...[...operands.files, ...wholePlaceFiles(grouping), ...sums.files, outputsWgsl],
      ...[...epilogue.files, emulatedTileWgsl, emulatedWgsl],
    ],
    constants: {
      ...operands.constants,
      ...sums.constants,
      ...epilogue.constants,
      TILE_ROWS: rows,
      TILE_COLS: cols,
      SPLIT: plan.splits.length > 2,
    },
  };
}
