import { expect, test } from 'vitest';
import { linesOf } from '../../page/chart/xy.js';

test.each([
  ['one line while all entries fit', ['portable', 'matrix'], 400, 1],
  // 30 characters and a symbol take 245 pixels: two of three would fit by their sum.
  ['entries that do not fit side by side', ['a'.repeat(30), 'b'.repeat(30), 'c'.repeat(30)], 400, 3],
  ['an entry wider than the chart', ['a'.repeat(90), 'b'], 300, 2],
  ['a line that is full', ['a'.repeat(10), 'b'.repeat(10), 'c'.repeat(10)], 220, 2],
])('a legend leaves room for %s', (_, names, width, lines) => {
  expect(linesOf(names, width)).toBe(lines);
});
