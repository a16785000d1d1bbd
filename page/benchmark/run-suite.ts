/** @file One run of the benchmark on a device: verify, then measure. The same code in a worker and on the page. */

import { runBench } from '../../bench/run.js';
import { caseName } from '../../bench/suites.js';
import { kernelNames } from '../../src/gemm/registry.js';
import type { Gpu } from '../../src/gpu/gpu.js';
import { countSteps, runChecks } from '../../src/verify/verify.js';
import { casesOf, productsOf } from './cases.js';
import { failure, type RunEvent } from './protocol.js';
import type { Settings } from './settings.js';

/** Runs, and tells what happens. Never throws: a failure is an event, and what came before it stands. */
export async function runSuite(
  gpu: Gpu,
  settings: Settings,
  signal: AbortSignal,
  emit: (event: RunEvent) => void,
): Promise<void> {
  try {
    const cases = casesOf(settings, gpu.adapter.kind === 'software' ? 'software' : 'hardware');
    const { kernels } = settings;
    const withPeers = settings.peers === 'page';
    const verification =
      settings.verify === 'kernels'
        ? { kernels: kernels.includes('auto') ? kernelNames : kernels }
        : settings.verify === 'all'
          ? {}
          : undefined;
    emit({
      type: 'planned',
      steps: verification ? countSteps(gpu, verification) : 0,
      measurements:
        cases.reduce((sum, { kind }) => sum + (kind === 'gemm' ? kernels.length : 1), 0) +
        (withPeers ? productsOf(cases).length : 0),
    });
    if (verification)
      await runChecks(gpu, {
        ...verification,
        signal,
        onStep: () => emit({ type: 'step' }),
        onReport: (report) => emit({ type: 'report', report }),
      });
    if (!signal.aborted)
      await runBench(gpu, cases, {
        kernel: kernels,
        signal,
        onStart: (one, kernel) => emit({ type: 'measuring', name: caseName(one), kernel }),
        onRecord: (record) => emit({ type: 'record', record }),
      });
    if (withPeers && !signal.aborted) {
      const { measurePeers } = await import('./run-peers.js');
      await measurePeers(gpu, productsOf(cases), signal, emit);
    }
    emit({ type: 'done', stopped: signal.aborted });
  } catch (error) {
    emit(failure(error));
  }
}
