/** @file `portable` with an A of values: shaders/gemm/fused/fused.wgsl. */

import fusedWgsl from '../../../shaders/gemm/fused/fused.wgsl?raw';
import type { Machine } from '../../gpu/machine.js';
import type { Shader } from '../../gpu/shader.js';
import type { NativeArithmetic } from '../../probe/native.js';
import { partialsBytes } from '../parts.js';
import {
  orderedTilings,
  type PortableTiling,
  portable,
  portableShader,
  threads,
  tileBytes,
} from '../portable.js';
import { type FusedKernel, sample, stagedDispatches, stagePart, stageVariants } from './kernel.js';
import type { FusedProblem } from './problem.js';

/** Wide ones first: a tile of A is quantised once for each column of tiles. */
const tiles = [
  { rows: 128, cols: 128, depth: 16, threadRows: 8 },
  { rows: 64, cols: 128, depth: 16, threadRows: 8 },
  { rows: 32, cols: 128, depth: 16, threadRows: 8 },
  { rows: 32, cols: 64, depth: 16, threadRows: 8 },
] as const;

export const fusedPortable: FusedKernel = {
  kernel: portable,
  pays: () => false,
  unfit: (problem) => portable.unfit(problem),

  tilings(problem, { limits }) {
    const fitting = tiles.filter(
      (tile) =>
        tileBytes(tile) + 128 * (tile.rows + 1) + 20 * tile.rows <= limits.maxComputeWorkgroupStorageSize &&
        threads(tile) <= limits.maxComputeInvocationsPerWorkgroup,
    );
    return orderedTilings(problem, fitting);
  },

  scratchBytes: (problem, tiling) => partialsBytes(problem, (tiling as PortableTiling).parts),

  dispatches(job) {
    const { problem, machine, native } = job;
    const tiling = job.tiling as PortableTiling;
    const { rows: tileRows, cols: tileCols, parts } = tiling;
    const shader = fusedShader(problem, tiling, machine, native);
    return stagedDispatches({ shader, tileRows, tileCols, operationsPerProduct: 4, parts }, job);
  },

  variants() {
    const keeps = { unpacksSubnormals: true };
    const [tile] = tiles.filter(({ rows }) => rows === 32);
    const whole = { ...(tile as (typeof tiles)[number]), parts: 1 };
    const narrow = { rows: 32, cols: 64, depth: 16, threadRows: 8, parts: 2 } as const;
    return [
      ...stageVariants((problem, native) => fusedShader(problem, whole, keeps, native)),
      fusedShader(sample.problem, narrow, keeps, sample.native),
    ];
  },
};

function fusedShader(
  problem: FusedProblem,
  tiling: PortableTiling,
  machine: Pick<Machine, 'unpacksSubnormals'>,
  native: NativeArithmetic,
): Shader {
  const stage = stagePart(problem, native);
  return portableShader(problem, tiling, machine, { ...stage, files: [...stage.files, fusedWgsl] });
}
