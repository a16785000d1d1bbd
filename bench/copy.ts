/** @file Copying from storage to storage: the bandwidth that nothing bound by memory can exceed. */

import copyWgsl from '../shaders/bench/copy.wgsl?raw';
import { type Dispatch, grid } from '../src/gpu/gpu.js';
import type { Shader } from '../src/gpu/shader.js';

/** Bytes a thread copies, and threads in a workgroup: as in copy.wgsl. */
const bytesPerWorkgroup = 16 * 256;

export const copyShader: Shader = { label: 'copy', files: [copyWgsl], constants: {} };

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
