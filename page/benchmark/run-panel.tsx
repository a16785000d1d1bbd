/** @file The one button, and what is going on after it was pressed. */

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Context } from '../../src/index.js';
import { Button } from '../components/button.js';
import { Checkbox } from '../components/field.js';
import { Progress as Bar } from '../components/progress.js';
import { replaceParams } from '../route.js';
import { prepareWorker } from './background.js';
import { pageLibraries } from './libraries.js';
import { settingsParams } from './settings.js';
import { SettingsForm, settingsProblem, settingsSummary } from './settings-form.js';
import { progress, settings, shown, start, stop } from './state.js';
import { leftText, outlook } from './time-left.js';
import { TuningPanel } from './tuning-panel.js';
import { tuning } from './tuning-state.js';

export function RunPanel({ context }: { readonly context: Context }) {
  const running = progress.value !== undefined;
  const busy = running || tuning.value !== undefined;
  const background = useSignal<boolean | undefined>(undefined);
  useEffect(() => {
    void prepareWorker().then((worker) => {
      background.value = worker !== undefined;
    });
  }, []);
  const problem = settingsProblem(settings.value);
  return (
    <section class="section section-raised run-panel" aria-labelledby="run-title">
      <div class="run-head">
        <div>
          <h2 id="run-title">Run it here</h2>
          <p class="run-note">
            First every kernel is held against a plain computation on the CPU, then it is timed.{' '}
            {problem === undefined && `${settingsSummary(settings.value)}.`}
            {background.value === false &&
              ' This browser has no WebGPU in workers, so the page may stutter while it measures.'}
          </p>
        </div>
        {running ? (
          <Button kind="danger" onClick={stop} disabled={progress.value?.phase === 'stopping'}>
            {progress.value?.phase === 'stopping' ? 'Stopping …' : 'Stop, and keep what is done'}
          </Button>
        ) : (
          <Button kind="primary" onClick={() => begin(context)} disabled={problem !== undefined || busy}>
            Verify and measure
          </Button>
        )}
      </div>
      {running && <RunProgress />}
      <p class="unseen" role="status">
        {progress.value ? phaseNames[progress.value.phase] : shown.value ? 'Results are below.' : ''}
      </p>
      <Checkbox
        label="Compare with other libraries"
        checked={settings.value.peers === 'page'}
        disabled={busy || (pageLibraries.length === 0 && settings.value.peers === 'none')}
        onChange={(checked) => {
          settings.value = { ...settings.value, peers: checked ? 'page' : 'none' };
        }}
        hint={
          pageLibraries.length === 0
            ? 'This copy of the page was built without them. In octile’s folder, npm run bench:peers measures them, and a page built after that has them.'
            : 'jax-js, ONNX Runtime and TensorFlow.js multiply the same matrices, in turn with octile. They are loaded only then, from this page’s own files: 28 MB, of which ONNX Runtime is most.'
        }
      />
      <details class="details">
        <summary>Choose what is measured</summary>
        <SettingsForm gpu={context.gpu} disabled={busy} />
      </details>
      <TuningPanel context={context} />
    </section>
  );
}

const phaseNames = {
  opening: 'Opening',
  verifying: 'Verifying',
  measuring: 'Measuring',
  stopping: 'Stopping',
} as const;

/** The address of a result that was opened by its link is not that of the run that now begins. */
function begin(context: Context): void {
  replaceParams('benchmark', settingsParams(settings.value));
  start(context);
}

/** Redrawn by events and, for the time left, twice a second. */
function RunProgress() {
  const now = useSignal(performance.now());
  useEffect(() => {
    const timer = setInterval(() => {
      now.value = performance.now();
    }, 500);
    return () => clearInterval(timer);
  }, []);
  const { value } = progress;
  if (!value) return null;
  const { phase, steps, stepsDone, measurements, measured, current } = value;
  const { share, secondsLeft } = outlook(value, Math.max(now.value, value.verifyingSince));
  const texts = {
    opening: 'Opening a device for the run',
    verifying: `Verifying, step ${stepsDone} of ${steps}`,
    measuring: `Measuring ${Math.min(measured + 1, measurements)} of ${measurements}: ${current}`,
    stopping: 'Ending the step under way',
  };
  return (
    <Bar
      label={phaseNames[phase]}
      value={share}
      detail={phase === 'opening' ? texts.opening : `${texts[phase]} · ${leftText(secondsLeft)}`}
    />
  );
}
