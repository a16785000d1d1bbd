import { expect, test } from 'vitest';
import type { Linear } from '../../src/model/encoder.js';
import { finish } from '../../src/model/f64-layer.js';

test('bias and activation go to the right columns', () => {
  const linear = (activation: Linear['activation']): Linear => ({
    name: activation,
    weight: { rows: 2, cols: 1, dtype: 'f32', data: new Float32Array(2) },
    bias: Float32Array.from([10, -1]),
    activation,
  });
  const products = () => Float64Array.from([1, 2, -11, 0.5]);
  expect([...finish(linear('none'), products())]).toEqual([11, 1, -1, -0.5]);
  expect([...finish(linear('relu'), products())]).toEqual([11, 1, 0, 0]);
  expect([...finish(linear('tanh'), products())]).toEqual([11, 1, -1, -0.5].map(Math.tanh));
});
