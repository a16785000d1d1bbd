import { expect, test } from 'vitest';
import { rateUnit } from '../../src/report/rate.js';

test('the fastest rate decides on the unit of all', () => {
  const fast = rateUnit([0.01, null, 25.4]);
  expect([fast.unit, fast.rate(25.4), fast.rate(0.01)]).toEqual(['TFLOP/s', 25.4, 0.01]);
  const slow = rateUnit([0.0125, null]);
  expect([slow.unit, slow.rate(0.0125)]).toEqual(['GFLOP/s', 12.5]);
  expect(rateUnit([1]).unit).toBe('TFLOP/s');
  expect(rateUnit([]).unit).toBe('GFLOP/s');
});
