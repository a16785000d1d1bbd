/** @file A GEMM's accumulation as kernels see it: the resolved order, and what the adapter's arithmetic allows. */

import { type AccumulateOptions, planAccumulation } from '../accumulate/plan.js';
import { ArgumentError } from '../errors.js';
import type { Gpu } from '../gpu/gpu.js';
import { nativeArithmetic } from '../probe/native.js';
import type { Accumulation, GemmProblem, OperandKind } from './problem.js';

export interface AccumulationOptions extends Partial<AccumulateOptions> {
  readonly addendIn?: Accumulation['addendIn'];
}

/**
 * The accumulation that options ask for; undefined if they name no accumulator.
 * @throws ArgumentError if options need an accumulator or do not fit the problem
 */
export async function resolveAccumulation(
  gpu: Gpu,
  problem: GemmProblem,
  options: AccumulationOptions,
): Promise<Accumulation | undefined> {
  const order = resolveOrder(problem, options);
  return order && { ...order, native: await nativeArithmetic(gpu) };
}

/** What of a problem an order depends on. */
interface OrderedProblem extends Pick<GemmProblem, 'k' | 'c'> {
  readonly a: Pick<OperandKind, 'granularity'>;
  readonly b: Pick<OperandKind, 'granularity'>;
}

/** What of it depends on no adapter. */
export function resolveOrder(
  problem: OrderedProblem,
  options: AccumulationOptions,
): Omit<Accumulation, 'native'> | undefined {
  const { accumulator, addendIn = 'epilogue' } = options;
  if (accumulator === undefined) {
    for (const name of ['promote', 'promotion', 'splitK', 'addendIn'] as const)
      if (options[name] !== undefined)
        throw new ArgumentError(name, options[name], 'given together with an accumulator');
    return undefined;
  }
  const plan = planAccumulation(problem.k, problem.a.granularity, problem.b.granularity, {
    ...options,
    accumulator,
  });
  if (addendIn === 'accumulator') {
    if (problem.c === undefined) throw new ArgumentError('addendIn', addendIn, 'given together with C');
    if (plan.interval < problem.k || plan.splits.length > 2 || plan.profile.fractionBits === Infinity)
      throw new ArgumentError(
        'addendIn',
        addendIn,
        'epilogue, unless a truncating accumulator takes all of K without promotion or split',
      );
  }
  return { plan, addendIn };
}
