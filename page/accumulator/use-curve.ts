/** @file Measures curves on request; what is measured stays until other curves are begun. */

import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { type CurvePoint, measureCurve } from '../../src/dataflow/curve.js';
import type { Context } from '../../src/index.js';
import { curveKey, type ExplorerState } from './state.js';

export interface Curve {
  /** What the points were measured with. */
  readonly state?: ExplorerState;
  readonly points: readonly CurvePoint[];
  readonly work?: { readonly label: string; readonly share: number };
  readonly error?: string;
  readonly stopped?: boolean;
}

export interface CurveRun {
  readonly curve: Curve;
  start(state: ExplorerState): void;
  stop(): void;
}

export function useCurve(context: Context): CurveRun {
  const curve = useSignal<Curve>({ points: [] });
  const running = useRef<AbortController | undefined>(undefined);
  useEffect(() => () => running.current?.abort(new Error('the view was left')), []);

  const start = (state: ExplorerState) => {
    running.current?.abort(new Error('replaced by another run'));
    const stop = new AbortController();
    running.current = stop;
    const { signal } = stop;
    curve.value = { state, points: [], work: { label: 'starting', share: 0 } };
    const change = (to: Partial<Curve>) => {
      if (running.current === stop) curve.value = { ...curve.value, ...to };
    };
    const ended = (to: Pick<Curve, 'error' | 'stopped'>) => {
      if (running.current !== stop) return;
      const { points } = curve.value;
      curve.value = { state, points, ...to };
    };
    measureCurve(context, state, {
      signal,
      onPoint: (point) => change({ points: [...curve.value.points, point] }),
      onProgress: (share, label) => change({ work: { share, label } }),
    }).then(
      () => ended({}),
      (error: unknown) =>
        ended(
          signal.aborted
            ? { stopped: true }
            : { error: error instanceof Error ? error.message : String(error) },
        ),
    );
  };
  return {
    curve: curve.value,
    start,
    stop: () => running.current?.abort(new Error('stopped')),
  };
}

/** Whether the points belong to other settings than these. */
export function isStale({ state }: Curve, now: ExplorerState): boolean {
  return state !== undefined && curveKey(state) !== curveKey(now);
}
