/** @file Results as comma-separated values: RFC 4180, with line feeds. */

import type { Column, Row, Value } from './study.js';

/** A line of column names, then a line for each row. Numbers have every digit; "Infinity" and "NaN" are names. */
export function toCsv(columns: readonly Column[], rows: readonly Row[]): string {
  const names = columns.map(({ name }) => name);
  const lines = [names, ...rows.map((row) => names.map((name) => row[name] ?? ''))];
  return lines.map((line) => `${line.map(field).join(',')}\n`).join('');
}

function field(value: Value): string {
  const text = String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
