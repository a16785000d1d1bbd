import { expect, test } from 'vitest';
import { matrix, transposed } from '../src/matrix.js';

test('transposing turns columns into rows, of any type', () => {
  const source = matrix(2, 3, Float32Array.of(1, 2, 3, 4, 5, 6));
  expect(transposed(source)).toEqual(matrix(3, 2, Float32Array.of(1, 4, 2, 5, 3, 6)));
  expect(source.data).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6));
  const bits = matrix(1, 3, Uint16Array.of(7, 8, 9), 'bf16');
  expect(transposed(bits)).toEqual(matrix(3, 1, Uint16Array.of(7, 8, 9), 'bf16'));
});
