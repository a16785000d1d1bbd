import { expect, test } from 'vitest';
import { distinct, findRow } from '../../src/experiment/rows.js';

const rows = [
  { data: 'x', k: 1, value: 10 },
  { data: 'y', k: 1, value: 20 },
  { data: 'x', k: 2, value: 30 },
];

test('a row is found by all the values that are named', () => {
  expect(findRow(rows, { data: 'x', k: 2 })?.value).toBe(30);
  expect(findRow(rows, { data: 'x' })?.value).toBe(10);
  expect(findRow(rows, { data: 'y', k: 2 })).toBeUndefined();
});

test("a column's values come once, in their order", () => {
  expect(distinct(rows, 'data')).toEqual(['x', 'y']);
  expect(distinct(rows, 'k')).toEqual([1, 2]);
});
