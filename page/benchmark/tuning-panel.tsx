/** @file Tuning on the page: a button, how far it is, what was found, and a way to forget it. */

import { useEffect } from 'preact/hooks';
import type { Trial } from '../../bench/tune.js';
import { OctileError } from '../../src/errors.js';
import type { Context } from '../../src/index.js';
import { significant } from '../../src/report/number.js';
import { tilingText } from '../../src/tune/tuning.js';
import { Button } from '../components/button.js';
import { Confirmed } from '../components/confirmed.js';
import { Message } from '../components/message.js';
import { Progress } from '../components/progress.js';
import { restrictions } from '../device/device.js';
import { restrictionText } from '../device/restrict.js';
import { tuningCasesOf } from './cases.js';
import type { Settings } from './settings.js';
import { settingsProblem } from './settings-form.js';
import { progress, settings } from './state.js';
import { leftText } from './time-left.js';
import {
  ending,
  forgetKept,
  keptTuning,
  loadKept,
  startTuning,
  stopTuning,
  type TuningProgress,
  tuning,
} from './tuning-state.js';
import { Winners } from './winners.js';

export function TuningPanel({ context }: { readonly context: Context }) {
  useEffect(() => void loadKept(context), [context]);
  const { value: under } = tuning;
  const { value: kept } = keptTuning;
  const obstacle =
    kept.status === 'unavailable'
      ? `This browser keeps nothing for this page (${kept.reason}), so that winners would be lost.`
      : obstacleOf(settings.value);
  const shapes = obstacle === undefined ? tuningCasesOf(settings.value).length : 0;
  return (
    <details class="details">
      <summary>Tune it for this GPU</summary>
      <div class="stack">
        <p class="run-note">
          A kernel computes a product in tiles, and can cut them in many ways. Which is fastest depends on the
          GPU. Tuning tries every kernel and tile on the shapes chosen above, checks each result, and keeps
          the fastest in this browser: from then on “auto” takes it for these shapes and for those near them,
          up to twice or half in each dimension. It can be stopped at any moment; shapes that are finished
          stay.
        </p>
        <div class="button-row">
          {under ? (
            <Button kind="danger" onClick={stopTuning} disabled={under.stopping}>
              {under.stopping ? 'Stopping …' : 'Stop, and keep the shapes that are finished'}
            </Button>
          ) : (
            <Button
              onClick={() => startTuning(context)}
              disabled={obstacle !== undefined || progress.value !== undefined}
            >
              {shapes > 0 ? `Tune ${shapes} ${shapes === 1 ? 'shape' : 'shapes'}` : 'Tune'}
            </Button>
          )}
        </div>
        {obstacle !== undefined && <p class="run-note">{obstacle}</p>}
        {under && <UnderWay under={under} />}
        {ending.value && (
          <Message kind={ending.value.kind} title={ending.value.title}>
            {ending.value.remarks.map((remark) => (
              <p key={remark}>{remark}</p>
            ))}
          </Message>
        )}
        {kept.status === 'ready' && kept.remark !== undefined && (
          <p class="run-note">What this browser keeps cannot be used and counts as nothing: {kept.remark}.</p>
        )}
        {kept.status === 'ready' && kept.products.length > 0 && (
          <>
            <Winners products={kept.products} />
            <Confirmed
              text="Forget what was found"
              yes="Yes, run untuned again"
              no="Keep it"
              disabled={under !== undefined || progress.value !== undefined}
              onConfirm={() => void forgetKept(context)}
            />
          </>
        )}
        {kept.status === 'ready' && kept.products.length === 0 && !under && (
          <p class="run-note">Nothing is kept for this GPU: kernels take the tiles that they take untuned.</p>
        )}
      </div>
    </details>
  );
}

/** Why these settings cannot be tuned, or undefined. */
function obstacleOf(wanted: Settings): string | undefined {
  // Winners among what is left would slow the whole GPU down.
  if (restrictionText(restrictions.options) !== undefined)
    return 'This address hides a part of the GPU. Tune without that: what is found is kept for the GPU as it is.';
  if (settingsProblem(wanted) !== undefined) return 'The settings above do not fit together.';
  try {
    tuningCasesOf(wanted);
    return undefined;
  } catch (error) {
    if (error instanceof OctileError) return `These settings cannot be tuned: ${error.message}.`;
    throw error;
  }
}

function UnderWay({ under }: { readonly under: TuningProgress }) {
  const { name, index, total, tried, candidates, last, fastest, since } = under;
  const share = total === 0 ? 0 : (index + (candidates === 0 ? 0 : tried / candidates)) / total;
  const seconds = (performance.now() - since) / 1e3;
  const left = share < 0.02 ? '' : ` · ${leftText((seconds * (1 - share)) / share)}`;
  return (
    <div class="stack">
      <Progress
        label={total === 0 ? 'Opening a device' : `Tuning ${name}, shape ${index + 1} of ${total}`}
        value={share}
        detail={`${candidates === 0 ? 'Looking for candidates' : `Candidate ${tried} of ${candidates}`}${left}`}
      />
      <dl class="trials">
        <dt>Tried last</dt>
        <dd>{last ? trialText(last) : '–'}</dd>
        <dt>Fastest so far</dt>
        <dd>{fastest ? trialText(fastest) : '–'}</dd>
      </dl>
    </div>
  );
}

/** "portable (rows 64, cols 64, depth 32, parts 1): 12.3 µs". */
function trialText({ kernel, tiling, microseconds, reason }: Trial): string {
  const outcome = microseconds === undefined ? `out, ${reason}` : `${significant(microseconds, 4)} µs`;
  return `${kernel} (${tilingText(tiling)}): ${outcome}`;
}
