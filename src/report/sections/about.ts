/** @file What ran, on what, and when. */

import type { Report } from '../data.js';
import { decimal } from '../number.js';
import type { Section } from '../section.js';

export function aboutSection({ adapter, host, version, created, milliseconds }: Report): Section {
  const seconds = (duration: number) => `${decimal(duration / 1000, 1)} s`;
  const { verification, encoder, benchmark, total } = milliseconds;
  const kind = adapter.kind === 'hardware' ? 'a GPU' : 'software: the CPU computes what a GPU would';
  return {
    title: 'What ran',
    findings: [],
    notes: [
      'Every figure was computed for this report, on this adapter. Times on another adapter, or of another day, will differ; the bits of codes and scales will not.',
    ],
    figures: [],
    tables: [
      {
        title: 'Adapter and host',
        head: ['', ''],
        align: ['left', 'left'],
        rows: [
          ['adapter', `${adapter.name} (${kind})`],
          ['taken because', adapter.reason],
          ['host', `${host.platform}, ${host.processor}, ${host.cores} cores, ${host.runtime}`],
          ['octile', `${version}, on ${created.slice(0, 16).replace('T', ' ')} UTC`],
          [
            'time',
            `${seconds(total)}: verification ${seconds(verification)}, encoder ${seconds(encoder)}, benchmark ${seconds(benchmark)}`,
          ],
        ],
      },
    ],
  };
}
