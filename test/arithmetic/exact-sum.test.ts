import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ExactSum } from '../../src/arithmetic/exact-sum.js';
import { big, bigProduct, oddDouble } from './big.js';

/** Doubles whose products, and whose last bits, stay inside a double's range. */
const doubles = fc
  .double({ noNaN: true, min: -(2 ** 300), max: 2 ** 300 })
  .filter((x) => x === 0 || Math.abs(x) > 2 ** -200);
describe('ExactSum', () => {
  test('adds doubles like integers', () => {
    fc.assert(
      fc.property(fc.array(doubles, { maxLength: 30 }), (terms) => {
        const sum = new ExactSum();
        for (const term of terms) sum.add(term);
        const total = terms.reduce((so, term) => so + big(term), 0n);
        expect(sum.value()).toBe(oddDouble(total));
      }),
      { numRuns: 2000 },
    );
  });

  test('adds products like integers', () => {
    const factor = doubles.filter((x) => Math.abs(x) < 2 ** 200);
    fc.assert(
      fc.property(fc.array(fc.tuple(factor, factor), { maxLength: 12 }), (pairs) => {
        const sum = new ExactSum();
        for (const [a, b] of pairs) sum.addProduct(a, b);
        const total = pairs.reduce((so, [a, b]) => so + bigProduct(a, b), 0n);
        expect(sum.value()).toBe(oddDouble(total));
      }),
      { numRuns: 2000 },
    );
  });

  test('cancels to the last bit', () => {
    const sum = new ExactSum();
    for (const term of [2 ** 200, 1, -(2 ** 200), 2 ** -200, -1]) sum.add(term);
    expect(sum.value()).toBe(2 ** -200);
    sum.add(-(2 ** -200));
    expect(Object.is(sum.value(), 0)).toBe(true);
  });

  test('a tie in 53 bits leans towards what lies far below it', () => {
    for (const sign of [1, -1]) {
      const sum = new ExactSum();
      sum.add(1);
      sum.add(sign * 2 ** -53);
      sum.add(sign * 2 ** -190);
      expect(sum.value()).toBe(sign > 0 ? 1 + 2 ** -52 : 1 - 2 ** -53);
    }
  });

  test('a scaled sum keeps every bit', () => {
    const part = new ExactSum();
    for (const term of [2 ** 100, 1, 2 ** -100]) part.add(term);
    const sum = new ExactSum();
    sum.addScaled(part, 1 + 2 ** -23);
    for (const term of [2 ** 100, 2 ** 77, 1, 2 ** -23, 2 ** -100]) sum.add(-term);
    expect(sum.value()).toBe(2 ** -123);
  });

  test.each([
    [[1, Number.NaN, Infinity], Number.NaN],
    [[Infinity, 1, -Infinity], Number.NaN],
    [[1, -Infinity, 2 ** 300], -Infinity],
  ])('%j add up to %d', (terms, expected) => {
    const sum = new ExactSum();
    for (const term of terms) sum.add(term);
    expect(sum.value()).toBe(expected);
  });

  test('products and scaled sums follow IEEE 754 where they are not finite', () => {
    const product = new ExactSum();
    product.addProduct(0, Infinity);
    expect(product.value()).toBeNaN();

    const part = new ExactSum();
    part.add(2 ** 100);
    part.add(-1);
    const scaled = new ExactSum();
    scaled.addScaled(part, -Infinity);
    expect(scaled.value()).toBe(-Infinity);
    scaled.clear();
    scaled.addScaled(new ExactSum(), Infinity);
    expect(scaled.value()).toBeNaN();
  });
});
