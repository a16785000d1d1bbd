/** @file Fresh random matrices on the GPU: large benchmarks never wait for the CPU, and never multiply zeros. */

import randomWgsl from '../shaders/bench/random.wgsl?raw';
import wordsWgsl from '../shaders/bench/words.wgsl?raw';
import { outlierChannels, type Distribution as SampleDistribution } from '../src/experiment/data.js';
import { type Gpu, grid } from '../src/gpu/gpu.js';
import { Expression, type Shader } from '../src/gpu/shader.js';
import { GpuMatrix } from '../src/gpu-matrix.js';
import type { Distribution as BaseDistribution } from '../src/verify/random.js';

/** Those of src/verify/random.ts and of src/experiment/data.ts. */
export type Distribution = BaseDistribution | SampleDistribution;

/** Threads in a workgroup, as in random.wgsl. */
const threads = 64;

const distributionConstant: Record<Distribution, number> = {
  normal: 0,
  uniform: 1,
  outliers: 2,
  'log-normal': 3,
  'outlier-channels': 4,
};

/** The shader that fills a buffer with random f32 values. */
export function randomShader(distribution: Distribution): Shader {
  return {
    label: `random ${distribution}`,
    files: [wordsWgsl, randomWgsl],
    constants: {
      DISTRIBUTION: distributionConstant[distribution],
      CHANNEL_EVERY: outlierChannels.every,
      CHANNEL_AT: outlierChannels.at,
      CHANNEL_SCALE: new Expression(`${outlierChannels.strength}f`),
    },
  };
}

/**
 * A random f32 matrix on the GPU, the padding of its rows random as well. Value i of the buffer is value i of
 * the stream that src/verify/random.ts makes from the same seed. Outlier channels are in every matrix asked for
 * with them: an operand of weights is asked for without.
 */
export async function randomOnGpu(
  gpu: Gpu,
  rows: number,
  cols: number,
  seed: number,
  distribution: Distribution = 'normal',
): Promise<GpuMatrix> {
  const result = await gpu.guard('making room for random values', async () =>
    GpuMatrix.create(gpu, rows, cols, 'f32', 'random'),
  );
  const count = rows * result.pitch;
  try {
    await gpu.run('making random values', [
      {
        shader: randomShader(distribution),
        buffers: [result.buffer],
        params: [count, seed, result.pitch],
        workgroups: grid(Math.ceil(count / threads)),
        operations: count * 64,
      },
    ]);
    return result;
  } catch (error) {
    result.dispose();
    throw error;
  }
}
