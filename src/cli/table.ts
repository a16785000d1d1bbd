/** @file Tables and figures for people to read. */

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
  return draw(
    rows,
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

function draw(
  rows: readonly (readonly Cell[])[],
  head?: string[],
  colAligns?: ('left' | 'right' | 'center')[],
): string {
  const drawn = new Table({
    chars: blank,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    ...(head ? { head } : {}),
    ...(colAligns ? { colAligns } : {}),
  });
  drawn.push(...rows.map((row) => [...row]));
  return drawn
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}
