/** @file Every record of a run, with what went wrong where something did. */

import type { BenchRecord, Measurement } from '../../bench/record.js';
import { caseKind, caseShape } from '../../bench/suites.js';
import { scientific, significant } from '../../src/report/number.js';
import { Table } from '../components/table.js';
import { type BenchmarkRun, isMeasured, runTitle } from './benchmark-run.js';

export function RecordsTable({ run }: { readonly run: BenchmarkRun }) {
  const measured = (read: (record: Measurement) => string) => (record: BenchRecord) =>
    isMeasured(record) ? read(record) : '';
  return (
    <Table
      caption={`Measurements of ${runTitle(run)}`}
      hideCaption
      columns={[
        {
          title: 'Case',
          cell: (record) => (
            <>
              {caseShape(record.case).replaceAll(/(\d)x(?=\d)/g, '$1 × ')}
              <span class="cell-aside">{caseKind(record.case)}</span>
            </>
          ),
        },
        { title: 'Kernel', cell: (record) => <code>{record.kernel}</code> },
        {
          title: 'Speed',
          unit: 'TFLOP/s',
          numeric: true,
          cell: (record) =>
            isMeasured(record) ? (
              record.tflops === null ? (
                '–'
              ) : (
                significant(record.tflops)
              )
            ) : (
              <span class={`status-${record.status}`}>{record.status}</span>
            ),
        },
        {
          title: 'Moved',
          unit: 'GB/s',
          numeric: true,
          cell: measured(({ gbps }) => (gbps === 0 ? '–' : significant(gbps))),
        },
        {
          title: 'Largest error',
          unit: '% of RMS',
          numeric: true,
          cell: measured(({ error }) => (error === null ? 'same bits' : significant(100 * error))),
        },
        {
          title: 'calc_diff',
          numeric: true,
          cell: measured(({ calcDiff }) => (calcDiff === null ? '–' : scientific(calcDiff))),
        },
        {
          title: 'Median',
          unit: 'µs',
          numeric: true,
          cell: measured(({ median }) => significant(median, 4)),
        },
        {
          title: 'From – to',
          unit: 'µs',
          numeric: true,
          cell: measured(({ min, max }) => `${significant(min)} – ${significant(max)}`),
        },
        {
          title: 'Samples',
          numeric: true,
          cell: (record) => (isMeasured(record) ? record.samples : record.reason),
        },
      ]}
      rows={run.records}
      keyOf={(record, index) => `${index} ${record.name}`}
    />
  );
}
