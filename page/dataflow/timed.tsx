/** @file The dataflows that exist as kernels, timed on this GPU: a cast and the product after it, and both in one. */

import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { BenchRecord } from '../../bench/record.js';
import { runBench } from '../../bench/run.js';
import type { BenchCase } from '../../bench/suites.js';
import type { Context } from '../../src/index.js';
import type { TrafficProblem } from '../../src/traffic/problem.js';
import { Button } from '../components/button.js';
import { Figure, Figures } from '../components/figure.js';
import { Message } from '../components/message.js';
import { speedText, withUnit } from '../results/numbers.js';
import type { ViewState } from './state.js';

interface Timing {
  readonly records: readonly BenchRecord[];
  readonly working: boolean;
  readonly error?: string;
}

const nothing: Timing = { records: [], working: false };

export interface TimedProps {
  readonly context: Context;
  readonly state: ViewState;
  readonly problem: TrafficProblem;
}

export function Timed({ context, state, problem }: TimedProps) {
  const timing = useSignal<Timing>(nothing);
  const running = useRef<AbortController | undefined>(undefined);
  const cases = casesOf(state, problem);
  const key = JSON.stringify(cases);
  const fused = cases.some(({ kind }) => kind === 'cast');
  // Times of another product would be read as this one's.
  useEffect(() => {
    timing.value = nothing;
    return () => running.current?.abort(new Error('another product was chosen'));
  }, [key, timing]);

  const start = async () => {
    const stop = new AbortController();
    running.current = stop;
    timing.value = { records: [], working: true };
    const change = (to: Partial<Timing>) => {
      if (!stop.signal.aborted) timing.value = { ...timing.value, ...to };
    };
    try {
      await runBench(context.gpu, cases, {
        signal: stop.signal,
        onRecord: (record) => change({ records: [...timing.value.records, record] }),
      });
      change({ working: false });
    } catch (error) {
      change({ working: false, error: error instanceof Error ? error.message : String(error) });
    }
  };
  const { records, working, error } = timing.value;
  const unable = records.find((record) => record.status !== 'measured');
  return (
    <div class="timed">
      <div class="button-row">
        <Button onClick={() => void start()} disabled={working}>
          Time {fused ? 'the first two' : 'the separate cast'} on this GPU
        </Button>
        <span class="note" role="status">
          {working
            ? 'Checking and timing …'
            : fused
              ? 'The separate and the fused cast run today, scales outside: from f32 values, each result checked before it is timed.'
              : 'From f32 values, each result checked before it is timed. octile casts e4m3 1x128 by 128x128 with the load, too.'}
        </span>
      </div>
      {error && (
        <Message kind="bad" title="It could not be timed">
          {error}
        </Message>
      )}
      {unable && (
        <Message kind="info" title={`Not timed: ${unable.name}`}>
          {unable.reason}
        </Message>
      )}
      {(working || records.length > 0) && (
        <Figures>
          <TimeFigure
            label="Separate: the cast"
            record={records[0]}
            rate={({ gbps }) => `${gbps.toPrecision(3)} GB/s`}
          />
          <TimeFigure
            label="Separate: the product"
            record={records[1]}
            rate={({ tflops }) => withUnit(speedText(tflops ?? 0))}
          />
          {fused && (
            <TimeFigure
              label="Fused: both in one"
              record={records[2]}
              rate={({ tflops }) => `${(tflops ?? 0).toPrecision(3)} TFLOP/s`}
            />
          )}
        </Figures>
      )}
    </div>
  );
}

interface TimeFigureProps {
  readonly label: string;
  readonly record: BenchRecord | undefined;
  readonly rate: (measured: Extract<BenchRecord, { status: 'measured' }>) => string;
}

function TimeFigure({ label, record, rate }: TimeFigureProps) {
  if (record?.status !== 'measured') return <Figure label={label} value="—" unit="ms" note="not timed" />;
  return (
    <Figure
      label={label}
      value={(record.median / 1e3).toPrecision(3)}
      unit="ms"
      note={`kernel ${record.kernel}, ${rate(record)}, median of ${record.samples}`}
    />
  );
}

function casesOf(state: ViewState, problem: TrafficProblem): BenchCase[] {
  const { m, n, k, out } = problem;
  const { formatA, formatB, granularityA, granularityB } = state;
  return [
    { kind: 'quantize', rows: m, cols: k, format: formatA, granularity: granularityA },
    {
      kind: 'gemm',
      m,
      n,
      k,
      aFormat: formatA,
      bFormat: formatB,
      aGranularity: granularityA,
      bGranularity: granularityB,
      out,
    },
    ...(fusible(state) ? [{ kind: 'cast', cast: 'fused', m, n, k, out } as const] : []),
  ];
}

/** Whether octile has a kernel that casts on the way into workgroup memory. */
function fusible({ formatA, formatB, granularityA, granularityB }: ViewState): boolean {
  return formatA === 'e4m3' && formatB === 'e4m3' && granularityA === '1x128' && granularityB === '128x128';
}
