/** @file The runs that this browser keeps. */

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { Button } from '../components/button.js';
import { type BenchmarkRun, runTitle } from './benchmark-run.js';
import { clearHistory, deleteRun, history, loadHistory } from './history.js';

export interface HistoryPanelProps {
  readonly onShow: (run: BenchmarkRun) => void;
  readonly onCompare: (run: BenchmarkRun) => void;
}

export function HistoryPanel({ onShow, onCompare }: HistoryPanelProps) {
  const asked = useSignal(false);
  useEffect(() => {
    void loadHistory();
  }, []);
  const { value } = history;
  if (value.status === 'loading') return <p>Reading …</p>;
  if (value.status === 'unavailable')
    return <p>This browser keeps nothing for this page ({value.reason}). Save results as files instead.</p>;
  if (value.runs.length === 0)
    return <p>Nothing yet. Every run is kept here, in this browser alone, until you delete it.</p>;
  return (
    <>
      <ul class="history-list">
        {value.runs.map((run) => (
          <li key={run.id} class="history-row">
            <span>
              {runTitle(run)} <span class="status-skipped">· {contentsOf(run)}</span>
            </span>
            <span class="button-row">
              <Button size="small" onClick={() => onShow(run)} label={`Show ${runTitle(run)}`}>
                Show
              </Button>
              <Button size="small" onClick={() => onCompare(run)} label={`Compare ${runTitle(run)}`}>
                Compare
              </Button>
              <Button
                size="small"
                kind="danger"
                onClick={() => void deleteRun(run.id)}
                label={`Delete ${runTitle(run)}`}
              >
                Delete
              </Button>
            </span>
          </li>
        ))}
      </ul>
      <div class="button-row">
        {asked.value ? (
          <>
            <Button
              size="small"
              kind="danger"
              onClick={() => {
                asked.value = false;
                void clearHistory();
              }}
            >
              Yes, delete all {value.runs.length}
            </Button>
            <Button
              size="small"
              onClick={() => {
                asked.value = false;
              }}
            >
              Keep them
            </Button>
          </>
        ) : (
          <Button
            size="small"
            kind="danger"
            onClick={() => {
              asked.value = true;
            }}
          >
            Clear the history
          </Button>
        )}
      </div>
    </>
  );
}

/** What a run holds; one that was stopped while it verified holds checks alone. */
function contentsOf({ records, peers, checks }: BenchmarkRun): string {
  const measurements = records.length + (peers?.records.length ?? 0);
  return measurements === 0 ? `${checks.length} checks` : `${measurements} measurements`;
}
