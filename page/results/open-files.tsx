/** @file A place to drop saved runs on, or to pick them. */

import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { Button } from '../components/button.js';
import type { BenchmarkRun } from './benchmark-run.js';
import { readRun } from './read-run.js';

/** A saved run has some tens of kilobytes. */
const largestFile = 16 * 2 ** 20;

export interface OpenFilesProps {
  readonly onRun: (run: BenchmarkRun) => void;
  readonly onProblem: (text: string) => void;
}

export function OpenFiles({ onRun, onProblem }: OpenFilesProps) {
  const over = useSignal(false);
  const picker = useRef<HTMLInputElement>(null);
  const take = async (files: Iterable<File>) => {
    for (const file of files) {
      try {
        if (file.size > largestFile)
          throw new Error(
            `${file.name} has ${Math.ceil(file.size / 2 ** 20)} MiB; no saved benchmark is that large`,
          );
        onRun(readRun(await file.text(), file.name));
      } catch (error) {
        onProblem(error instanceof Error ? error.message : String(error));
      }
    }
  };
  return (
    // The button does the same by keyboard.
    // biome-ignore lint/a11y/noStaticElementInteractions: see above
    <div
      class="drop"
      data-over={over.value}
      onDragOver={(event) => {
        event.preventDefault();
        over.value = true;
      }}
      onDragLeave={() => {
        over.value = false;
      }}
      onDrop={(event) => {
        event.preventDefault();
        over.value = false;
        void take(event.dataTransfer?.files ?? []);
      }}
    >
      <p>
        Drop saved results here to see machines side by side: JSON of this page, or of{' '}
        <code>octile bench --json FILE</code>.
      </p>
      <Button onClick={() => picker.current?.click()}>Choose files</Button>
      <input
        ref={picker}
        type="file"
        accept=".json,application/json"
        multiple
        hidden
        aria-label="Saved results"
        onChange={(event) => {
          const { currentTarget } = event;
          void take([...(currentTarget.files ?? [])]).then(() => {
            // The same file may be chosen again.
            currentTarget.value = '';
          });
        }}
      />
    </div>
  );
}
