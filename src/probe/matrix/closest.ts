/** @file The accumulation profile that a matrix unit comes closest to, and how it differs. */

import { type Profile, profiles } from '../../accumulate/profile.js';
import type { ClosestProfile } from '../finding.js';
import type { Alignment, Model, Output, Sum } from './model.js';
import { type Order, stepwiseOrder } from './order.js';
import type { FloatTypes } from './unit.js';

/** What was found: every alignment and output that fits. */
export interface Deduction {
  readonly order?: Order;
  readonly alignments: readonly Alignment[];
  readonly outputs: readonly Output[];
  readonly model?: Model;
}

/** A profile as a model of a unit of K products, whose results are not longer than the unit's type. */
export function profileModel({ result }: FloatTypes, k: number, profile: Profile): Model {
  const output = {
    bits: Math.min(profile.outputBits, result.fractionBits),
    direction: profile.outputRounding,
  };
  return {
    sum: stepwiseOrder(k, Math.min(profile.products, k), profile.chaining).sum,
    alignment: { fractionBits: profile.fractionBits, direction: 'toward-zero', normalized: false },
    output,
    intermediate: output,
    addition: 'nearest-even',
  };
}

/** The profile with the fewest differences, and of those the one whose alignment is nearest. */
export function closestProfile(types: FloatTypes, k: number, found: Deduction): ClosestProfile | undefined {
  const { order, alignments, outputs } = found;
  if (!order || alignments.length === 0 || outputs.length === 0) return undefined;
  const ranked = Object.values(profiles).map((profile) => {
    const { sum, output, alignment } = profileModel(types, k, profile);
    const differences = [
      ...orderDifferences(order, sum, Math.min(profile.products, k)),
      ...(alignments.some((one) => sameAlignment(one, alignment))
        ? []
        : [`alignment keeps ${names(alignments.map(alignmentName))}, not ${alignmentName(alignment)}`]),
      ...(outputs.some(({ bits, direction }) => bits === output.bits && direction === output.direction)
        ? []
        : [`results of ${names(outputs.map(outputName))}, not ${outputName(output)}`]),
    ];
    const distance = Math.min(...alignments.map((one) => Math.abs(capped(one) - capped(alignment))));
    return { profile: profile.name, differences, distance };
  });
  ranked.sort(
    (one, other) => one.differences.length - other.differences.length || one.distance - other.distance,
  );
  const [best] = ranked;
  if (!best) return undefined;
  // Steps longer than K look like steps of K: several profiles may fit.
  const fitting =
    best.differences.length > 0 ? [best] : ranked.filter(({ differences }) => differences.length === 0);
  return { profile: fitting.map(({ profile }) => profile).join(' or '), differences: best.differences };
}

const chainings = { fused: 'a term of a step', added: 'added to results' } as const;

function orderDifferences({ name, sum, blocks }: Order, wanted: Sum, products: number): string[] {
  const width = blocks[0]?.length ?? 1;
  const differences = [
    ...(width === products ? [] : [`${width} products a step, not ${products}`]),
    ...(sum.kind === wanted.kind ? [] : [`c is ${chainings[sum.kind]}, not ${chainings[wanted.kind]}`]),
  ];
  return differences.length === 0 && !sameSum(sum, wanted) ? [`another order: ${name}`] : differences;
}

/** Whether two sums take the same terms in the same steps. What a step adds has no order. */
function sameSum(one: Sum, other: Sum): boolean {
  const key = ({ kind, terms }: Sum): string =>
    `${kind}(${terms
      .map((term) => (typeof term === 'object' ? key(term) : String(term)))
      .sort()
      .join()})`;
  return key(one) === key(other);
}

function sameAlignment(one: Alignment, other: Alignment): boolean {
  if (one.fractionBits !== other.fractionBits || one.normalized !== other.normalized) return false;
  return one.fractionBits === Infinity || one.direction === other.direction;
}

/** More bits than a sum of f32's products has make no difference. */
function capped({ fractionBits }: Alignment): number {
  return Math.min(fractionBits, 72);
}

function alignmentName({ fractionBits, direction, normalized }: Alignment): string {
  if (fractionBits === Infinity) return 'all bits';
  return `${fractionBits} bits (${direction}${normalized ? ', product exponents normalised' : ''})`;
}

function outputName({ bits, direction, through }: Output): string {
  return `${bits} bits (${direction}${through === undefined ? '' : `, by way of an f32 rounded ${through}`})`;
}

/** The ends of what fits; all of it would be a long list where nothing tells them apart. */
function names(list: readonly string[]): string {
  return list.length <= 2 ? list.join(' or ') : `${list[0]} to ${list.at(-1)}`;
}
