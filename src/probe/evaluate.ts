/** @file Shaders run on inputs from host memory, and their results back in host memory. */

import type { Gpu } from '../gpu/gpu.js';
import type { Shader } from '../gpu/shader.js';

/** One dispatch: inputs are bindings 1 and up, the result is the one after them. */
export interface Evaluation {
  readonly shader: Shader;
  readonly inputs: readonly ArrayBufferView[];
  readonly resultBytes: number;
  readonly workgroups: number;
}

/**
 * Runs evaluations and gives the bytes of their results.
 * @throws UnsupportedError, OutOfMemoryError, ShaderError or DeviceLostError
 */
export async function evaluateOnGpu(
  gpu: Gpu,
  label: string,
  evaluations: readonly Evaluation[],
): Promise<ArrayBuffer[]> {
  const made: GPUBuffer[] = [];
  try {
    const dispatches = [];
    for (const { shader, inputs, resultBytes, workgroups } of evaluations) {
      const buffers = await gpu.allocate(label, [
        ...inputs.map((data) => () => gpu.upload(`${shader.label}, input`, data)),
        () => gpu.buffer(`${shader.label}, result`, resultBytes),
      ]);
      made.push(...buffers);
      dispatches.push({ shader, buffers, workgroups: [workgroups, 1, 1] as const });
    }
    await gpu.run(label, dispatches);
    return await Promise.all(
      dispatches.map(({ buffers }, i) =>
        gpu.read(buffers.at(-1) as GPUBuffer, (evaluations[i] as Evaluation).resultBytes),
      ),
    );
  } finally {
    for (const buffer of made) buffer.destroy();
  }
}
