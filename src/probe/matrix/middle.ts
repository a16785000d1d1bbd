/**
 * @file Sums in the middle between two results, and next to it. A sum in the middle shows which neighbour is taken. A
 * bit far below the middle decides between them if it has not been cut off before: where few terms meet, so that none
 * of them can cancel all the others, that is how the cut shows.
 */

import { floorLog2 } from '../../arithmetic/floor-log2.js';
import { Stream } from '../stream.js';
import { type Meeting, meeting, reach, termsMeeting } from './alignment.js';
import type { Order } from './order.js';
import { type DotProduct, dotOf, type FloatTypes, factors, type Product } from './unit.js';

/** The middle between neighbours of every length up to the result's own, around 1 and around 2. */
export function middleDots(types: FloatTypes, order: Order, fractionBits: number): DotProduct[] {
  const where = meeting(order);
  if (termsMeeting(where) < 2) return [];
  const [first = 0, second = 1] = where.products;
  return Array.from({ length: types.result.fractionBits }, (_, bits) => bits + 1).flatMap((bits) =>
    [1, 2].flatMap((leading) =>
      [1, 3].flatMap((halves): DotProduct[] => {
        const [x, y] = factors(halves, Math.log2(leading) - bits - 1);
        if (bits + 1 - Math.log2(leading) > fractionBits) return [];
        const sign = bits % 2 === 0 ? 1 : -1;
        return [
          where.withC
            ? dotOf(types, [[first, sign * x, y]], sign * leading)
            : dotOf(types, [
                [first, sign, leading],
                [second, sign * x, y],
              ]),
        ];
      }),
    ),
  );
}

/**
 * Next to the middle, where a step has no third term that shows what the alignment keeps of the others, and where a
 * result may be made of an f32: that may lie in the middle when the sum does not.
 */
export function nearMiddleDots(types: FloatTypes, order: Order): DotProduct[] {
  const where = meeting(order);
  const terms = termsMeeting(where);
  if (terms > 2 && types.result.name === 'f32') return [];
  return terms > 1 ? twoTermDots(types, where) : loneProductDots(types, where);
}

/**
 * A middle of m - 1 bits, which is a number of m, and little below. Added to 1 + 2^-m, it takes the middle up, which
 * would have gone to the even 1; subtracted from 1 + 3 · 2^-m, it takes the middle down, and the number as well where
 * results are cut. It is one bit, or one and a half: an alignment that rounds does not treat them alike.
 */
function twoTermDots(types: FloatTypes, { products, withC }: Meeting): DotProduct[] {
  const { operand, result } = types;
  const [first = 0, second = 1] = products;
  // So that factors of what is far below are normal numbers.
  const scale = 14;
  const deepest = reach(types, 3);
  const leadingBits = withC ? result.fractionBits : 2 * operand.fractionBits;
  const dots: DotProduct[] = [];
  for (let middle = 1; middle <= result.fractionBits + 1; middle++) {
    const fits = middle <= leadingBits;
    // Where the leading term has no bit for the middle, the other one brings it along.
    const last = fits ? deepest : Math.min(deepest, middle + operand.fractionBits - 2);
    for (let below = middle + 1; below <= last; below++)
      for (const little of [1, -1, 1.5, -1.5]) {
        const sign = (middle + below) % 2 === 0 ? 1 : -1;
        const end = little > 0 || middle === 1 ? 1 : 3;
        const significand = fits ? little : end * 2 ** (below - middle) + little;
        const [x, y] = factors(sign * significand, scale - below);
        const [a, b] = fits ? splitMiddle(middle, end, withC ? Infinity : operand.fractionBits) : [1, 1];
        dots.push(
          withC
            ? dotOf(types, [[first, x, y]], sign * a * 2 ** scale)
            : dotOf(types, [
                [first, sign * a * 2 ** (scale / 2), b * 2 ** (scale / 2)],
                [second, x, y],
              ]),
        );
      }
  }
  return dots;
}

/** Factors of at most `bits` fraction bits of a number from 1 to 2 that ends with `last` · 2^-middle. */
function splitMiddle(middle: number, last: number, bits: number): readonly [x: number, y: number] {
  if (middle <= bits) return [1 + last * 2 ** -middle, 1];
  const other = Math.max(middle - bits, 2);
  return [1 + 2 ** (other - middle), 1 + last * 2 ** -other];
}

const trials = 1 << 14;

/**
 * Products of which most bits below the middle are zeros: a product that meets no other term may be cut as well before
 * it is rounded. Such are rare, and so looked for: for each middle and each place of the next bit
 * one where that is the last, and one where others follow.
 */
function loneProductDots(types: FloatTypes, { products }: Meeting): DotProduct[] {
  const { operand, result } = types;
  const [index = 0] = products;
  const { fractionBits } = operand;
  const stream = new Stream(85);
  const whole = () => 2 ** fractionBits + (stream.word() % 2 ** fractionBits);
  const found = new Map<string, Product>();
  for (let i = 0; i < trials; i++) {
    const [x, y] = [whole(), whole()];
    const leading = floorLog2(x * y);
    for (let bits = 1; bits <= result.fractionBits && bits < leading; bits++) {
      const middle = 2 ** (leading - bits - 1);
      const below = ((x * y) % (2 * middle)) - middle;
      if (below <= 0) continue;
      const next = floorLog2(below);
      const key = [bits, leading, next, below === 2 ** next].join();
      if (found.has(key)) continue;
      const sign = found.size % 2 === 0 ? 1 : -1;
      found.set(key, [index, (sign * x) / 2 ** fractionBits, y / 2 ** fractionBits]);
    }
  }
  return [...found.values()].map((product) => dotOf(types, [product]));
}
