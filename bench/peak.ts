/** @file Multiply-adds in f32 and nothing else: the arithmetic that nothing outside matrix units can exceed. */

import peakWgsl from '../shaders/bench/peak.wgsl?raw';
import { type Dispatch, type Gpu, grid } from '../src/gpu/gpu.js';
import type { Shader } from '../src/gpu/shader.js';
import type { PeakCase } from './cases.js';
import { makeSets, owning, type Workload } from './workload.js';

/** Threads in a workgroup, chains a thread, and multiply-adds of a chain in a round: as in peak.wgsl. */
const threads = 256;
const chains = 16;
const perRound = 4;

/** Rounds of a thread: with 4096 multiply-adds a chain, the store at its end is nothing beside them. */
const rounds = 1024;

/** Operations of a workgroup: a multiply-add counts as two. */
const operationsPerWorkgroup = 2 * threads * chains * perRound * rounds;

export const peakShader: Shader = { label: 'peak', files: [peakWgsl], constants: {} };

/** f32 bits of 1. */
const one = 0x3f800000;

/** Multiply-adds that store to `results`, 16 bytes a thread. */
function peakDispatch(results: GPUBuffer, workgroups: number): Dispatch {
  return {
    shader: peakShader,
    buffers: [results],
    params: [workgroups * threads, rounds, one, one],
    workgroups: grid(workgroups),
    operations: workgroups * operationsPerWorkgroup,
  };
}

/** Workgroups for about `operations` operations, at least one. */
function workgroupsFor(operations: number): number {
  return Math.max(1, Math.round(operations / operationsPerWorkgroup));
}

/** What a case does, in whole workgroups. */
export function peakOperations({ operations }: PeakCase): number {
  return workgroupsFor(operations) * operationsPerWorkgroup;
}

/**
 * Chains of multiply-adds whose results are known.
 * @throws OutOfMemoryError, UnsupportedError if the buffer would be too large
 */
export async function peakWorkload(gpu: Gpu, { operations }: PeakCase): Promise<Workload> {
  const workgroups = workgroupsFor(operations);
  const bytes = 16 * threads * workgroups;
  const sets = await makeSets(gpu, 2, () =>
    owning(async (owned) => {
      const [results] = await gpu.allocate('making room for the peak', [() => gpu.buffer('peak', bytes)]);
      const buffer = results as GPUBuffer;
      owned.push({ dispose: () => buffer.destroy() });
      return { buffer, dispatches: [peakDispatch(buffer, workgroups)] };
    }),
  );
  return {
    rotation: sets.rotation,
    async check() {
      const { buffer, dispatches } = sets.first;
      await gpu.run('multiplying and adding', dispatches);
      const sums = new Float32Array(await gpu.read(buffer));
      // Component c sums the chains that began at c, c + 4, c + 8 and c + 12.
      const wrong = sums.findIndex((sum, i) => sum !== 4 * (i % 4) + 24 + 4 * perRound * rounds);
      return wrong < 0 ? {} : { failure: `the sum of thread ${Math.floor(wrong / 4)} is ${sums[wrong]}` };
    },
    dispose: sets.dispose,
  };
}
