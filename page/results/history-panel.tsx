/** @file The runs that this browser keeps. */

import { useEffect } from 'preact/hooks';
import { Button } from '../components/button.js';
import { Confirmed } from '../components/confirmed.js';
import { type BenchmarkRun, runTitle } from './benchmark-run.js';
import { clearHistory, deleteRun, history, loadHistory } from './history.js';

export interface HistoryPanelProps {
  readonly onShow: (run: BenchmarkRun) => void;
  readonly onCompare: (run: BenchmarkRun) => void;
}

export function HistoryPanel({ onShow, onCompare }: HistoryPanelProps) {
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
      <Confirmed
        text="Clear the history"
        yes={`Yes, delete all ${value.runs.length}`}
        no="Keep them"
        onConfirm={() => void clearHistory()}
      />
    </>
  );
}

/** What a run holds; one that was stopped while it verified holds checks alone. */
function contentsOf({ records, peers, checks }: BenchmarkRun): string {
  const measurements = records.length + (peers?.records.length ?? 0);
  return measurements === 0 ? `${checks.length} checks` : `${measurements} measurements`;
}
