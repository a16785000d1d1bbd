/** @file Work to measure: its inputs made afresh, its pipelines compiled, its result ready to be checked. */

import { OutOfMemoryError } from '../src/errors.js';
import type { GemmPlan } from '../src/gemm/gemm.js';
import type { Dispatch, Gpu, Prepared } from '../src/gpu/gpu.js';
import type { Rotation } from './time.js';

/** How a result compares with the oracle. */
export interface Quality {
  /** Why the result is wrong; absent for a right one. */
  readonly failure?: string;
  /** Largest error over the RMS of the exact outputs that were checked. */
  readonly error?: number;
  /** DeepGEMM's calc_diff over the outputs that were checked. */
  readonly calcDiff?: number;
}

export interface Workload {
  /** How a product is computed. */
  readonly how?: Pick<GemmPlan, 'tiling' | 'tuned'>;
  readonly rotation: Rotation;
  /** Runs once and compares a sample of the result with the oracle. */
  check(): Promise<Quality>;
  dispose(): void;
}

/** Buffers of one run, and the dispatches over them. */
export interface BufferSet {
  readonly dispatches: readonly Dispatch[];
  dispose(): void;
}

/**
 * Bytes that all sets together exceed on a GPU: twice the largest last-level caches of today's, so that a run
 * finds nothing of the run before in a cache. A CPU's caches are no matter: its arithmetic is what takes time.
 */
const rotatedBytes = 2 * 64 * 2 ** 20;
/** Sets of small problems end here: making thousands would take longer than measuring. */
const mostSets = 256;

/** How many sets of buffers to rotate over: at least 2, so that no run depends on the one before. */
export function setCount(gpu: Gpu, bytes: number): number {
  if (gpu.adapter.kind !== 'hardware') return 2;
  return Math.min(Math.max(Math.ceil(rotatedBytes / bytes), 2), mostSets);
}

/**
 * Makes `count` sets, each with data of its own, or as many as memory allows.
 * @throws OutOfMemoryError if it does not allow one
 */
export async function makeSets<Set extends BufferSet>(
  gpu: Gpu,
  count: number,
  make: (index: number) => Promise<Set>,
): Promise<{ readonly first: Set; readonly rotation: Rotation; dispose(): void }> {
  const sets: Set[] = [];
  const prepared: Prepared[] = [];
  const dispose = () => {
    for (const one of prepared) one.destroy();
    for (const one of sets) one.dispose();
  };
  try {
    while (sets.length < count) {
      const made = await makeSet(gpu, () => make(sets.length)).catch((error: unknown) => {
        if (error instanceof OutOfMemoryError && sets.length > 0) return undefined;
        throw error;
      });
      if (!made) break;
      sets.push(made.set);
      prepared.push(made.prepared);
    }
    const rotation = prepared.map(({ dispatches }) => dispatches);
    return { first: sets[0] as Set, rotation, dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}

/** A set with its pipelines, or neither. */
async function makeSet<Set extends BufferSet>(gpu: Gpu, make: () => Promise<Set>) {
  const set = await make();
  try {
    const prepared = await gpu.guard('compiling and binding', () => gpu.prepare(set.dispatches));
    return { set, prepared };
  } catch (error) {
    set.dispose();
    throw error;
  }
}

/** What holds memory until it is told to let go. */
export interface Disposable {
  dispose(): void;
}

/**
 * Makes a set. `make` notes what it allocates, as it allocates it: the set's dispose() frees all of that, and
 * so does an error.
 */
export async function owning<T extends object>(
  make: (owned: Disposable[]) => Promise<T>,
): Promise<T & Disposable> {
  const owned: Disposable[] = [];
  const dispose = () => {
    for (const one of owned) one.dispose();
  };
  try {
    return { ...(await make(owned)), dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}
