/** @file Two reports side by side: where their answers differ. */

import type { ProbeReport } from './report.js';

/** A question that two adapters answer differently, or that one of them was not asked. */
export interface Difference {
  readonly id: string;
  readonly question: string;
  /** The first report's answer, and the second's. */
  readonly answers: readonly [string, string];
}

export interface Comparison {
  readonly adapters: readonly [string, string];
  /** Questions that at least one report answers. */
  readonly compared: number;
  readonly differences: readonly Difference[];
}

/** The answer of a report that has none. */
const absent = 'not offered';

/** Findings of two reports, by their ids, in the order of the first report and then of the second. */
export function compareReports(one: ProbeReport, other: ProbeReport): Comparison {
  const [left, right] = [answers(one), answers(other)];
  const ids = [...new Set([...left.keys(), ...right.keys()])];
  const differences = ids.flatMap((id): Difference[] => {
    const [a, b] = [left.get(id), right.get(id)];
    if (a?.answer === b?.answer) return [];
    return [
      { id, question: a?.question ?? b?.question ?? '', answers: [a?.answer ?? absent, b?.answer ?? absent] },
    ];
  });
  return { adapters: [one.adapter.name, other.adapter.name], compared: ids.length, differences };
}

function answers({ sections }: ProbeReport) {
  const findings = sections.flatMap(({ findings }) => findings);
  return new Map(findings.map((finding) => [finding.id, finding]));
}
