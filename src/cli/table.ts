/** @file Tables and figures for people to read. */

import process from 'node:process';
import { stripVTControlCharacters } from 'node:util';
import Table from 'cli-table3';
import { colors } from './terminal.js';

export type Cell = string | number;

const blank = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  right: '',
  'right-mid': '',
  mid: '',
  'mid-mid': '',
  middle: '  ',
};

/**
 * A table with a head.
 * @param align how each column lies; numbers read best on the right. Default left
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  align: readonly ('left' | 'right' | 'center')[] = [],
): string {
  const { bold } = colors();
  // Short rows would get an empty line of their own.
  const whole = rows.map((row) => [
    ...row,
    ...new Array<string>(Math.max(0, head.length - row.length)).fill(''),
  ]);
  return draw(
    whole,
    head.map((title) => bold(title)),
    head.map((_, i) => align[i] ?? 'left'),
  );
}

/** A list of names and what belongs to them. */
export function list(rows: readonly (readonly [name: string, value: Cell])[]): string {
  const { dim } = colors();
  return draw(rows.map(([name, value]) => [dim(name), value]));
}

/** A count of bytes, with its digits in groups. */
export function bytes(count: number): string {
  return `${count.toLocaleString('en')} bytes`;
}

/** A time, in milliseconds below a second and in seconds above. */
export function time(milliseconds: number): string {
  if (milliseconds >= 1000) return `${(milliseconds / 1000).toFixed(2)} s`;
  return `${milliseconds.toFixed(milliseconds < 100 ? 2 : 0)} ms`;
}

/** Whether a text stays as it is on stdout: a terminal breaks lines that are wider than it, in the middle of words. */
export function fits(text: string): boolean {
  const { isTTY, columns } = process.stdout;
  return !isTTY || columns === undefined || text.split('\n').every((line) => textWidth(line) <= columns);
}

function draw(
  rows: readonly (readonly Cell[])[],
  head?: string[],
  colAligns?: ('left' | 'right' | 'center')[],
): string {
  const drawn = drawAt(rows, head, colAligns);
  return fits(drawn) ? drawn : drawAt(rows, head, colAligns, wrapped([...(head ? [head] : []), ...rows]));
}

/**
 * Widths of columns with which a table fits stdout: the widest give up what is too much, down to their longest
 * words. Columns whose words alone are too much stay too wide.
 */
function wrapped(rows: readonly (readonly Cell[])[]): number[] {
  const cells = (col: number) => rows.map((row) => String(row[col] ?? ''));
  const cols = Math.max(...rows.map((row) => row.length));
  const widest = (texts: readonly string[]) => Math.max(1, ...texts.map(textWidth));
  const least = Array.from({ length: cols }, (_, col) =>
    widest(cells(col).flatMap((text) => text.split(' '))),
  );
  const widths = Array.from({ length: cols }, (_, col) => widest(cells(col)));
  const gaps = blank.middle.length * (cols - 1);
  let excess = widths.reduce((sum, width) => sum + width, gaps) - process.stdout.columns;
  while (excess > 0) {
    const slack = widths.map((width, col) => (width > (least[col] ?? 0) ? width : 0));
    const most = Math.max(...slack);
    if (most === 0) break;
    widths[slack.indexOf(most)] = most - 1;
    excess--;
  }
  return widths;
}

function textWidth(text: string): number {
  return stripVTControlCharacters(text).length;
}

function drawAt(
  rows: readonly (readonly Cell[])[],
  head?: string[],
  colAligns?: ('left' | 'right' | 'center')[],
  colWidths?: number[],
): string {
  const drawn = new Table({
    chars: blank,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    ...(head ? { head } : {}),
    ...(colAligns ? { colAligns } : {}),
    ...(colWidths ? { colWidths, wordWrap: true, wrapOnWordBoundary: true } : {}),
  });
  drawn.push(...rows.map((row) => [...row]));
  return drawn
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}
