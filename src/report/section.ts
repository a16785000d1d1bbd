/** @file What a section of a report is, before anybody decides how it looks. */

import type { Chart } from './chart.js';

/** A table of text; the first row names the columns, with their units. */
export interface SectionTable {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Columns of numbers read best on the right. Every column but the first unless given. */
  readonly align?: readonly ('left' | 'right')[];
  /** Folded on the page: for looking up. */
  readonly folded?: boolean;
  /** How many columns a terminal has room for. All unless given. */
  readonly terminalColumns?: number;
}

/** A chart and what to read from it. */
export interface SectionFigure {
  readonly chart: Chart;
  readonly caption: string;
}

/** One part of a report. The terminal shows the findings and the tables, the page everything. */
export interface Section {
  readonly title: string;
  /** What came out, a sentence or two each. */
  readonly findings: readonly string[];
  /** How it was done, and what the figures mean. */
  readonly notes: readonly string[];
  readonly figures: readonly SectionFigure[];
  readonly tables: readonly SectionTable[];
}

/** How each column of a table lies. */
export function alignment(table: SectionTable): readonly ('left' | 'right')[] {
  return table.align ?? table.head.map((_, i) => (i === 0 ? 'left' : 'right'));
}
