/**
 * @file Expert routing of DeepSeek-V3 (arXiv 2412.19437, section 2.1.2), in f32, operation by operation: the oracle of
 * shaders/moe/route.wgsl.
 *
 * A token's affinity to an expert is the sigmoid of its logit. A bias for load balance is added for the choice alone.
 * Experts lie in groups (nodes): a group's score is the sum of its topK / topGroups highest biased affinities, the
 * topGroups best groups stay, and of their experts the topK with the highest biased affinities are taken. Gates are
 * their affinities without bias, divided by their sum, times `scale`. Of equals the one of the lower number comes
 * first.
 */

import { divide, multiply } from '../arithmetic/f32.js';
import { ArgumentError, requireCount, requireOptions } from '../errors.js';
import { sigmoids } from '../linear/sigmoid.js';
import { type Matrix, toFloat32 } from '../matrix.js';

export interface RoutingOptions {
  /** Experts a token goes to. */
  readonly topK: number;
  /** Groups that the experts lie in, one after another. Default 1. */
  readonly groups?: number;
  /** Groups a token's experts may lie in. Default all. */
  readonly topGroups?: number;
  /** Added to the affinities for the choice alone: an f32 for each expert. Default none. */
  readonly bias?: Float32Array;
  /** What the gates of a token add up to. Default 1. */
  readonly scale?: number;
}

const optionNames = { topK: true, groups: true, topGroups: true, bias: true, scale: true } as const;

/** What the workgroup memory of route.wgsl holds. */
const most = { experts: 1024, groups: 64, topK: 64 } as const;

/** Options checked, with their defaults. */
export interface RoutingPlan {
  readonly experts: number;
  readonly topK: number;
  readonly groups: number;
  readonly topGroups: number;
  /** Affinities that make a group's score. */
  readonly scored: number;
  readonly bias: Float32Array;
  /** An f32. */
  readonly scale: number;
}

/** Where tokens go: topK experts each, the one of the highest biased affinity first. */
export interface Routing {
  readonly tokens: number;
  readonly topK: number;
  /** Token t's are at t · topK and after. */
  readonly experts: Uint32Array;
  /** Their weights, in the same places. */
  readonly gates: Float32Array;
}

/**
 * The plan that options stand for.
 * @throws ArgumentError naming the option that does not exist or does not fit
 */
export function planRouting(experts: number, options: RoutingOptions): RoutingPlan {
  requireOptions('options', options, optionNames);
  const { topK, groups = 1, topGroups = groups, bias = new Float32Array(experts), scale = 1 } = options;
  const refuse = (name: string, value: unknown, allowed: string): never => {
    throw new ArgumentError(name, value, allowed);
  };
  if (experts > most.experts) refuse('logits.cols', experts, `at most ${most.experts} experts`);
  requireCount('topK', topK);
  requireCount('groups', groups);
  requireCount('topGroups', topGroups);
  if (experts % groups !== 0 || groups > most.groups)
    refuse('groups', groups, `a divisor of ${experts} experts, at most ${most.groups}`);
  if (topGroups > groups) refuse('topGroups', topGroups, `at most groups, ${groups}`);
  const reachable = (experts / groups) * topGroups;
  if (topK > Math.min(reachable, most.topK))
    refuse(
      'topK',
      topK,
      `at most ${Math.min(reachable, most.topK)}, of ${topGroups} groups of ${experts / groups}`,
    );
  if (!(bias instanceof Float32Array) || bias.length !== experts || !bias.every(Number.isFinite))
    refuse('bias', bias, `a Float32Array of ${experts} finite values`);
  if (typeof scale !== 'number' || !(Math.fround(scale) > 0 && Math.fround(scale) < Infinity))
    refuse('scale', scale, 'a positive f32');
  const scored = Math.max(1, Math.floor(topK / topGroups));
  return {
    experts,
    topK,
    groups,
    topGroups,
    scored: Math.min(scored, experts / groups),
    bias,
    scale: Math.fround(scale),
  };
}

/**
 * Routes tokens by their logits, tokens × experts. A logit of NaN counts as -∞; a token whose chosen affinities are all
 * 0 gets gates of 0.
 * @throws ArgumentError naming the option that does not exist or does not fit
 */
export function route(logits: Matrix, options: RoutingOptions): Routing {
  const plan = planRouting(logits.cols, options);
  const { topK, experts } = plan;
  const values = toFloat32(logits);
  const chosen = new Uint32Array(logits.rows * topK);
  const gates = new Float32Array(logits.rows * topK);
  for (let token = 0; token < logits.rows; token++) {
    const affinities = Array.from(values.subarray(token * experts, (token + 1) * experts), (logit) =>
      Number.isNaN(logit) ? 0 : sigmoids(logit).here,
    );
    const mine = chooseExperts(affinities, plan);
    const sum = mine.reduce((total, expert) => Math.fround(total + (affinities[expert] as number)), 0);
    for (const [k, expert] of mine.entries()) {
      chosen[token * topK + k] = expert;
      const share = sum === 0 ? 0 : divide(affinities[expert] as number, sum);
      gates[token * topK + k] = multiply(share, plan.scale);
    }
  }
  return { tokens: logits.rows, topK, experts: chosen, gates };
}

function chooseExperts(affinities: readonly number[], plan: RoutingPlan): number[] {
  const { experts, topK, groups, topGroups, scored, bias } = plan;
  const biased = affinities.map((affinity, i) => Math.fround(affinity + (bias[i] as number)));
  const size = experts / groups;
  const members = (group: number) => Array.from({ length: size }, (_, i) => group * size + i);
  const scores = Array.from({ length: groups }, (_, group) =>
    best(members(group), biased, scored).reduce(
      (sum, expert) => Math.fround(sum + (biased[expert] as number)),
      0,
    ),
  );
  const open = best([...scores.keys()], scores, topGroups);
  return best(open.sort((a, b) => a - b).flatMap(members), biased, topK);
}

/** The `count` of the ascending numbers with the highest scores, the highest first, of equals the lower number. */
function best(numbers: readonly number[], scores: readonly number[], count: number): number[] {
  // The sort is stable.
  return [...numbers].sort((a, b) => (scores[b] as number) - (scores[a] as number)).slice(0, count);
}
