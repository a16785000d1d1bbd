/** @file A run of octile bench against an earlier one, for people and for programs. */

import type { Baseline, Change, Comparison, Verdict } from '../../bench/baseline.js';
import { table } from './table.js';
import { colors } from './terminal.js';

/** The part of the result in JSON. */
export function comparisonResult({ date, version, setting }: Baseline, comparison: Comparison): object {
  return { baseline: { date, version, ...setting }, ...comparison };
}

/** Cases that changed, how many did not, and what else differs. */
export function comparisonText({ date, version }: Baseline, { remarks, changes }: Comparison): string {
  const { bold, dim, green, red, yellow } = colors();
  const paint: Readonly<Record<Verdict, (text: string) => string>> = {
    lost: red,
    gained: green,
    same: dim,
    unlike: yellow,
    missing: yellow,
    new: dim,
  };
  const shown = changes.filter(({ verdict }) => verdict !== 'same');
  const rows = shown.map((change) => [
    paint[change.verdict](change.verdict),
    change.name,
    kernelText(change),
    microseconds(change.before),
    microseconds(change.now),
    change.change === null ? '' : signedPercent(change.change),
    change.noise === null ? '' : `± ${(100 * change.noise).toFixed(1)} %`,
  ]);
  const head = ['', 'case', 'kernel', 'before', 'now µs', 'change', 'noise'];
  const counts = (['lost', 'gained', 'same', 'unlike', 'missing', 'new'] as const).flatMap((verdict) => {
    const count = changes.filter((change) => change.verdict === verdict).length;
    return count === 0 ? [] : [paint[verdict](`${count} ${verdict}`)];
  });
  return [
    bold(`against the run of ${date} by version ${version}: `) + counts.join(', '),
    ...(rows.length > 0
      ? [table(head, rows, ['left', 'left', 'left', 'right', 'right', 'right', 'right'])]
      : []),
    ...(changes.some(({ verdict }) => verdict === 'unlike')
      ? [dim('unlike: timed by another clock than before, and not compared')]
      : []),
    ...remarks.map((text) => yellow(`note: ${text}`)),
  ].join('\n');
}

function kernelText({ kernel, kernelBefore }: Change): string {
  return kernelBefore === undefined ? kernel : `${kernelBefore} → ${kernel}`;
}

function microseconds(value: number | null): string {
  if (value === null) return '';
  return value.toLocaleString('en', { minimumSignificantDigits: 4, maximumSignificantDigits: 4 });
}

function signedPercent(change: number): string {
  return `${change < 0 ? '−' : '+'}${(100 * Math.abs(change)).toFixed(1)} %`;
}
