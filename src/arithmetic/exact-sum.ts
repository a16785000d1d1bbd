/**
 * @file Sums without rounding errors, for oracles.
 *
 * A sum is kept as a list of doubles whose exact total it is (Shewchuk, "Adaptive Precision Floating-Point
 * Arithmetic and Fast Robust Geometric Predicates", 1997; Python's math.fsum does the same). Their bits do not
 * overlap, so that a few hold any sum that occurs. It is exact while no bit of a term lies below 2^-1074 and the
 * total stays in a double's range: products of two f32 scales and two codes of at most 16 bits lie between
 * 2^-600 and 2^512.
 */

import { roundToOdd } from './round-odd.js';

/** What the double `sum` = a + b lacks of the exact sum (Knuth's TwoSum). */
export function twoSumError(a: number, b: number, sum: number): number {
  const partOfB = sum - a;
  return a - (sum - partOfB) + (b - partOfB);
}

/** What the double `product` = a · b lacks of the exact product (Dekker's product, Veltkamp's split). */
export function twoProductError(a: number, b: number, product: number): number {
  const aHigh = upperHalf(a);
  const aLow = a - aHigh;
  const bHigh = upperHalf(b);
  const bLow = b - bHigh;
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
}

/** The upper 26 bits of a double; the rest has 26 too. */
function upperHalf(a: number): number {
  const shifted = a * (2 ** 27 + 1);
  return shifted - (shifted - a);
}

/** A sum of doubles and of products of doubles, exact until it is read. */
export class ExactSum {
  /** Parts that do not overlap, smallest first. */
  readonly #parts: number[] = [];
  #count = 0;
  /** The sum of what is not finite; 0 if everything is. */
  #special = 0;

  /** Starts again from 0. */
  clear(): void {
    this.#count = 0;
    this.#special = 0;
  }

  /** Adds a number. NaN and infinities count as in IEEE 754: NaN wins, and so do opposite infinities. */
  add(term: number): void {
    if (!Number.isFinite(term)) {
      this.#special += term;
      return;
    }
    const parts = this.#parts;
    let kept = 0;
    let carry = term;
    for (let i = 0; i < this.#count; i++) {
      const part = parts[i] as number;
      const sum = carry + part;
      const error = twoSumError(carry, part, sum);
      if (error !== 0) parts[kept++] = error;
      carry = sum;
    }
    if (carry !== 0) parts[kept++] = carry;
    this.#count = kept;
  }

  /** Adds a · b. 0 · ∞ is NaN. */
  addProduct(a: number, b: number): void {
    const product = a * b;
    this.add(product);
    if (Number.isFinite(product)) this.add(twoProductError(a, b, product));
  }

  /** Adds another sum times `factor`. */
  addScaled(other: ExactSum, factor: number): void {
    if (other.#special !== 0 || !Number.isFinite(factor)) {
      this.add(other.value() * factor);
      return;
    }
    for (let i = 0; i < other.#count; i++) this.addProduct(other.#parts[i] as number, factor);
  }

  /**
   * The sum as a double, rounded to odd: rounding it again, to f32 or to a shorter format, gives what rounding
   * the exact sum would. An exact zero is +0.
   */
  value(): number {
    if (this.#special !== 0) return this.#special;
    let i = this.#count - 1;
    if (i < 0) return 0;
    let sum = this.#parts[i] as number;
    // What is left below a part is smaller than the part's last bit, so that the first error met decides the sign
    // of all that is missing.
    while (--i >= 0) {
      const part = this.#parts[i] as number;
      const next = sum + part;
      const rest = twoSumError(sum, part, next);
      sum = next;
      if (rest !== 0) return roundToOdd(sum, rest);
    }
    return sum;
  }
}
