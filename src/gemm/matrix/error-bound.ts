/**
 * @file How far the kernels on matrix units, and `half`, which folds scales as they do, may be from the exact result.
 *
 * A matrix unit multiplies halves exactly, since a product has 22 bits, and adds products and a running f32 in an order
 * and with guard bits of its own; WGSL's extension promises nothing. Those that have been looked into truncate what
 * lies more than 23 bits below the largest term of a step (Fasi, Higham, Mikaitis, Pranesh 2021; Xie et al. 2025). The
 * bounds assume that each addition errs by at most v = 2^-21 of the sum of magnitudes so far, four times that
 * truncation; otherwise they are the f32 kernels' (error-bound.ts).
 *
 * Folded: each value s·x is rounded to a half, relative to its row's reference ρ (fold.ts), after at most three f32
 * roundings: by 2^-10 of itself, whichever way an adapter rounds, and in the range of subnormal halves, which may
 * become 0, by 2^-14 of ρ / 2^lift. A factor rounded to a half first errs by as much again, and the f32 roundings and
 * the product of both half roundings are less than 2^-19 of x.
 *
 *     x' = x ± (2^-9·(1 + 2^-10) · |x| + 2^(-13 - lift) · ρ)
 *     |d - D| ≤ Σ |x'·y' - x·y| + ((1 + v)^(K + 8) - 1) · (Σ |x'·y'| + |C|)
 *
 * Infinities may become NaN: WGSL does not say what a half of them is. Scales beyond 2^100 either way promise nothing.
 * Values that folding leaves as they are (folding.ts: with scales that are powers of two, all but those that become
 * subnormal halves) have no such error, but for v.
 *
 * `half` (packed f16 arithmetic): folded as above, but kept below 2^5, and added in halves: each of the 16 products in
 * a sum passes at most 17 roundings of 2^-10, and each operation may lose 2^-14 of ρ_a·ρ_b / 2^(lift_a + lift_b);
 * beyond a step of K it is f32.
 *
 * Promoted: codes are multiplied as they are, moved down by a power of two where sums are halves (lifted.ts), and each
 * interval's sum passes the roundings of one promotion. Values below 2^-14 may be lost, or rounded to a multiple of
 * 2^-24; so may what is scaled by a product of scales below f32's normal numbers. Nothing is promised where a product
 * of scales overflows.
 *
 * `matrix-half`: promoted as well. A unit is taken to round no more than once in eight products, by 2^-10 whichever
 * way it rounds: eight is the fewest that any adapter's shapes add up, and `octile probe` saw an NVIDIA H100's units
 * round to nearest once in 8 or 16; others' were not probed. So a product of an interval of L passes at most L / 8 + 1
 * roundings, and each may lose 2^-14 in the unit that values were moved to.
 */

import type { Dtype } from '../../matrix.js';
import type { DecodedRow } from '../decoded-operand.js';
import { type ErrorBound, outputBound } from '../error-bound.js';
import type { ExactProduct } from '../exact.js';
import { halfExponent, largestHalfExponent, scaleReference, smallestHalf } from '../fold.js';
import { foldedUnit, leastFolded } from '../folding.js';
import { liftOf } from './lifted.js';
import type { SumType } from './tile.js';

const unitRoundoff = 2 ** -21;
const halfRoundoff = 2 ** -9 * (1 + 2 ** -10);
/** More than f32 rounding and flushing add beyond the sums: see error-bound.ts. */
const lostPerProduct = 2 ** -110;
const safeMagnitude = 2 ** 127;
const smallestNormal = 2 ** -126;

/** Scales beyond these are more than references reach, or near f32's limits: nothing is promised. */
function isExtreme(scale: number): boolean {
  return Number.isFinite(scale) && scale !== 0 && (scale > 2 ** 100 || scale < 2 ** -100);
}

/** What one product of values may contribute: its magnitude with its errors, and those errors. */
type Contribution = (
  a: number,
  b: number,
  scaleA: number,
  scaleB: number,
) => [magnitude: number, error: number];

function bounded(
  product: ExactProduct,
  row: number,
  col: number,
  roundings: number,
  contribution: Contribution,
) {
  const a = product.a.row(row);
  const b = product.b.row(col);
  const { interval } = product.a;
  let magnitude = Math.abs(product.addend(row, col));
  let error = 0;
  let extreme = false;
  for (let k = 0; k < a.values.length; k++) {
    const block = Math.floor(k / interval);
    const [size, wrong] = contribution(
      Math.abs(a.values[k] as number),
      Math.abs(b.values[k] as number),
      Math.abs(a.scales[block] as number),
      Math.abs(b.scales[block] as number),
    );
    magnitude += size;
    error += wrong + lostPerProduct;
  }
  for (const scale of [...a.scales, ...b.scales]) extreme ||= isExtreme(Math.abs(scale));
  const relative = Math.expm1(roundings * Math.log1p(unitRoundoff));
  return { bound: error + relative * magnitude, overflows: extreme || magnitude >= safeMagnitude };
}

/** For scales folded into halves that matrix units multiply. */
export const foldedErrorBound: ErrorBound = (product, row, col, out) =>
  foldedBound(product, row, col, out, largestHalfExponent, () => 0);

const sumOfHalves = Math.expm1(17 * Math.log1p(2 ** -10));

/** For sums in halves. */
export const halfErrorBound: ErrorBound = (product, row, col, out) =>
  foldedBound(
    product,
    row,
    col,
    out,
    halfExponent,
    (size, unit) => sumOfHalves * size + 2 * smallestHalf * unit,
  );

/**
 * @param ofSum what adding it up in another way than a matrix unit's takes from a product, given its magnitude and
 *   what 1 stands for after folding
 */
function foldedBound(
  product: ExactProduct,
  row: number,
  col: number,
  out: Dtype,
  exponent: number,
  ofSum: (size: number, unit: number) => number,
): number {
  const unitOf = (decoded: DecodedRow, side: 'a' | 'b') =>
    foldedUnit(scaleReference(decoded.scales), product[side].source.format, exponent);
  const [unitA, unitB] = [unitOf(product.a.row(row), 'a'), unitOf(product.b.row(col), 'b')];
  const rounding = (code: number, scale: number, unit: number) =>
    code * scale === 0 || code >= leastFolded(scale, unit)
      ? 0
      : halfRoundoff * code * scale + 2 * smallestHalf * unit;
  const { bound, overflows } = bounded(
    product,
    row,
    col,
    product.a.source.cols + 8,
    (a, b, scaleA, scaleB) => {
      const [x, y] = [a * scaleA, b * scaleB];
      const dx = rounding(a, scaleA, unitA);
      const dy = rounding(b, scaleB, unitB);
      const size = (x + dx) * (y + dy);
      return [size, dx * y + dy * x + dx * dy + ofSum(size, unitA * unitB)];
    },
  );
  return overflows ? Infinity : outputBound(product.entry(row, col), bound, out);
}

/** For partial sums in f32 that are promoted. */
export const promotedErrorBound: ErrorBound = (product, row, col, out) =>
  promotedBound(product, row, col, out, 'f32');

/** For partial sums in f16 that are promoted. */
export const halfSumsErrorBound: ErrorBound = (product, row, col, out) =>
  promotedBound(product, row, col, out, 'f16');

/** Products that a unit adds up between two roundings, at the least. */
const productsPerRounding = 8;

function promotedBound(product: ExactProduct, row: number, col: number, out: Dtype, sums: SumType): number {
  const [a, b] = [product.a.row(row), product.b.row(col)];
  const length = Math.min(product.a.interval, product.a.source.cols);
  const scaleOf = (block: number) => Math.abs((a.scales[block] as number) * (b.scales[block] as number));
  if (a.scales.some((_, block) => Number.isFinite(scaleOf(block)) && scaleOf(block) >= safeMagnitude))
    return Infinity;
  const [liftA, liftB] = [2 ** liftOf(product.a.source, sums), 2 ** liftOf(product.b.source, sums)];
  const roundings = sums === 'f32' ? 0 : Math.ceil(length / productsPerRounding) + 1;
  const relative = Math.expm1(roundings * Math.log1p(2 ** -10));
  // Of each product: of partial sums in halves, and of promoted sums in f32, which are moved back at the end.
  const lost = sums === 'f32' ? 0 : (2 * smallestHalf) / (liftA * liftB);
  const lostAtEnd = lostPerProduct / (liftA * liftB);
  const { bound, overflows } = bounded(
    product,
    row,
    col,
    length + a.scales.length + 6,
    (x, y, scaleA, scaleB) => {
      const scale = scaleA * scaleB;
      const [dx, dy] = [ofSubnormal(x, liftA), ofSubnormal(y, liftB)];
      const size = (x + dx) * (y + dy) * scale;
      if (scale < smallestNormal) return [size, size + lostAtEnd];
      return [size, (dx * y + dy * x + dx * dy) * scale + relative * size + lost * scale + lostAtEnd];
    },
  );
  return overflows ? Infinity : outputBound(product.entry(row, col), bound, out);
}

/** By how much a value may be off that is a subnormal half once it is lifted. */
function ofSubnormal(value: number, lift: number): number {
  return value === 0 || value * lift >= smallestHalf ? 0 : Math.max(value, 2 ** -24 / lift);
}
