import { expect, test } from 'vitest';
import { multiplyInF64 } from '../../src/arithmetic/f64-product.js';

test('a · bᵀ, also where K is no multiple of the four sums', () => {
  const a = Float64Array.from([1, 2, 3, 4, 5, -1, 0, 2, 0, 10]);
  const b = Float64Array.from([1, 1, 1, 1, 1, 0, 0, 0, 0, 2, -1, 2, -3, 4, 0.5]);
  expect([...multiplyInF64(a, b, 2, 3, 5)]).toEqual([15, 10, 12.5, 11, 20, 0]);
});
