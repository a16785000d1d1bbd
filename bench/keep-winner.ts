/** @file Tuning one case after another: each winner is kept at once, so that nothing is lost whatever comes. */

import { OctileError } from '../src/errors.js';
import type { Gpu } from '../src/gpu/gpu.js';
import { readTuning, type TuningStore } from '../src/tune/store.js';
import { knownProduct, type TunedProduct, type Tuning, withProducts } from '../src/tune/tuning.js';
import type { GemmCase } from './cases.js';
import { type TunedCase, type TuneOptions, tuneCase } from './tune.js';

/** What came of a case, and what is kept from now on. */
export interface Kept {
  readonly tuned: TunedCase;
  readonly tuning: Tuning;
  /** What was found before, where it is faster and stays. */
  readonly faster?: TunedProduct;
}

/**
 * What is kept for an adapter; what cannot be read is as good as nothing, and will be replaced.
 * @param onUnreadable called with what is wrong with it
 */
export async function readKept(
  store: TuningStore,
  adapter: string,
  onUnreadable: (reason: string) => void,
): Promise<Tuning | undefined> {
  try {
    return await readTuning(store, adapter);
  } catch (error) {
    if (!(error instanceof OctileError)) throw error;
    onUnreadable(error.message);
    return undefined;
  }
}

/**
 * Tunes a case and keeps its winner.
 * @param before what has been kept so far
 * @throws what tuneCase throws; FileError if the store refuses
 */
export async function tuneAndKeep(
  gpu: Gpu,
  one: GemmCase,
  before: Tuning,
  store: TuningStore,
  options: TuneOptions,
): Promise<Kept> {
  const tuned = await tuneCase(gpu, one, options);
  const known = knownProduct(before, tuned.winner);
  if (known && staysFaster(known, tuned.winner, options.kernels))
    return { tuned, tuning: before, faster: known };
  const tuning = withProducts(before, [tuned.winner]);
  await store.write(tuning);
  return { tuned, tuning };
}

/** Whether the winner among some kernels leaves another kernel's place to it. */
function staysFaster(
  known: TunedProduct,
  winner: TunedProduct,
  tried: readonly string[] | undefined,
): boolean {
  return tried !== undefined && !tried.includes(known.kernel) && known.microseconds <= winner.microseconds;
}
