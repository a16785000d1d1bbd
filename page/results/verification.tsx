/** @file What the checks of a run found. */

import { count } from '../../src/report/number.js';
import type { CheckReport } from '../../src/verify/verify.js';
import { Table } from '../components/table.js';

export function Verification({ checks }: { readonly checks: readonly CheckReport[] }) {
  return (
    <Table
      caption="Checks of shaders against the oracle on the CPU"
      hideCaption
      columns={[
        { title: 'Check', cell: ({ name }) => name },
        {
          title: 'Result',
          cell: ({ status }) => (
            <span class={`status-${status}`}>
              {{ passed: '✓ passed', failed: '× failed', skipped: 'skipped' }[status]}
            </span>
          ),
        },
        { title: 'Compared', unit: 'values', numeric: true, cell: ({ checked }) => count(checked) },
        { title: 'Mismatches', numeric: true, cell: ({ mismatches }) => count(mismatches) },
        { title: 'What was covered', wordy: true, cell: ({ detail }) => detail },
      ]}
      rows={checks}
      keyOf={({ name }) => name}
    />
  );
}
