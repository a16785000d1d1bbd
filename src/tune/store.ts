/** @file Where tunings are kept between runs, by adapter: an interface that Node and browsers fill. */

import { OctileError } from '../errors.js';
import type { Gpu } from '../gpu/gpu.js';
import { applyTuning } from './tuned.js';
import { asTuning, type Tuning } from './tuning.js';

export interface TuningStore {
  /** What is stored for an adapter, as it was written; undefined if nothing is. */
  read(adapter: string): Promise<unknown>;
  write(tuning: Tuning): Promise<void>;
  remove(adapter: string): Promise<void>;
}

/**
 * Reads an adapter's tuning; one of another adapter, whose file has the same name, is none.
 * @throws ArgumentError if what is stored is none
 */
export async function readTuning(store: TuningStore, adapter: string): Promise<Tuning | undefined> {
  const stored = await store.read(adapter);
  const tuning = stored === undefined ? undefined : asTuning(stored, 'tuning');
  return tuning?.adapter === adapter ? tuning : undefined;
}

/** Lets a device follow its adapter's tuning. One that cannot be read is as good as none: kernels run untuned. */
export async function followStored(gpu: Gpu, store: TuningStore): Promise<void> {
  try {
    applyTuning(gpu, await readTuning(store, gpu.adapter.name));
  } catch (error) {
    if (!(error instanceof OctileError)) throw error;
    applyTuning(gpu, undefined);
  }
}
