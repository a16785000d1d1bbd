/** @file An accumulator in a sentence: whose instruction it is, and what it keeps. */

import type { Profile } from '../../src/accumulate/profile.js';

const owners: Readonly<Record<string, string>> = {
  'hopper-wgmma': 'Tensor cores of Hopper (H100, H200, H800)',
  'ada-mma': 'Tensor cores of Ada',
  blackwell: 'Tensor cores of Blackwell',
  exact: 'Nothing is lost before a sum is promoted',
  f32: 'Plain f32, one product after the other',
  custom: 'An instruction of your own',
};

/** "Tensor cores of Ada: 16 products at once, 13 fraction bits kept." */
export function profileText({ name, products, fractionBits }: Profile): string {
  const kept = Number.isFinite(fractionBits)
    ? `: ${products} products at once, ${fractionBits} fraction bits kept`
    : '';
  return `${owners[name] ?? name}${kept}.`;
}
