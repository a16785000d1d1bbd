/** @file Copying from storage to storage: the bandwidth that nothing bound by memory can exceed. */

import copyWgsl from '../shaders/bench/copy.wgsl?raw';
import { type Dispatch, type Gpu, grid } from '../src/gpu/gpu.js';
import type { Shader } from '../src/gpu/shader.js';
import { GpuMatrix } from '../src/gpu-matrix.js';
import type { CopyCase } from './cases.js';
import { randomOnGpu } from './random.js';
import { readBand, sampleBands } from './sample.js';
import { makeSets, owning, setCount, type Workload } from './workload.js';

/** Bytes a thread copies, and threads in a workgroup: as in copy.wgsl. */
const bytesPerWorkgroup = 16 * 256;

export const copyShader: Shader = { label: 'copy', files: [copyWgsl], constants: {} };

/** Elements of a row of the matrices whose buffers are copied. */
const rowLength = 1024;

/** Copies the first `bytes`, a multiple of 16, of one buffer to another. */
export function copyDispatch(source: GPUBuffer, destination: GPUBuffer, bytes: number): Dispatch {
  return {
    shader: copyShader,
    buffers: [source, destination],
    params: [bytes / 16],
    workgroups: grid(Math.ceil(bytes / bytesPerWorkgroup)),
    // A GPU that manages 0.2 TFLOP/s moves some 20 GB/s.
    operations: bytes * 10,
  };
}

/**
 * Copies of random data, a matrix at a time.
 * @throws OutOfMemoryError, UnsupportedError if a buffer would be too large
 */
export async function copyWorkload(gpu: Gpu, { bytes }: CopyCase, seed: number): Promise<Workload> {
  const rows = bytes / (4 * rowLength);
  const sets = await makeSets(gpu, setCount(gpu, 2 * bytes), (index) =>
    owning(async (owned) => {
      const source = await randomOnGpu(gpu, rows, rowLength, seed + index);
      owned.push(source);
      const destination = await gpu.guard('making room for a copy', async () =>
        GpuMatrix.create(gpu, rows, rowLength, 'f32', 'copy'),
      );
      owned.push(destination);
      return { source, destination, dispatches: [copyDispatch(source.buffer, destination.buffer, bytes)] };
    }),
  );
  return {
    rotation: sets.rotation,
    async check() {
      const { source, destination, dispatches } = sets.first;
      await gpu.run('copying', dispatches);
      const bands = sampleBands(rows, 64, seed);
      for (const band of bands) {
        const [wanted, actual] = [await readBand(gpu, source, band), await readBand(gpu, destination, band)];
        const wrong = actual.data.findIndex((value, i) => value !== wanted.data[i]);
        if (wrong >= 0) return { failure: `word ${band.first * rowLength + wrong} was not copied` };
      }
      return {};
    },
    dispose: sets.dispose,
  };
}
