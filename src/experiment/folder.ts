/** @file The folder that a study leaves: results.json, results.csv, chart.svg and README.md. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { FileError } from '../errors.js';
import { makeFolder, requireOutputFile, writeFiles } from '../io/files.js';
import { chartFile } from '../report/chart.js';
import { toCsv } from './csv.js';
import { page } from './page.js';
import type { Findings, Row, Size, Study, Value } from './study.js';

export const fileNames = ['results.json', 'results.csv', 'chart.svg', 'README.md'] as const;

/** Pixels of the chart. */
const chartSize = { width: 820, height: 460 };

/** Where, when and how a study was run. */
export interface RunRecord {
  readonly version: string;
  /** ISO 8601. */
  readonly created: string;
  readonly seed: number;
  readonly size: Size;
  readonly adapter: { readonly name: string; readonly kind: string; readonly reason: string };
  readonly milliseconds: number;
}

/**
 * Makes the folder and checks that the files can be written, before the work for them begins.
 * @throws FileError, also where the files of a study would replace a README.md that no study has written
 */
export async function prepareFolder(folder: string): Promise<void> {
  await makeFolder(folder);
  const [results, , , readme] = fileNames.map((name) => existsSync(join(folder, name)));
  if (readme && !results)
    throw new FileError(
      `${folder} holds a README.md that is not of a study, and would be replaced: give another folder with -o`,
    );
  for (const name of fileNames) await requireOutputFile(join(folder, name), []);
}

/** What results.json holds. JSON has no infinities and no NaN: they are the strings "Infinity" and "NaN". */
export function resultsDocument(study: Study, run: RunRecord, findings: Findings): object {
  return {
    study: study.name,
    question: study.question,
    ...run,
    setting: Object.fromEntries(findings.setting),
    columns: findings.columns,
    rows: findings.rows.map(plainRow),
    conclusions: findings.conclusions,
  };
}

/**
 * Writes the four files, all or none.
 * @throws FileError
 */
export async function writeFolder(
  folder: string,
  study: Study,
  run: RunRecord,
  findings: Findings,
): Promise<void> {
  const contents: Record<(typeof fileNames)[number], string> = {
    'results.json': `${JSON.stringify(resultsDocument(study, run, findings), undefined, 2)}\n`,
    'results.csv': toCsv(findings.columns, findings.rows),
    'chart.svg': `${chartFile(findings.chart, chartSize)}\n`,
    'README.md': page(study, run, findings),
  };
  await writeFiles(
    fileNames.map((name) => ({
      path: join(folder, name),
      parts: [new TextEncoder().encode(contents[name])],
    })),
  );
}

function plainRow(row: Row): Row {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)]));
}

function plain(value: Value): Value {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}
