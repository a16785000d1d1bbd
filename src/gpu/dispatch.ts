/** @file What runs on a device: a shader over a grid of workgroups, and how much of it is submitted at once. */

import type { Shader } from './shader.js';

/**
 * One shader run over a grid of workgroups. Binding 0 holds `params`, bindings 1 and up the buffers; undefined
 * leaves a binding out.
 */
export interface Dispatch {
  readonly shader: Shader;
  readonly buffers: readonly (GPUBuffer | undefined)[];
  /** Words of the uniform `params` struct. Left out if the shader has none. */
  readonly params?: readonly number[] | undefined;
  readonly workgroups: readonly [number, number, number];
  /**
   * Rough count of arithmetic operations. Dispatches are submitted together up to a limit, so that no
   * submission runs long enough for an operating system to reset the GPU.
   */
  readonly operations?: number;
}

/** A dispatch whose pipeline and bindings exist, ready to be recorded any number of times. */
export interface PreparedDispatch {
  readonly pipeline: GPUComputePipeline;
  readonly bindings: GPUBindGroup;
  readonly workgroups: readonly [number, number, number];
  readonly operations: number;
}

/** Dispatches ready to run, and the uniform buffers that are theirs. */
export interface Prepared {
  readonly dispatches: readonly PreparedDispatch[];
  destroy(): void;
}

/**
 * Operations in one submission: a weak integrated GPU (0.2 TFLOP/s) is done in a third of a second, where
 * Windows resets after two.
 */
export const operationsPerSubmission = 2 ** 36;

/** Dispatches in their order, in groups that stay under the limit of one submission. */
export function submissions(dispatches: readonly PreparedDispatch[]): PreparedDispatch[][] {
  const groups: PreparedDispatch[][] = [];
  let operations = Infinity;
  for (const dispatch of dispatches) {
    if (operations + dispatch.operations > operationsPerSubmission) {
      groups.push([]);
      operations = 0;
    }
    groups.at(-1)?.push(dispatch);
    operations += dispatch.operations;
  }
  return groups;
}

/** Records one prepared dispatch into a pass. */
export function record(pass: GPUComputePassEncoder, dispatch: PreparedDispatch): void {
  pass.setPipeline(dispatch.pipeline);
  pass.setBindGroup(0, dispatch.bindings);
  pass.dispatchWorkgroups(...dispatch.workgroups);
}

/**
 * A grid for `count` workgroups in a row, folded into two dimensions where one is too short. The shader's
 * index is `workgroup_id.x + workgroup_id.y * num_workgroups.x`, and may reach beyond `count`.
 */
export function grid(count: number, limit = 65535): [number, number, number] {
  if (count <= limit) return [count, 1, 1];
  const rows = Math.ceil(count / limit);
  return [Math.ceil(count / rows), rows, 1];
}
