/** @file Problems that between them reach every piece of WGSL of the emulators, for compiling without a GPU. */

import { planAccumulation } from '../../accumulate/plan.js';
import { customProfile, profiles } from '../../accumulate/profile.js';
import { elementFormats, formats } from '../../format/formats.js';
import { dtypes } from '../../matrix.js';
import { granularityByName } from '../../quantize/granularity.js';
import { type GemmProblem, groupings } from '../problem.js';

/** The problems that `fits` has nothing against. */
export function emulatedVariants(fits: (problem: GemmProblem) => boolean): GemmProblem[] {
  const granularity = granularityByName('row');
  const k = 256;
  const native = { add: true, multiply: true, fma: true };
  const plan = (options: Omit<Parameters<typeof planAccumulation>[3], 'accumulator'> = {}) =>
    [...Object.values(profiles), customProfile(8, 13, 13)].map((accumulator) =>
      planAccumulation(k, granularity, granularity, { ...options, accumulator }),
    );
  const kind = (name: keyof typeof formats) => ({ granularity, format: formats[name] });
  const base = { m: 1, n: 1, k, a: kind('e4m3'), b: kind('e4m3'), c: undefined, out: 'f32' as const };
  const orders = [...plan(), ...plan({ promotion: 'transformer-engine' }), ...plan({ splitK: 2 })];
  const accumulations = orders.flatMap((order) => [
    { plan: order, native, addendIn: 'epilogue' as const },
    { plan: order, native: { ...native, fma: false }, addendIn: 'epilogue' as const },
  ]);
  const hopper = { plan: plan()[0] as (typeof orders)[number], native, addendIn: 'epilogue' as const };
  const problems: GemmProblem[] = [
    ...accumulations.map((accumulation): GemmProblem => ({ ...base, accumulation })),
    ...elementFormats.map((name): GemmProblem => ({ ...base, a: kind(name), accumulation: hopper })),
    ...dtypes.flatMap((out) =>
      [undefined, ...dtypes].map((c): GemmProblem => ({ ...base, c, out, accumulation: hopper })),
    ),
    ...groupings.map((grouping): GemmProblem => ({ ...base, accumulation: hopper, grouping })),
    { ...base, c: 'f32', accumulation: { ...hopper, addendIn: 'accumulator' } },
  ];
  return problems.filter(fits);
}
