/**
 * @file Choosing among hypotheses: each predicts the bits of every case, and those that predict all of them stay.
 * The evidence is a few cases that between them rule out every other.
 */

import { type Evidence, type Finding, noneFits } from './finding.js';

/** Any NaN will do, because its bits are not what is asked. */
export const anyNaN = 'NaN';

/** Bits, or any NaN. */
export type Prediction = number | typeof anyNaN;

export interface Hypothesis<Case> {
  readonly name: string;
  predict(one: Case): Prediction;
}

/** A question whose answer is one of several hypotheses. */
export interface Choice<Case> {
  readonly id: string;
  readonly question: string;
  readonly cases: readonly Case[];
  readonly hypotheses: readonly Hypothesis<Case>[];
  /** The inputs of a case, for evidence. */
  inputs(one: Case): readonly string[];
  /** Result bits, for evidence. */
  show(bits: number): string;
  isNaN(bits: number): boolean;
  /** The answer of the hypotheses that stay, at least one. Default their names, joined by "or". */
  answer?(fitting: readonly string[]): string;
  /** The answer where none stays, from what was seen. Default that none fits. */
  otherwise?(seen: ArrayLike<number>): string;
}

export interface Decision<Case> {
  readonly finding: Finding;
  /** Every hypothesis that predicts all cases, in their order. */
  readonly fitting: readonly Hypothesis<Case>[];
}

const mostEvidence = 6;
const mostAgreement = 6;
const mostPredictions = 5;

/** Holds hypotheses against what was seen, case by case. */
export function decide<Case>(choice: Choice<Case>, seen: ArrayLike<number>): Decision<Case> {
  const { cases, hypotheses } = choice;
  const trials = hypotheses.map((hypothesis) => {
    const hits = cases.map((one, i) => matches(choice, hypothesis.predict(one), seen[i] as number));
    return { hypothesis, hits, count: hits.filter(Boolean).length };
  });
  const fitting = trials.filter(({ count }) => count === cases.length);
  const answer =
    fitting.length === 0
      ? (choice.otherwise?.(seen) ?? noneFits)
      : (choice.answer ?? ((names) => names.join(' or ')))(fitting.map(({ hypothesis }) => hypothesis.name));
  const best = [...trials].sort((one, other) => other.count - one.count).slice(0, mostAgreement);
  return {
    fitting: fitting.map(({ hypothesis }) => hypothesis),
    finding: {
      id: choice.id,
      question: choice.question,
      answer,
      cases: cases.length,
      agreement: Object.fromEntries(best.map(({ hypothesis, count }) => [hypothesis.name, count])),
      evidence: evidence(choice, seen, trials),
    },
  };
}

/** Cases that rule out all that can be ruled out: the one that rules out most first, then the next. */
function evidence<Case>(
  choice: Choice<Case>,
  seen: ArrayLike<number>,
  trials: readonly { hypothesis: Hypothesis<Case>; hits: readonly boolean[]; count: number }[],
): Evidence[] {
  const { cases } = choice;
  const fitting = trials.filter(({ count }) => count === cases.length);
  let open = trials.filter(({ count }) => count < cases.length);
  const chosen: Evidence[] = [];
  while (chosen.length < mostEvidence) {
    const ruledOut = cases.map((_, i) => open.filter(({ hits }) => !hits[i]).length);
    const most = ruledOut.reduce((best, count, i) => (count > (ruledOut[best] as number) ? i : best), 0);
    const one = cases[most];
    if (one === undefined || (ruledOut[most] === 0 && chosen.length > 0)) break;
    const against = open.filter(({ hits }) => !hits[most]);
    const named = [...fitting.slice(0, 1), ...against].slice(0, mostPredictions);
    chosen.push({
      inputs: choice.inputs(one),
      seen: choice.show(seen[most] as number),
      predicted: Object.fromEntries(
        named.map(({ hypothesis }) => [hypothesis.name, showPrediction(choice, hypothesis.predict(one))]),
      ),
    });
    open = open.filter(({ hits }) => hits[most]);
  }
  return chosen;
}

function matches<Case>(choice: Choice<Case>, predicted: Prediction, bits: number): boolean {
  return predicted === anyNaN ? choice.isNaN(bits) : predicted === bits;
}

function showPrediction<Case>(choice: Choice<Case>, predicted: Prediction): string {
  return predicted === anyNaN ? anyNaN : choice.show(predicted);
}

/**
 * Cases out of `candidates` on which hypotheses differ: the first `some`, and then all that tell a pair of
 * hypotheses apart which fewer than `wanted` cases have told apart so far.
 */
export function separating<Case>(
  hypotheses: readonly Hypothesis<Case>[],
  candidates: Iterable<Case>,
  { some = 16, wanted = 3 } = {},
): Case[] {
  const pairs = hypotheses.flatMap((_, i) => hypotheses.slice(0, i).map((_, j) => ({ i, j, told: 0 })));
  const chosen: Case[] = [];
  for (const one of candidates) {
    const open = pairs.some(({ told }) => told < wanted);
    if (!open && chosen.length >= some) break;
    const predictions = hypotheses.map(({ predict }) => predict(one));
    const told = pairs.filter(({ i, j }) => predictions[i] !== predictions[j]);
    if (chosen.length >= some && told.every((pair) => pair.told >= wanted)) continue;
    for (const pair of told) pair.told++;
    chosen.push(one);
  }
  return chosen;
}
