/** @file Runs the dataflow on the GPU whenever its settings change, the last one alone where they change quickly. */

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { type DataflowRun, runDataflow } from '../../src/dataflow/run.js';
import type { DataflowSettings } from '../../src/dataflow/settings.js';
import type { Context } from '../../src/index.js';

export interface RunState {
  /** The last run that ended well: it stays while the next one goes on. */
  readonly run?: DataflowRun;
  /** What is being done, and which share is done; absent when nothing is. */
  readonly work?: { readonly label: string; readonly share: number };
  readonly error?: string;
}

/** Settings that change again within this many milliseconds are not run. */
const patience = 120;

/** @param key changes with whatever changes the numbers */
export function useRun(context: Context, settings: DataflowSettings, key: string): RunState {
  const state = useSignal<RunState>({});
  useEffect(() => {
    const stop = new AbortController();
    const { signal } = stop;
    const kept = () => (state.value.run ? { run: state.value.run } : {});
    state.value = { ...kept(), work: { label: 'starting', share: 0 } };
    const timer = setTimeout(() => {
      const progress = (label: string, share: number) => {
        if (!signal.aborted) state.value = { ...kept(), work: { label, share } };
      };
      runDataflow(context, settings, { progress, signal }).then(
        (run) => {
          if (!signal.aborted) state.value = { run };
        },
        (error: unknown) => {
          if (!signal.aborted)
            state.value = { ...kept(), error: error instanceof Error ? error.message : String(error) };
        },
      );
    }, patience);
    return () => {
      clearTimeout(timer);
      stop.abort(new Error('replaced by another run'));
    };
  }, [context, key]);
  return state.value;
}
