/** @file The benchmark view: what is here, one button, and what came out. */

import './benchmark.css';
import { useSignalEffect } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { OctileError } from '../../src/errors.js';
import { Button } from '../components/button.js';
import { Message } from '../components/message.js';
import { Section } from '../components/section.js';
import { sentence } from '../components/sentence.js';
import { WithDevice } from '../components/with-device.js';
import { settled } from '../device/device.js';
import { Features, missingFeatures } from '../device/features.js';
import { Kernels } from '../device/kernels.js';
import type { BenchmarkRun } from '../results/benchmark-run.js';
import { HistoryPanel } from '../results/history-panel.js';
import { unpackRun } from '../results/link.js';
import { OpenFiles } from '../results/open-files.js';
import { Results } from '../results/results.js';
import { type Route, replaceParams, route } from '../route.js';
import type { ViewProps } from '../views.js';
import { Facts } from './facts.js';
import { RunPanel } from './run-panel.js';
import { settingsFrom, settingsParams } from './settings.js';
import { addRun, complaint, others, progress, settings, shown } from './state.js';

export default function BenchmarkView({ route: { params } }: ViewProps) {
  const link = params.toString();
  useEffect(() => void openLink(params), [link]);
  // The address follows the settings, so that it can be passed on; a link with a result stays as it came.
  useSignalEffect(() => {
    const wanted = settingsParams(settings.value);
    const current: Route = route.peek();
    if (current.id === '' || current.id === 'benchmark')
      if (!current.params.has('run') && complaint.peek() === undefined) replaceParams('benchmark', wanted);
  });
  return (
    <>
      <div class="hero">
        <h1>How fast does this GPU multiply in FP8?</h1>
        <p class="lead">
          Large language models are trained with numbers of eight bits. octile does that arithmetic, the way
          DeepSeek-V3 scales and sums it, as compute shaders on whatever GPU is here: it checks every result,
          then measures it.
        </p>
      </div>
      {complaint.value && (
        <Message
          kind="bad"
          title={complaint.value.title}
          actions={
            <Button
              size="small"
              onClick={() => {
                complaint.value = undefined;
              }}
            >
              Dismiss
            </Button>
          }
        >
          {sentence(complaint.value.text)}
        </Message>
      )}
      {settled.value ? <Body /> : <p class="waiting">Opening the GPU …</p>}
    </>
  );
}

/** What is below the hero: drawn at once when it is known whether there is a GPU, so that nothing moves. */
function Body() {
  const { value: run } = shown;
  return (
    <>
      <WithDevice>{(context) => <RunPanel context={context} />}</WithDevice>
      {run && (
        <Results
          run={run}
          others={others.value}
          running={progress.value !== undefined}
          onRemove={(one) => {
            others.value = others.value.filter(({ id }) => id !== one.id);
          }}
        />
      )}
      <WithKernels />
      <Section title="Compare machines">
        <OpenFiles onRun={(run) => seen(() => addRun(run))} />
      </Section>
      <Section title="Kept in this browser">
        <HistoryPanel onShow={(run) => seen(() => show(run))} onCompare={(run) => seen(() => addRun(run))} />
      </Section>
      <Facts />
    </>
  );
}

function WithKernels() {
  return (
    <WithDevice quiet>
      {({ gpu }) => {
        const missing = missingFeatures(gpu);
        return (
          <Section
            title="What can run here"
            intro="A kernel is a program for the GPU that multiplies. Each says what it needs; “auto” takes one that fits the product and, unless its scales are powers of two (1×32), rounds no value to a half."
          >
            <Kernels gpu={gpu} />
            {missing.length > 0 && (
              <div class="offer-group">
                <h3>What is missing, and how to get it</h3>
                <Features gpu={gpu} names={missing} />
              </div>
            )}
          </Section>
        );
      }}
    </WithDevice>
  );
}

/** Does something that changes the results, and brings them into sight: files and history lie far below them. */
function seen(change: () => void): void {
  change();
  requestAnimationFrame(() => document.getElementById('results')?.scrollIntoView());
}

/** Shows a kept run in place of the others. */
function show(run: BenchmarkRun): void {
  others.value = others.value.filter(({ id }) => id !== run.id);
  shown.value = run;
}

/** Takes settings, or a result with its settings, out of the address. */
async function openLink(params: URLSearchParams): Promise<void> {
  try {
    const packed = params.get('run');
    if (packed === null) {
      settings.value = settingsFrom(Object.fromEntries(params));
      return;
    }
    const run = await unpackRun(packed);
    addRun(run);
    if (run.settings) settings.value = run.settings;
  } catch (error) {
    if (!(error instanceof OctileError)) throw error;
    complaint.value = { title: 'This link could not be opened', text: error.message };
  }
}
