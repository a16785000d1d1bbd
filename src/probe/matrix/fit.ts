/**
 * @file Models that predict all that was seen of a unit at once: what one experiment leaves open another may decide.
 */

import { directions } from '../../accumulate/round.js';
import { type Alignment, type Model, type Output, predictDot } from './model.js';
import type { Order } from './order.js';
import type { DotProduct, FloatTypes } from './unit.js';

/** Dot products, and their results. */
export interface Observed {
  readonly dots: readonly DotProduct[];
  readonly seen: readonly number[];
}

/** What was seen of a unit, by the experiment that it was meant for. */
export interface Observations {
  readonly output: Observed;
  /** Empty where no step takes another's result. */
  readonly intermediate: Observed;
  /** Empty where no results are added. */
  readonly addition: Observed;
  readonly random: Observed;
  /** Random ones that no model is fitted to. */
  readonly unseen: Observed;
}

/** How sums are rounded to f32, where that is not all that becomes of them. */
const ways = ['toward-zero', 'nearest-even'] as const;

/** Every way in which a result is rounded, the longest first; to an f16 straight away or by way of an f32. */
export function everyOutput({ result }: FloatTypes): Output[] {
  const straight = Array.from({ length: result.fractionBits }, (_, i) => result.fractionBits - i).flatMap(
    (bits) => directions.map((direction): Output => ({ bits, direction })),
  );
  if (result.name === 'f32') return straight;
  return [...straight, ...ways.flatMap((through) => straight.map((one): Output => ({ ...one, through })))];
}

/**
 * Every way in which a step's result is rounded before another step takes it: like the last one's, to f32, not at all.
 */
export function everyIntermediate(output: Output): Output[] {
  const toF32 = ways.map((direction): Output => ({ bits: 23, direction }));
  return [output, ...(output.bits < 23 ? toF32 : []), { bits: Infinity, direction: 'toward-zero' }];
}

/** Whether a model predicts all of it. */
function predicts(types: FloatTypes, model: Model, { dots, seen }: Observed): boolean {
  return dots.every((dot, i) => types.result.toBits(predictDot(types, model, dot)) === seen[i]);
}

export interface Fit {
  /** Models that predict the sums of one step. */
  readonly rounding: readonly Model[];
  /** Of these, with every way to go from step to step, those that predict everything. */
  readonly complete: readonly Model[];
}

/**
 * Models of an order with one of these alignments. Where one without loss predicts everything, so do all that are long
 * enough; of these, those that cut are looked at, from the longest down to the first that does not fit.
 */
export function fitModels(
  types: FloatTypes,
  order: Order,
  alignments: readonly Alignment[],
  observations: Observations,
): Fit {
  const lossless = alignments.filter(({ fractionBits }) => fractionBits === Infinity);
  const exact = fitAlignments(types, order, lossless, observations);
  if (exact.complete.length === 0)
    return merge([exact, fitAlignments(types, order, finite(alignments), observations)]);
  const longest = finite(alignments).filter(({ direction }) => direction === 'toward-zero');
  const fits = [exact];
  for (const alignment of longest.sort((one, other) => other.fractionBits - one.fractionBits)) {
    const fit = fitAlignments(types, order, [alignment], observations);
    if (fit.complete.length === 0) break;
    fits.push(fit);
  }
  return merge(fits);
}

function finite(alignments: readonly Alignment[]): Alignment[] {
  return alignments.filter(({ fractionBits }) => fractionBits !== Infinity);
}

function merge(fits: readonly Fit[]): Fit {
  return {
    rounding: fits.flatMap(({ rounding }) => rounding),
    complete: fits.flatMap(({ complete }) => complete),
  };
}

function fitAlignments(
  types: FloatTypes,
  { sum }: Order,
  alignments: readonly Alignment[],
  { output, intermediate, addition, random }: Observations,
): Fit {
  const rounding = alignments.flatMap((alignment) =>
    everyOutput(types)
      .map((one): Model => ({ sum, alignment, output: one, intermediate: one, addition: 'nearest-even' }))
      .filter((model) => predicts(types, model, output)),
  );
  const additions = addition.dots.length > 0 ? directions : (['nearest-even'] as const);
  const complete = rounding
    .flatMap((model) => {
      const between = intermediate.dots.length > 0 ? everyIntermediate(model.output) : [model.output];
      return between.flatMap((one) =>
        additions.map((way) => ({ ...model, intermediate: one, addition: way })),
      );
    })
    .filter((model) =>
      [intermediate, addition, random].every((observed) => predicts(types, model, observed)),
    );
  return { rounding, complete };
}
