/** @file A study's page of text, in Markdown: question, setting, figures, and what they say. */

import type { RunRecord } from './folder.js';
import type { Findings, PageTable, Study } from './study.js';

/** The page that lies beside the results. */
export function page(study: Study, run: RunRecord, findings: Findings): string {
  const { adapter, created, milliseconds, seed, size, version } = run;
  const setting: readonly (readonly string[])[] = [
    ['adapter', `${adapter.name} (${adapter.kind}): ${adapter.reason}`],
    ['size', size],
    ['seed', String(seed)],
    ...findings.setting,
    ['octile', version],
    ['run', `${created}, ${(milliseconds / 1000).toFixed(1)} s`],
  ];
  return `${[
    `# octile experiment ${study.name}`,
    study.question,
    '## Setting',
    grid(['', ''], setting),
    '## Figures',
    `![${findings.chart.label}](chart.svg)`,
    `The chart shows: ${findings.chart.label}.`,
    ...findings.tables.flatMap(titled),
    '## What they say',
    findings.conclusions.map((text) => `- ${text}`).join('\n'),
    '## Files',
    'results.csv and results.json hold every figure, one line for each combination; chart.svg is the chart above. The columns:',
    grid(
      ['column', 'meaning'],
      findings.columns.map(({ name, meaning }) => [name, meaning]),
    ),
    `The same figures again: \`octile experiment ${study.name} --size ${size} --seed ${seed}\``,
  ].join('\n\n')}\n`;
}

function titled({ caption, head, rows }: PageTable): string[] {
  return [`${caption}:`, grid(head, rows)];
}

function grid(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
