/** @file A report on the terminal: findings and tables. */

import { table } from '../cli/table.js';
import { colors } from '../cli/terminal.js';
import { alignment, type Section } from './section.js';

export function renderTerminal(parts: readonly Section[]): string {
  const { bold, cyan, dim } = colors();
  return parts
    .map(({ title, findings, tables }) =>
      [
        bold(cyan(title)),
        ...findings.map((text) => wrapped(text)),
        ...tables.map((one) => {
          const columns = one.terminalColumns ?? one.head.length;
          const cut = <Cell>(cells: readonly Cell[]) => cells.slice(0, columns);
          return `${dim(one.title)}\n${table(cut(one.head), one.rows.map(cut), cut(alignment(one)))}`;
        }),
      ].join('\n\n'),
    )
    .join('\n\n\n');
}

/** Characters to a line of prose. */
const lineLength = 100;

function wrapped(text: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > lineLength) {
      lines.push(line);
      line = '';
    }
    line += line === '' ? word : ` ${word}`;
  }
  return [...lines, line].join('\n');
}
