/** @file Saving a run, and passing it on. */

import { useSignal } from '@preact/signals';
import { Button } from '../components/button.js';
import { linkTo } from '../route.js';
import { type BenchmarkRun, runTitle } from './benchmark-run.js';
import { runsToCsv } from './csv.js';
import { download } from './download.js';
import { packRun } from './link.js';

/** Links beyond this length are cut by some mail and chat programs. */
const longLink = 8000;

export function Share({ run, runs }: { readonly run: BenchmarkRun; readonly runs: readonly BenchmarkRun[] }) {
  const link = useSignal<{ text: string; state: 'copied' | 'shown' } | undefined>(undefined);
  const name = `octile-${slug(run.machine.name)}-${run.date.slice(0, 10)}`;
  const makeLink = async () => {
    const address = new URL(location.href);
    address.hash = linkTo('benchmark', { run: await packRun(run) });
    const text = address.href;
    try {
      await navigator.clipboard.writeText(text);
      link.value = { text, state: 'copied' };
    } catch {
      link.value = { text, state: 'shown' };
    }
  };
  return (
    <div class="stack">
      <div class="button-row">
        <Button size="small" onClick={() => void makeLink()}>
          Copy a link to this result
        </Button>
        <Button
          size="small"
          onClick={() => download(`${name}.json`, new Blob([`${JSON.stringify(run, undefined, 2)}\n`]))}
        >
          Save JSON
        </Button>
        <Button size="small" onClick={() => download(`${name}.csv`, new Blob([runsToCsv(runs)]))}>
          Save CSV
        </Button>
      </div>
      {link.value && (
        <div role="status" class="stack">
          <p>
            {link.value.state === 'copied' ? 'Copied. ' : 'Copy this link: '}
            The link itself holds the result of {runTitle(run)} and its settings; nothing is stored anywhere.
            {link.value.text.length > longLink &&
              ` It has ${link.value.text.length} characters, which some mail programs cut: the JSON file is safer.`}
          </p>
          <input class="input mono" readOnly aria-label="Link to this result" value={link.value.text} />
        </div>
      )}
    </div>
  );
}

function slug(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 40);
}
