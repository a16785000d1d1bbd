/** @file The walk through one output: which output, which element, which stage; forward, back, play. */

import { useSignal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect, useId, useMemo } from 'preact/hooks';
import type { DataflowRun } from '../../src/dataflow/run.js';
import { type OutputTrace, type QuotedStep, traceOutput } from '../../src/dataflow/trace.js';
import { toFloat32 } from '../../src/matrix.js';
import { Button } from '../components/button.js';
import { SourceLegend } from './number.js';
import { OutputGrid } from './outputs.js';
import { AmaxPanel, CodePanel, type PanelProps, ScalePanel, ValuesPanel } from './quantize-panels.js';
import { type StageId, stages } from './stages.js';
import { showState, type ViewState } from './state.js';
import { ProductPanel, TilePanel } from './step-panels.js';
import { AlignPanel, OutputPanel, PromotePanel, SumPanel } from './sum-panels.js';

const panels: Readonly<Record<StageId, ComponentType<PanelProps>>> = {
  values: ValuesPanel,
  amax: AmaxPanel,
  scale: ScalePanel,
  code: CodePanel,
  tile: TilePanel,
  product: ProductPanel,
  align: AlignPanel,
  sum: SumPanel,
  promote: PromotePanel,
  output: OutputPanel,
};

/** Milliseconds that play stays at a stage. */
const stay = 3000;

export function Walk({ state, run }: { readonly state: ViewState; readonly run: DataflowRun }) {
  const { m, n, k } = run.settings;
  // A run that is being replaced may be of another shape.
  const row = Math.min(state.row, m - 1);
  const col = Math.min(state.col, n - 1);
  const at = Math.min(state.at, k - 1);
  const trace = useMemo(() => traceOutput(run, row, col), [run, row, col]);
  const values = useMemo(() => toFloat32(run.product), [run]);
  const slider = useId();
  const playing = useSignal(false);
  const index = stages.findIndex(({ id }) => id === state.stage);
  const show = (change: Partial<ViewState>) => showState({ ...state, ...change });
  const go = (to: number) => {
    const stage = stages[to];
    if (stage) show({ stage: stage.id });
  };
  useEffect(() => {
    if (!playing.value) return;
    if (index === stages.length - 1) {
      playing.value = false;
      return;
    }
    const timer = setTimeout(() => go(index + 1), stay);
    return () => clearTimeout(timer);
  }, [playing.value, state]);

  const step = stepOf(trace, at);
  const stage = stages[index];
  if (!stage || !step) return null;
  const Panel = panels[stage.id];
  const choose = (element: number) => show({ at: element });
  const play = () => {
    if (!playing.value && index === stages.length - 1) go(0);
    playing.value = !playing.value;
  };
  return (
    <div class="walk">
      <div class="walk-choice">
        <OutputGrid
          rows={m}
          cols={n}
          values={values}
          row={row}
          col={col}
          onChoose={(r, c) => show({ row: r, col: c })}
        />
        <div class="field">
          <label class="field-label" for={slider}>
            Element {at} of K, of 0 to {k - 1}
          </label>
          <input
            id={slider}
            class="slider"
            type="range"
            min={0}
            max={k - 1}
            value={at}
            onInput={(event) => choose(Number(event.currentTarget.value))}
          />
        </div>
      </div>
      <div class="walk-stage">
        <ol class="stage-list">
          {stages.map(({ id, title }, i) => (
            <li key={id}>
              <button
                type="button"
                class="stage-button"
                aria-current={i === index ? 'step' : undefined}
                data-done={i < index}
                onClick={() => go(i)}
              >
                <span class="stage-number">{i + 1}</span>
                <span class="stage-name">{title}</span>
              </button>
            </li>
          ))}
        </ol>
        <div class="walk-bar">
          <Button onClick={() => go(index - 1)} disabled={index === 0} label="Back one stage">
            ◂ Back
          </Button>
          <Button onClick={play} pressed={playing.value} label={playing.value ? 'Pause' : 'Play all stages'}>
            {playing.value ? '❚❚ Pause' : '▸ Play'}
          </Button>
          <Button
            kind="primary"
            onClick={() => go(index + 1)}
            disabled={index === stages.length - 1}
            label="Forward one stage"
          >
            Forward ▸
          </Button>
        </div>
        <article class="panel" aria-labelledby="stage-title" data-stage={stage.id}>
          <h3 id="stage-title">
            <span class="panel-number">
              {index + 1} of {stages.length}
            </span>
            {stage.title}
          </h3>
          <p class="panel-sentence">{stage.sentence}</p>
          <Panel run={run} trace={trace} at={at} step={step} onChoose={choose} />
        </article>
        <SourceLegend />
      </div>
    </div>
  );
}

/** The step that holds an element of K. */
function stepOf({ intervals }: OutputTrace, k: number): QuotedStep | undefined {
  return intervals.flatMap(({ steps }) => steps).findLast(({ start }) => start <= k);
}
