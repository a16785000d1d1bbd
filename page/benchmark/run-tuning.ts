/** @file Tuning the shapes of the settings on a device. The same code in a worker and on the page. */

import { readKept, tuneAndKeep } from '../../bench/keep-winner.js';
import { softwareObstacle } from '../../bench/run.js';
import { OutOfMemoryError, UnsupportedError } from '../../src/errors.js';
import { kernels } from '../../src/gemm/registry.js';
import type { Gpu } from '../../src/gpu/gpu.js';
import { browserStore } from '../../src/tune/browser-store.js';
import { emptyTuning } from '../../src/tune/tuning.js';
import { shapeText } from '../results/series.js';
import { tuningCasesOf } from './cases.js';
import { failure, type TuningEvent } from './protocol.js';
import type { Settings } from './settings.js';

/** Tunes, and tells what happens. Never throws: a failure is an event, and the winners found by then are kept. */
export async function runTuning(
  gpu: Gpu,
  settings: Settings,
  signal: AbortSignal,
  emit: (event: TuningEvent) => void,
): Promise<void> {
  try {
    const cases = tuningCasesOf(settings);
    const { name: adapter } = gpu.adapter;
    // What cannot be read is replaced; the page has said so.
    let tuning = (await readKept(browserStore, adapter, () => undefined)) ?? emptyTuning(adapter);
    for (const [index, one] of cases.entries()) {
      if (signal.aborted) break;
      const name = shapeText(one);
      emit({ type: 'shape', name, index, total: cases.length });
      const obstacle = softwareObstacle(gpu, one);
      if (obstacle !== undefined) {
        emit({ type: 'untuned', name, reason: obstacle });
        continue;
      }
      try {
        const kept = await tuneAndKeep(gpu, one, tuning, browserStore, {
          kernels: tunedKernels(settings),
          signal,
          onTrial: (trial, done, total) => emit({ type: 'trial', trial, done, total }),
        });
        tuning = kept.tuning;
        emit({ type: 'tuned', name, ...(kept.faster ? { stays: kept.faster.kernel } : {}) });
      } catch (error) {
        if (signal.aborted && error === signal.reason) break;
        if (!(error instanceof UnsupportedError || error instanceof OutOfMemoryError)) throw error;
        emit({ type: 'untuned', name, reason: error.message });
      }
    }
    emit({ type: 'done', stopped: signal.aborted });
  } catch (error) {
    emit(failure(error));
  }
}

/** The kernels that were chosen by name; undefined, which is every one that is right, where auto is to choose. */
function tunedKernels({ kernels: chosen }: Settings): readonly string[] | undefined {
  const named = kernels.map(({ name }) => name).filter((name) => chosen.includes(name));
  return chosen.includes('auto') || named.length === 0 ? undefined : named;
}
