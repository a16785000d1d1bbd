/** @file The tuning in use on a device, and what it says of a product. */

import type { Emulator, Tiling } from '../gemm/kernel.js';
import { readsHalves } from '../gemm/matrix/read-halves.js';
import type { MatrixTiling } from '../gemm/matrix/tile.js';
import type { GemmProblem } from '../gemm/problem.js';
import type { Gpu } from '../gpu/gpu.js';
import type { Machine } from '../gpu/machine.js';
import { nearestProduct, type TunedProduct, type Tuning } from './tuning.js';

const inUse = new WeakMap<Gpu, Tuning>();

/** Lets `auto` on this device follow a tuning; undefined for none. */
export function applyTuning(gpu: Gpu, tuning: Tuning | undefined): void {
  if (tuning) inUse.set(gpu, tuning);
  else inUse.delete(gpu);
}

/** What tuning found for this product or one near it. */
export function tunedProduct(gpu: Gpu, problem: GemmProblem): TunedProduct | undefined {
  const tuning = inUse.get(gpu);
  return tuning && nearestProduct(tuning, problem);
}

/** Whether a kernel with a tiling is what tuning found, be it with other parts of K. */
export function followsTuning(
  kernel: Emulator,
  tiling: Tiling,
  tuned: TunedProduct | undefined,
): tuned is TunedProduct {
  return tuned?.kernel === kernel.name && hasTile(tiling, tuned);
}

function hasTile(tiling: Tiling, tuned: TunedProduct): boolean {
  return Object.entries(tuned.tiling).every(([name, size]) => name === 'parts' || tiling[name] === size);
}

/**
 * The tiling that a kernel takes for a problem: the tuned one where there is one that it still has, with as many
 * parts of K as this problem allows; otherwise the one it takes untuned.
 */
export function chooseTiling(
  kernel: Emulator,
  problem: GemmProblem,
  machine: Machine,
  tuned: TunedProduct | undefined,
): Tiling {
  const tilings = kernel.tilings(problem, machine);
  const untuned = tilings[0] as Tiling;
  // Tuning has measured products that decode all of B.
  const readsKept =
    problem.b.kept !== undefined && readsHalves(problem, untuned as MatrixTiling, kernel.name);
  if (tuned?.kernel !== kernel.name || readsKept) return untuned;
  const { parts: wanted = 1 } = tuned.tiling;
  const distance = ({ parts = 1 }: Tiling) => Math.abs(Math.log2(Number(parts) / Number(wanted)));
  return (
    tilings
      .filter((tiling) => hasTile(tiling, tuned))
      .reduce<Tiling | undefined>(
        (best, tiling) => (best && distance(best) <= distance(tiling) ? best : tiling),
        undefined,
      ) ?? untuned
  );
}
