/** @file Every record of a run, other libraries' too, with what went wrong where something did. */

import type { PeerRecord } from '../../bench/peers/record.js';
import type { BenchRecord } from '../../bench/record.js';
import { caseKind, caseShape } from '../../bench/suites.js';
import { scientific, significant } from '../../src/report/number.js';
import { tilingText } from '../../src/tune/tuning.js';
import { type Column, Table } from '../components/table.js';
import { type BenchmarkRun, runTitle } from './benchmark-run.js';
import { isOwn, shareOfBestPeer } from './best-peer.js';
import { speedScale } from './numbers.js';
import { shapeText } from './series.js';

/** What the columns show of a record, whoever's it is. */
interface Row {
  readonly shape: string;
  readonly kind: string;
  readonly kernel: string;
  /** The library, where it is not this one or was measured in turn with others. */
  readonly library?: string;
  /** The tile sizes it took, where that is known. */
  readonly tiling?: string;
  readonly measured?: {
    readonly tflops: number | null;
    readonly gbps: number;
    readonly error: number | null;
    readonly calcDiff: number | null;
    readonly min: number;
    readonly median: number;
    readonly max: number;
    readonly samples: number;
  };
  readonly status: BenchRecord['status'];
  readonly reason: string;
  /** 1 is as fast as the best other library. */
  readonly share?: number | undefined;
}

function rowOf(record: BenchRecord): Row {
  return {
    shape: caseShape(record.case).replaceAll(/(\d)x(?=\d)/g, '$1 × '),
    kind: caseKind(record.case),
    kernel: record.kernel,
    ...(record.tiling
      ? { tiling: `${tilingText(record.tiling)}${record.tuned ? '; found by tuning' : ''}` }
      : {}),
    status: record.status,
    ...(record.status === 'measured' ? { measured: record, reason: '' } : { reason: record.reason }),
  };
}

function rowOfPeer(record: PeerRecord, all: readonly PeerRecord[]): Row {
  return {
    shape: `gemm ${shapeText(record.product)}`,
    kind: record.precision,
    kernel: chosenKernel(record),
    library: isOwn(record) ? `${record.library}, in turn with the others` : record.library,
    status: record.status,
    share: shareOfBestPeer(record, all),
    // Bytes are not counted for libraries whose passes nobody sees.
    ...(record.status === 'measured'
      ? { measured: { ...record, gbps: 0 }, reason: '' }
      : { reason: record.reason }),
  };
}

/** "auto (portable)" where the library says what it chose. */
function chosenKernel(record: PeerRecord): string {
  const chosen = record.status === 'measured' ? record.kernel : null;
  return chosen === null || record.name.includes(chosen) ? record.name : `${record.name} (${chosen})`;
}

const shareColumn: Column<Row> = {
  title: 'Of best peer',
  unit: '%',
  numeric: true,
  cell: ({ share }) => (share === undefined ? '–' : significant(100 * share)),
};

export function RecordsTable({ run }: { readonly run: BenchmarkRun }) {
  const peers = run.peers?.records ?? [];
  const rows = [...run.records.map(rowOf), ...peers.map((record) => rowOfPeer(record, peers))];
  const { unit, factor } = speedScale(Math.max(...rows.map(({ measured }) => measured?.tflops ?? 0)));
  const measured = (read: (record: NonNullable<Row['measured']>) => string) => (row: Row) =>
    row.measured ? read(row.measured) : '';
  const columns: Column<Row>[] = [
    {
      title: 'Case',
      cell: ({ shape, kind }) => (
        <>
          {shape}
          <span class="cell-aside">{kind}</span>
        </>
      ),
    },
    {
      title: 'Kernel',
      cell: ({ kernel, tiling, library, reason }) => (
        <>
          <code>{kernel}</code>
          {tiling && <span class="cell-aside">{tiling}</span>}
          {library && <span class="cell-aside">{library}</span>}
          {reason && <span class="cell-aside">{reason}</span>}
        </>
      ),
    },
    {
      title: 'Speed',
      unit,
      numeric: true,
      cell: (row) =>
        row.measured ? (
          row.measured.tflops === null ? (
            '–'
          ) : (
            significant(factor * row.measured.tflops)
          )
        ) : (
          <span class={`status-${row.status}`}>{row.status}</span>
        ),
    },
    ...(peers.length > 0 ? [shareColumn] : []),
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
      cell: measured(({ samples }) => String(samples)),
    },
  ];
  return (
    <Table
      caption={`Measurements of ${runTitle(run)}`}
      hideCaption
      columns={columns}
      rows={rows}
      keyOf={(_, index) => index}
    />
  );
}
