/** @file What a study is: a question, a setting in two sizes, and the figures that answer it. */

import type { Context } from '../context.js';
import type { Encoder } from '../model/encoder.js';
import type { Chart } from '../report/chart.js';
import type { Absent } from '../report/data.js';

/** full is made for a GPU; small takes less than a minute on the software adapter. */
export const sizes = ['small', 'full'] as const;
export type Size = (typeof sizes)[number];

/** What a study computes with. */
export interface Laboratory {
  readonly context: Context;
  /** The same seed gives the same data on every machine. */
  readonly seed: number;
  /** A trained model whose layers are studied beside synthetic data, or why there is none. */
  readonly encoder: Encoder | Absent;
}

/** A figure, or what it belongs to. */
export type Value = string | number;

/** A column of the results. */
export interface Column<Name extends string = string> {
  readonly name: Name;
  /** What it holds, with its unit. */
  readonly meaning: string;
}

/** One line of the results: a value for each column. */
export type Row = Readonly<Record<string, Value>>;

/** A table for the page: some of the results, arranged to be read. */
export interface PageTable {
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface Findings {
  /** What was computed, as names and values. */
  readonly setting: readonly (readonly [name: string, value: string])[];
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  readonly chart: Chart;
  readonly tables: readonly PageTable[];
  /** What the figures say, a sentence or a few each. */
  readonly conclusions: readonly string[];
}

export interface Study {
  readonly name: string;
  /** In a line. */
  readonly summary: string;
  /** What it asks, and why. */
  readonly question: string;
  /** Whether it looks at the layers of a trained model too. */
  readonly usesEncoder: boolean;
  run(laboratory: Laboratory, size: Size): Promise<Findings>;
}
