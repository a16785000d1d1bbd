/** @file The accumulator explorer: the error against K, with and without promotion, measured on this GPU. */

import '../dataflow/dataflow.css';
import './accumulator.css';
import { useEffect } from 'preact/hooks';
import type { Context } from '../../src/index.js';
import { Button } from '../components/button.js';
import { Message } from '../components/message.js';
import { Progress } from '../components/progress.js';
import { Section } from '../components/section.js';
import { WithDevice } from '../components/with-device.js';
import type { ViewProps } from '../views.js';
import { CurveControls } from './controls.js';
import { CurveChart } from './curve-chart.js';
import { type ExplorerState, readExplorerState } from './state.js';
import { isStale, useCurve } from './use-curve.js';

export default function AccumulatorView({ route }: ViewProps) {
  const { settings: state, problems } = readExplorerState(route.params);
  return (
    <>
      <h1>What the accumulator loses</h1>
      <p class="lead">
        A tensor core adds FP8 products with few bits. The longer the sum, the more falls off, unless it is
        promoted to 32 bits on the way. Measure it.
      </p>
      {problems.length > 0 && (
        <Message kind="warn" title="Part of this link could not be understood; the rest is shown">
          {problems.join('. ')}
        </Message>
      )}
      <Section title="What is measured">
        <CurveControls state={state} />
      </Section>
      <Section title="Error against K">
        <WithDevice>{(context) => <Measuring context={context} state={state} />}</WithDevice>
      </Section>
      <Section title="How to read it">
        <p>
          Both operands are e4m3 codes, as quantising the data with a scale for each 1×128 tile makes them;
          the scales are then taken as 1. Each result is compared with the exact sum of the same products, so
          that quantising has no part in these errors. A point is one draw of the data: another seed gives
          another.
        </p>
        <p>
          DeepSeek-V3's technical report (arXiv 2412.19437, section 3.3.2) speaks of “nearly 2 %” at K = 4096
          without saying how it was measured; the dashed line is there to compare with, not a target. The sums
          are those of octile's emulator on your GPU, bit for bit what the profile says, and no statement
          about an H800.
        </p>
      </Section>
    </>
  );
}

function Measuring({ context, state }: { readonly context: Context; readonly state: ExplorerState }) {
  const { curve, start, stop } = useCurve(context);
  const { points, work, error, stopped } = curve;
  // A GPU takes a moment; a software adapter is asked first.
  useEffect(() => {
    if (context.adapter.kind === 'hardware') start(state);
  }, [context]);
  const stale = !work && isStale(curve, state);
  // Another metric of the same points needs no measuring.
  const shown = curve.state ? { ...curve.state, metric: state.metric } : state;
  return (
    <div class="stack measured">
      <div class="measure-bar">
        <div class="button-row">
          <Button kind="primary" onClick={() => start(state)}>
            {points.length > 0 ? 'Measure again' : 'Measure'}
          </Button>
          <Button onClick={stop} disabled={!work}>
            Stop
          </Button>
        </div>
        <div class="measure-state">
          {work ? (
            <Progress label="Measuring" value={work.share} detail={work.label} />
          ) : (
            <p class="note" role="status">
              {stopped
                ? `Stopped; ${points.length} points are kept.`
                : stale
                  ? 'The settings have changed since: the curves are those measured before.'
                  : points.length > 0
                    ? `Measured on ${context.adapter.name}.`
                    : 'A few seconds on a GPU, somewhat longer without one.'}
            </p>
          )}
        </div>
      </div>
      {error && (
        <Message kind="bad" title="The curves could not be measured">
          {error}
        </Message>
      )}
      <CurveChart points={points} state={shown} />
    </div>
  );
}
