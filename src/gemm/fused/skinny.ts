/** @file `skinny` with an A of values: shaders/gemm/fused/skinny-fused.wgsl. */

import octetWgsl from '../../../shaders/format/octet.wgsl?raw';
import skinnyFusedWgsl from '../../../shaders/gemm/fused/skinny-fused.wgsl?raw';
import type { Machine } from '../../gpu/machine.js';
import type { Shader } from '../../gpu/shader.js';
import type { NativeArithmetic } from '../../probe/native.js';
import { partialsBytes } from '../parts.js';
import {
  decodesByHalves,
  paddedRows,
  type Size,
  type SkinnyTiling,
  sizes,
  skinny,
  skinnyShader,
  skinnyTile,
  skinnyTilings,
  tileSegments,
} from '../skinny.js';
import { stepLength } from '../tiled.js';
import { type FusedKernel, sample, stagedDispatches, stagePart, stageVariants } from './kernel.js';
import type { FusedProblem } from './problem.js';

/** Numbers of rows for which small workgroups were measured to be faster: docs/performance.md. */
const rowsForSmall: readonly number[] = [3, 4];
const isSmall = ({ threads, lanes }: Size) => threads === 128 && lanes === 32;
const smallFirst = [...sizes.filter(isSmall), ...sizes.filter((size) => !isSmall(size))];

const longK = 8192;

export const fusedSkinny: FusedKernel = {
  kernel: skinny,
  // From so long a K on, skinny reads codes of one or two rows faster, directly.
  pays: ({ m, k }) => m === 3 || (m < 3 && k < longK),
  unfit: (problem) => skinny.unfit(problem),

  tilings(problem, { limits }) {
    const ordered = rowsForSmall.includes(problem.m) ? smallFirst : sizes;
    return skinnyTilings(problem, { limits }, ordered).filter(
      (tiling) => workgroupBytes(problem, tiling) <= limits.maxComputeWorkgroupStorageSize,
    );
  },

  scratchBytes: (problem, tiling) => partialsBytes(problem, (tiling as SkinnyTiling).parts),

  dispatches(job) {
    const { problem, machine, native } = job;
    const size = job.tiling as SkinnyTiling;
    const shader = fusedShader(problem, size, machine, native);
    // Beside products, as many operations again for quantising.
    return stagedDispatches({ shader, ...skinnyTile(problem, size), operationsPerProduct: 16 }, job);
  },

  variants() {
    const one = { ...sample.problem, m: 1 };
    const whole = { way: 'staged', ...sizes[0], parts: 1 } as const;
    const { native } = sample;
    const keeps = { unpacksSubnormals: true };
    return [
      ...stageVariants((problem, arithmetic) => fusedShader({ ...problem, m: 1 }, whole, keeps, arithmetic)),
      fusedShader(one, whole, { unpacksSubnormals: false }, native),
      ...[1, 2, 4, 8].flatMap((m) =>
        // Dawn's null backend, which compiles these, has no more than the default limit.
        sizes
          .map((size) => ({ ...whole, ...size, parts: 2 }))
          .filter((size) => workgroupBytes({ ...one, m }, size) <= 16384)
          .map((size) => fusedShader({ ...one, m }, size, keeps, native)),
      ),
    ];
  },
};

/** TILE_SEGMENTS of the shader: half as many as for an A of codes, where each lane then has one. */
function segments({ m }: FusedProblem, { lanes }: SkinnyTiling): number {
  return Math.max(tileSegments / 2, lanes * paddedRows(m));
}

/** Of A's values, and of the largest magnitude, the factor and the scale of each 1x128 tile. */
function workgroupBytes(problem: FusedProblem, tiling: SkinnyTiling): number {
  const elements = segments(problem, tiling) * stepLength;
  return 4 * elements + 20 * (elements / problem.a.granularity.tileCols);
}

function fusedShader(
  problem: FusedProblem,
  tiling: SkinnyTiling,
  machine: Pick<Machine, 'unpacksSubnormals'>,
  native: NativeArithmetic,
): Shader {
  const stage = stagePart(problem, native);
  return skinnyShader(problem, tiling, decodesByHalves(problem.b, machine), {
    name: `skinny ${stage.name}`,
    files: [...stage.files, octetWgsl, skinnyFusedWgsl],
    constants: {
      ...stage.constants,
      TILE_SEGMENTS: segments(problem, tiling),
      A_HALVES: decodesByHalves(problem.a, machine),
    },
  });
}
