import { afterEach, expect, test, vi } from 'vitest';
import { table } from '../../src/cli/table.js';

const head = ['name', 'count', 'what it is'];
const rows = [
  ['first', 12, 'a text of many words that goes on beyond the width of the terminal'],
  ['second', 3456, 'short'],
];

function drawn(isTTY: boolean, columns: number): string[] {
  vi.stubEnv('NO_COLOR', '1');
  vi.spyOn(process, 'stdout', 'get').mockReturnValue({
    ...process.stdout,
    isTTY,
    columns,
  } as typeof process.stdout);
  return table(head, rows, ['left', 'right', 'left']).split('\n');
}

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

test('a table that is wider than the terminal breaks between words', () => {
  const lines = drawn(true, 40);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(40);
  const words = lines.flatMap((line) => line.split(/\s+/)).filter(Boolean);
  for (const word of [head, ...rows].flat().flatMap((cell) => String(cell).split(' ')))
    expect(words).toContain(word);
});

test('words are never cut, however narrow the terminal', () => {
  const text = drawn(true, 10).join(' ');
  expect(text).not.toContain('…');
  expect(text).toContain('terminal');
});

test('what goes to no terminal, or fits, keeps a line to a row', () => {
  expect(drawn(false, 40)).toHaveLength(3);
  // Also a row that ends early.
  expect(table(head, [['first', 12], ...rows]).split('\n')).toHaveLength(4);
  expect(drawn(true, 200)).toEqual(drawn(false, 40));
});
