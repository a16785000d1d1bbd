/** @file A long dot product: fused steps one after the other, each taking the sum so far as its c. */

import type { Profile } from './profile.js';
import { type CodeRange, fusedStep } from './step.js';
import type { AccumulationWatch } from './watch.js';

/**
 * c + Σ a[i]·b[i] over `count` products, in steps of the profile's size from the start on. A last step of fewer
 * products is one whose missing products are zero.
 * @param watch sees every step
 */
export function chain(
  profile: Profile,
  a: CodeRange,
  b: CodeRange,
  count: number,
  c = 0,
  watch?: AccumulationWatch,
): number {
  const step = Math.min(profile.products, count);
  let sum = c;
  for (let i = 0; i < count; i += step) {
    const products = Math.min(step, count - i);
    watch?.begins(i, products, sum);
    const left = { ...a, start: a.start + i };
    sum = fusedStep(profile, left, { ...b, start: b.start + i }, products, sum, watch);
    watch?.ends(sum);
  }
  return sum;
}
