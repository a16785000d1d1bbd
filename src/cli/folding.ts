/** @file What octile gemm says of scales that its kernel folds into halves. */

import { type Folding, foldingOf } from '../gemm/folding.js';
import { type Layout, turnedSides } from '../gemm/layout.js';
import { kernels } from '../gemm/registry.js';
import type { QuantizedMatrix } from '../quantize/quantized-matrix.js';
import { transpose } from '../quantize/transpose.js';

export interface ProductFolding {
  readonly a: Folding;
  readonly b: Folding;
}

/** Of a product's operands, as they lie; undefined if the kernel does not fold. */
export function productFolding(
  kernel: string,
  a: QuantizedMatrix,
  b: QuantizedMatrix,
  layout: Layout,
): ProductFolding | undefined {
  if (!kernels.find(({ name }) => name === kernel)?.folds) return undefined;
  const turned = turnedSides(layout);
  return {
    a: foldingOf(turned.a ? transpose(a) : a, kernel),
    b: foldingOf(turned.b ? transpose(b) : b, kernel),
  };
}

export function foldingText({ a, b }: ProductFolding): string {
  const reasons = [a.exact ? [] : [`A's ${a.reason}`], b.exact ? [] : [`B's ${b.reason}`]].flat();
  return reasons.length === 0
    ? 'folded into halves, which changes no value'
    : `folded into halves, which rounds values: ${reasons.join('; ')}`;
}
