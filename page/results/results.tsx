/** @file A run's results: the figures that matter, charts, tables, and ways to keep them. */

import { useMemo } from 'preact/hooks';
import { significant } from '../../src/report/number.js';
import { Button } from '../components/button.js';
import { Figure, Figures } from '../components/figure.js';
import { Message } from '../components/message.js';
import { Section } from '../components/section.js';
import {
  type BenchmarkRun,
  ceilingsOf,
  fastestOf,
  isMeasured,
  productsOf,
  runTitle,
} from './benchmark-run.js';
import { meanShare } from './best-peer.js';
import { ErrorChart } from './error-chart.js';
import { Machines } from './machines.js';
import { bandwidthText, speedText } from './numbers.js';
import { Peers } from './peers.js';
import { RecordsTable } from './records-table.js';
import { Roofline } from './roofline.js';
import { runNames, shapeText } from './series.js';
import { Share } from './share.js';
import { SpeedChart } from './speed-chart.js';
import { Verification } from './verification.js';

export interface ResultsProps {
  readonly run: BenchmarkRun;
  readonly others: readonly BenchmarkRun[];
  /** Whether more is to come. */
  readonly running: boolean;
  readonly onRemove: (run: BenchmarkRun) => void;
}

const endings = {
  complete: '',
  stopped: ' · stopped early',
  lost: ' · ended when the GPU was lost',
  failed: ' · ended early by an error',
} as const;

export function Results({ run, others, running, onRemove }: ResultsProps) {
  const runs = useMemo(() => [run, ...others], [run, others]);
  const names = runNames(runs);
  const products = productsOf(run).filter(isMeasured);
  const failed = run.records.filter(({ status }) => status === 'failed');
  const badChecks = run.checks.filter(({ status }) => status === 'failed');
  return (
    <>
      <Section title={running ? 'Results so far' : 'Results'} place="results">
        <p class="run-note">
          {runTitle(run)} · {run.machine.browser} · octile {run.version}
          {run.thread === 'page' && ' · on the page, without a worker'}
          {running ? '' : endings[run.ended]}
        </p>
        {badChecks.length + failed.length > 0 && (
          <Message kind="bad" title="Something is wrong on this machine">
            {badChecks.length} checks and {failed.length} measured results differ from the oracle; the tables
            below say how. Wrong results are not timed. The driver is the likeliest cause.
          </Message>
        )}
        <Headline run={run} />
        {run.records.length > 0 && !running && <Share run={run} runs={runs} />}
        {others.length > 0 && (
          <ul class="chips" aria-label="Machines shown side by side">
            {runs.map((one, index) => (
              <li key={one.id} class="chip">
                {names[index]}
                {index > 0 && (
                  <Button size="small" onClick={() => onRemove(one)} label={`Remove ${names[index]}`}>
                    ×
                  </Button>
                )}
              </li>
            ))}
          </ul>
        )}
        {others.length > 0 && <Machines runs={runs} />}
        {products.length > 0 && (
          <>
            <SpeedChart runs={runs} />
            <div class="chart-grid">
              <ErrorChart runs={runs} />
              <Roofline run={run} />
            </div>
          </>
        )}
        {runs.map((one) => one.peers && <Peers key={one.id} peers={one.peers} />)}
      </Section>
      {runs.map(
        (one, index) =>
          one.records.length > 0 && (
            <Section
              key={one.id}
              title={others.length > 0 ? `Every measurement: ${names[index]}` : 'Every measurement'}
              intro="Error is the largest difference from the exact product of the same codes and scales, over that product’s root mean square, of the outputs checked. calc_diff is DeepGEMM’s measure: 0 for equal, 1 for unrelated."
            >
              <RecordsTable run={one} />
            </Section>
          ),
      )}
      {run.checks.length > 0 && (
        <Section
          title="Verification"
          intro="Shaders on this GPU against plain code on the CPU, as bits wherever bits are defined."
        >
          <details class="details" open={running || badChecks.length > 0}>
            <summary>{checksText(run)}</summary>
            <Verification checks={run.checks} />
          </details>
        </Section>
      )}
    </>
  );
}

/** "22 passed, 0 failed, 6 skipped: every check". */
function checksText({ checks }: BenchmarkRun): string {
  const counted = (['passed', 'failed', 'skipped'] as const).map(
    (status) => `${checks.filter((check) => check.status === status).length} ${status}`,
  );
  return `${counted.join(', ')}: every check`;
}

function Headline({ run }: { readonly run: BenchmarkRun }) {
  const { bandwidth, peak } = ceilingsOf(run);
  const best = fastestOf(run);
  const share = meanShare(run.peers?.records ?? []);
  const passed = run.checks.filter(({ status }) => status === 'passed').length;
  const ran = run.checks.filter(({ status }) => status !== 'skipped').length;
  return (
    <Figures>
      {best?.case.kind === 'gemm' && best.tflops !== null && (
        <Figure
          label="Fastest FP8 product"
          {...speedText(best.tflops)}
          note={`${best.kernel}, ${shapeText(best.case)}${peak ? `, ${Math.round((100e12 * best.tflops) / peak)} % of the f32 peak` : ''}`}
        />
      )}
      {peak !== undefined && (
        <Figure
          label="Arithmetic peak, f32"
          {...speedText(peak / 1e12)}
          note="multiply-adds in registers, outside matrix units"
        />
      )}
      {bandwidth !== undefined && (
        <Figure
          label="Copy bandwidth"
          {...bandwidthText(bandwidth)}
          note="read and written, storage to storage"
        />
      )}
      {share !== undefined && (
        <Figure
          label="Speed beside the best other library"
          value={significant(100 * share)}
          unit="%"
          note="geometric mean over shapes, octile’s best kernel, by the host’s clock, in turn"
        />
      )}
      {ran > 0 && (
        <Figure
          label="Checks against the oracle"
          value={`${passed} of ${ran}`}
          unit="passed"
          note={`${run.checks.reduce((sum, { checked }) => sum + checked, 0).toLocaleString('en')} values compared`}
        />
      )}
    </Figures>
  );
}
