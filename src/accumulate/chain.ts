/** @file A long dot product: fused steps one after the other, each taking the sum so far as its c. */

import type { Profile } from './profile.js';
import { type CodeRange, fusedStep } from './step.js';

/**
 * c + Σ a[i]·b[i] over `count` products, in steps of the profile's size from the start on. A last step of fewer
 * products is one whose missing products are zero.
 */
export function chain(profile: Profile, a: CodeRange, b: CodeRange, count: number, c = 0): number {
  const step = Math.min(profile.products, count);
  let sum = c;
  for (let i = 0; i < count; i += step)
    sum = fusedStep(
      profile,
      { ...a, start: a.start + i },
      { ...b, start: b.start + i },
      Math.min(step, count - i),
      sum,
    );
  return sum;
}
