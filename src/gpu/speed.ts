/**
 * @file How much an adapter may be given to do at once. Operating systems reset a GPU whose work takes seconds, so work
 * is divided; but each part costs a tail of idle cores and a pause, which on a fast GPU is most of the time.
 */

import spinWgsl from '../../shaders/gpu/spin.wgsl?raw';
import { type Dispatch, operationsPerSubmission } from './dispatch.js';
import type { Gpu } from './gpu.js';
import type { Shader } from './shader.js';

const rounds = 256;
/** Operations of a workgroup of spin.wgsl: 64 threads, eight multiply-adds a round. */
const operationsPerWorkgroup = rounds * 64 * 8 * 2;

export const spinShader: Shader = {
  label: 'speed',
  files: [spinWgsl],
  constants: { ROUNDS: rounds },
};

/** Milliseconds of work that stand out from the time it takes to submit it. */
const enough = 4;
/** Operations of the first trial and of the largest: a millisecond of a weak GPU's, and of a fast one's. */
const first = 2 ** 27;
const largest = 2 ** 36;
/**
 * Seconds that one dispatch may take at that speed, of which kernels reach a part: a browser draws with the same GPU,
 * and cannot in between.
 */
const turn = 1 / 30;
/** The most operations of one dispatch, however fast the GPU. */
const most = 2 ** 42;

/**
 * The most operations of one dispatch: what this adapter does in a thirtieth of a second, as far as a few milliseconds'
 * trial shows, and no less than operationsPerSubmission, which the weakest do in a third of a second.
 */
export async function operationsPerDispatch(gpu: Gpu): Promise<number> {
  if (gpu.adapter.kind !== 'hardware') return operationsPerSubmission;
  const [results] = await gpu.allocate('measuring speed', [() => gpu.buffer('speed', 16)]);
  try {
    await timed(gpu, results as GPUBuffer, first);
    let operations = first;
    let milliseconds = await timed(gpu, results as GPUBuffer, operations);
    while (milliseconds < enough && operations < largest) {
      operations *= 8;
      milliseconds = await timed(gpu, results as GPUBuffer, operations);
    }
    // A clock that is too coarse, as browsers may have it, tells nothing.
    if (milliseconds === 0) return operationsPerSubmission;
    const perSecond = (operations / milliseconds) * 1e3;
    return Math.min(Math.max(perSecond * turn, operationsPerSubmission), most);
  } finally {
    results?.destroy();
  }
}

/** Milliseconds from submission to completion of so many operations. */
async function timed(gpu: Gpu, results: GPUBuffer, operations: number): Promise<number> {
  const workgroups = Math.ceil(operations / operationsPerWorkgroup);
  const side = Math.ceil(Math.sqrt(workgroups));
  const dispatch: Dispatch = {
    shader: spinShader,
    buffers: [results],
    workgroups: [side, side, 1],
    operations,
  };
  const start = performance.now();
  await gpu.run('measuring speed', [dispatch]);
  await gpu.idle();
  return performance.now() - start;
}
