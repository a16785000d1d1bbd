/** @file Machines side by side: what each reaches at best, and its ceilings. */

import { Table } from '../components/table.js';
import { type BenchmarkRun, ceilingsOf, fastestOf } from './benchmark-run.js';
import { bandwidthText, speedText, withUnit } from './numbers.js';
import { runNames, shapeText } from './series.js';

export function Machines({ runs }: { readonly runs: readonly BenchmarkRun[] }) {
  const names = runNames(runs);
  const rows = runs.map((run, index) => ({
    run,
    name: names[index],
    fastest: fastestOf(run),
    ...ceilingsOf(run),
  }));
  return (
    <Table
      caption="Machines side by side"
      columns={[
        {
          title: 'Machine',
          cell: ({ name, run }) => (
            <>
              {name}
              <span class="cell-aside">{run.machine.browser}</span>
            </>
          ),
        },
        {
          title: 'Fastest FP8 product',
          numeric: true,
          cell: ({ fastest }) =>
            fastest?.case.kind === 'gemm' && fastest.tflops !== null ? (
              <>
                {withUnit(speedText(fastest.tflops))}
                <span class="cell-aside">
                  {fastest.kernel}, {shapeText(fastest.case)}
                </span>
              </>
            ) : (
              '–'
            ),
        },
        {
          title: 'f32 peak',
          numeric: true,
          cell: ({ peak }) => (peak === undefined ? '–' : withUnit(speedText(peak / 1e12))),
        },
        {
          title: 'Copy bandwidth',
          numeric: true,
          cell: ({ bandwidth }) => (bandwidth === undefined ? '–' : withUnit(bandwidthText(bandwidth))),
        },
        { title: 'Measured', cell: ({ run }) => run.date.slice(0, 10) },
      ]}
      rows={rows}
      keyOf={({ run }) => run.id}
    />
  );
}
