/**
 * @file How far a kernel that computes in f32 may be from the exact result.
 *
 * The kernel computes, for each of m promotion intervals of n products, p = Σ a·b, and acc = acc + (s_a·s_b)·p;
 * then adds C and rounds to the output's type. Let u = 2^-23: WGSL lets an addition or multiplication give
 * either neighbouring f32, and fma() may be two operations.
 *
 * - Products. Codes have significands of at most 12 bits (e5m6 7, bf16 8, f16 11), so that a·b has at most 24 and
 *   is exact; nothing overflows or underflows but for bf16, see below. A fused product is exact anyhow.
 * - Sums in an interval. n - 1 roundings at most lie between a product and the interval's sum, in whatever
 *   order the terms are added. Adding the zeros of a padded K is exact.
 * - Promotion. One rounding of s_a·s_b, one of its product with p, and at most m of acc on the way to the end.
 * - C. One more.
 *
 * A product has thus passed at most t = n + m + 2 roundings, each a factor between 1 - u and 1 + u, and one is
 * added for this bound's own arithmetic in doubles:
 *
 *     |d - D| ≤ ((1 + u)^(t + 1) - 1) · (Σ |s_a·s_b·a·b| + |C|)
 *
 * - Subnormals. WGSL lets f32 subnormals become 0, in operands and in results. A result then lacks 2^-126 at
 *   most: twice an interval (its multiplication and its addition) and twice at the end. A scale that is
 *   subnormal, or whose product is, may be lost with all that it scales. Values, products and sums of products
 *   are multiples of the formats' quanta, which are normal f32s for all formats but bf16; with bf16 each product
 *   may lack 2^-126 and each sum too, and a subnormal code may be lost.
 * - Overflow. Where magnitudes reach 2^127, in f32, or the output's largest value, nothing is promised.
 * - Output. bf16 and f16 are rounded to nearest even by integers: half a unit in the last place of the result,
 *   or half of the smallest subnormal.
 */

import { minExponent } from '../format/format.js';
import { bf16, f16, maxFinite } from '../format/formats.js';
import type { Dtype } from '../matrix.js';
import type { ExactProduct } from './exact.js';

/** The largest |result - exact| that a kernel may show at (row, col); Infinity where nothing is promised. */
export type ErrorBound = (product: ExactProduct, row: number, col: number, out: Dtype) => number;

const unitRoundoff = 2 ** -23;
/** The smallest normal f32 and the smallest subnormal one. */
const smallestNormal = 2 ** -126;
const smallestSubnormal = 2 ** -149;
/** Half of f32's range: sums of magnitudes below it, with their errors, do not overflow. */
const safeMagnitude = 2 ** 127;

/** The bound derived above. */
export const f32ErrorBound: ErrorBound = (product, row, col, out) => {
  const { magnitude, lost, overflows } = magnitudes(product, row, col);
  const { interval } = product.a;
  const intervals = product.a.row(row).scales.length;
  const roundings = Math.min(interval, product.a.source.cols) + intervals + 3;
  const relative = Math.expm1(roundings * Math.log1p(unitRoundoff));
  const bound = relative * magnitude + (1 + relative) * (lost + 2 * smallestNormal);
  const result = Math.abs(product.entry(row, col)) + bound;
  if (overflows || result >= Math.min(safeMagnitude, largest(out))) return Infinity;
  return bound + outputRounding(out, result);
};

/** Σ |s_a·s_b·a·b| + |C|, and what flushing may take away before C is added. */
function magnitudes(product: ExactProduct, row: number, col: number) {
  const a = product.a.row(row);
  const b = product.b.row(col);
  const { interval } = product.a;
  const quanta = [product.a.quantum, product.b.quantum, product.a.quantum * product.b.quantum];
  const subnormals = quanta.some(isSubnormal);
  let magnitude = Math.abs(product.addend(row, col));
  let lost = 0;
  let overflows = false;
  for (let block = 0; block < a.scales.length; block++) {
    const to = Math.min((block + 1) * interval, a.values.length);
    let sum = 0;
    let lostInSum = 0;
    for (let k = block * interval; k < to; k++) {
      const x = Math.abs(a.values[k] as number);
      const y = Math.abs(b.values[k] as number);
      sum += x * y;
      if (subnormals) lostInSum += 2 * smallestNormal + (isSubnormal(x) || isSubnormal(y) ? x * y : 0);
    }
    const scaleA = Math.abs(a.scales[block] as number);
    const scaleB = Math.abs(b.scales[block] as number);
    const scale = scaleA * scaleB;
    magnitude += scale * sum;
    lost += scale * lostInSum + 2 * smallestNormal;
    if (isSubnormal(scaleA) || isSubnormal(scaleB) || isSubnormal(scale))
      lost += (scale + smallestSubnormal) * sum;
    overflows ||= scale >= safeMagnitude || sum >= safeMagnitude;
  }
  return { magnitude, lost, overflows: overflows || magnitude >= safeMagnitude };
}

/** Whether an adapter may take a magnitude for 0. */
function isSubnormal(magnitude: number): boolean {
  return magnitude !== 0 && magnitude < smallestNormal;
}

function largest(out: Dtype): number {
  return out === 'f32' ? Infinity : maxFinite(out === 'bf16' ? bf16 : f16);
}

/** What rounding an f32 of at most this magnitude to the output's type may change. */
function outputRounding(out: Dtype, magnitude: number): number {
  if (out === 'f32') return 0;
  const format = out === 'bf16' ? bf16 : f16;
  return Math.max(magnitude, 2 ** minExponent(format)) * 2 ** -(format.mantissaBits + 1);
}
