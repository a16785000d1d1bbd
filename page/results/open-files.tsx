/** @file A place to drop saved runs on, or to pick them. */

import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { Button } from '../components/button.js';
import { Message } from '../components/message.js';
import { sentence } from '../components/sentence.js';
import type { BenchmarkRun } from './benchmark-run.js';
import { readRun } from './read-run.js';

/** A saved run has some tens of kilobytes. */
const largestFile = 16 * 2 ** 20;

export interface OpenFilesProps {
  readonly onRun: (run: BenchmarkRun) => void;
}

export function OpenFiles({ onRun }: OpenFilesProps) {
  const over = useSignal(false);
  const problems = useSignal<readonly string[]>([]);
  const place = useRef<HTMLDivElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const take = async (files: Iterable<File>) => {
    problems.value = [];
    for (const file of files) {
      try {
        if (file.size > largestFile)
          throw new Error(
            `${file.name} has ${Math.ceil(file.size / 2 ** 20)} MiB; no saved benchmark is that large`,
          );
        onRun(readRun(await file.text(), file.name));
      } catch (error) {
        problems.value = [...problems.value, error instanceof Error ? error.message : String(error)];
      }
    }
  };
  // A file may have been dropped far from here.
  useEffect(() => {
    if (problems.value.length > 0) place.current?.scrollIntoView({ block: 'nearest' });
  }, [problems.value]);
  // Wherever a file is dropped: elsewhere the browser would leave the page to show it.
  useEffect(() => {
    const holdsFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true;
    const onOver = (event: DragEvent) => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      over.value = true;
    };
    const onLeave = (event: DragEvent) => {
      if (event.relatedTarget === null) over.value = false;
    };
    const onDrop = (event: DragEvent) => {
      over.value = false;
      if (!holdsFiles(event)) return;
      event.preventDefault();
      void take(event.dataTransfer?.files ?? []);
    };
    document.addEventListener('dragover', onOver);
    document.addEventListener('dragleave', onLeave);
    document.addEventListener('drop', onDrop);
    return () => {
      document.removeEventListener('dragover', onOver);
      document.removeEventListener('dragleave', onLeave);
      document.removeEventListener('drop', onDrop);
    };
  }, []);
  return (
    <div class="drop" data-over={over.value} ref={place}>
      <p>
        Drop saved results anywhere on this page to see machines side by side: JSON of this page, or of{' '}
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
      {problems.value.length > 0 && (
        <Message
          kind="bad"
          title={problems.value.length === 1 ? 'A file could not be read' : 'Some files could not be read'}
          actions={
            <Button
              size="small"
              onClick={() => {
                problems.value = [];
              }}
            >
              Dismiss
            </Button>
          }
        >
          {problems.value.map((problem) => (
            <p key={problem}>{sentence(problem)}</p>
          ))}
        </Message>
      )}
    </div>
  );
}
