/** @file The dataflow view: the way of a number through a small product, and of all numbers through a large one. */

import './dataflow.css';
import type { Context } from '../../src/index.js';
import { Message } from '../components/message.js';
import { Section } from '../components/section.js';
import { WithDevice } from '../components/with-device.js';
import type { ViewProps } from '../views.js';
import { Controls } from './controls.js';
import { Flows } from './flows.js';
import { readState, settingsKey, type ViewState } from './state.js';
import { useRun } from './use-run.js';
import { Walk } from './walk.js';

export default function DataflowView({ route }: ViewProps) {
  const { settings: state, problems } = readState(route.params);
  return (
    <>
      <h1>The way of a number</h1>
      <p class="lead">
        A small matrix product in few bits, computed on this GPU just now. Follow one output from its values
        to its result, bit by bit.
      </p>
      {problems.length > 0 && (
        <Message kind="warn" title="Part of this link could not be understood; the rest is shown">
          <ul>
            {problems.map((problem) => (
              <li key={problem}>{problem}</li>
            ))}
          </ul>
        </Message>
      )}
      <Section title="What is computed">
        <Controls state={state} />
      </Section>
      <Section title="One output, step by step">
        <WithDevice>{(context) => <Running context={context} state={state} />}</WithDevice>
      </Section>
      <Flows state={state} />
      <Section title="What this is, and what it is not">
        <p>
          The sums are those of octile's emulator, whose <code>hopper-wgmma</code> gives every bit of the
          results captured on an H200 that it is tested against; <code>ada-mma</code> and{' '}
          <code>blackwell</code> are published models. It says nothing about the speed or the internals of an
          H800.
        </p>
      </Section>
    </>
  );
}

function Running({ context, state }: { readonly context: Context; readonly state: ViewState }) {
  const { run, work, error } = useRun(context, state, settingsKey(state));
  return (
    <div class="running" aria-busy={work !== undefined}>
      <p class="running-line" role="status">
        {work
          ? `Computing on this GPU: ${work.label}, ${Math.floor(100 * work.share)} %`
          : run &&
            `Computed on ${context.adapter.name}: ${run.settings.m} × ${run.settings.n} outputs, K = ${run.settings.k}.`}
      </p>
      {error && (
        <Message kind="bad" title="This dataflow could not be computed">
          {error}
        </Message>
      )}
      {run ? <Walk state={state} run={run} /> : <div class="walk-waiting" />}
    </div>
  );
}
