/** @file Whether the kernels compute what the CPU oracles say. */

import type { CheckReport } from '../../verify/verify.js';
import { count } from '../number.js';
import type { Section } from '../section.js';

/** What was left out for each reason: checks of the same kernel, whose names begin with it, are one. */
function byReason(skipped: readonly CheckReport[]): [reason: string, what: string[]][] {
  const reasons = new Map<string, Set<string>>();
  for (const { name, detail } of skipped) {
    const what = reasons.get(detail) ?? new Set();
    reasons.set(detail, what.add(name.split(',')[0] as string));
  }
  return [...reasons].map(([reason, what]) => [reason, [...what]]);
}

export function verificationSection(checks: readonly CheckReport[]): Section {
  const by = (status: CheckReport['status']) => checks.filter((check) => check.status === status);
  const failed = by('failed');
  const skipped = by('skipped');
  const compared = checks.reduce((sum, check) => sum + check.checked, 0);
  const counts = [
    `${by('passed').length} of ${checks.length} checks passed`,
    `${failed.length} failed`,
    `${skipped.length} could not run here`,
    `${count(compared)} results compared`,
  ];
  return {
    title: 'Verification',
    findings: [
      `${counts.join(', ')}.`,
      ...failed.map(({ name, detail }) => `Failed: ${name}: ${detail}.`),
      ...byReason(skipped).map(([reason, what]) => `Could not run here: ${what.join(', ')}: ${reason}.`),
    ],
    notes: [
      'Each check computes on the adapter what an oracle computes on the CPU. Bits are compared wherever the arithmetic is defined to the bit; products of f32 sums are held against a bound that follows from their length.',
    ],
    figures: [],
    tables: [
      {
        title: 'Checks',
        head: ['check', 'result', 'compared', 'mismatches', 'covered'],
        align: ['left', 'left', 'right', 'right', 'left'],
        terminalColumns: 4,
        folded: failed.length === 0,
        rows: checks.map(({ name, status, checked, mismatches, detail }) => [
          name,
          status,
          count(checked),
          count(mismatches),
          detail,
        ]),
      },
    ],
  };
}
