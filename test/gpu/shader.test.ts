/** @file Linking: constants, extensions and files become one text. */

import { expect, test } from 'vitest';
import { Expression, link } from '../../src/gpu/shader.js';

test('extensions come first, then constants by their kinds, then the files in their order', () => {
  const text = link({
    label: 'any',
    files: ['fn one() {}', 'fn two() {}'],
    constants: { COUNT: 7, LARGEST: 0xffffffff, YES: true, SCALE: new Expression('vec2(1.5)') },
    enables: ['f16', 'subgroups'],
  });
  expect(text.split('\n')).toEqual([
    'enable f16;',
    'enable subgroups;',
    'const COUNT = 7u;',
    'const LARGEST = 4294967295u;',
    'const YES = true;',
    'const SCALE = vec2(1.5);',
    '',
    'fn one() {}',
    'fn two() {}',
  ]);
});

test.each([-1, 1.5, 2 ** 32, Number.NaN])('%d is no u32', (value) => {
  expect(() => link({ label: 'any', files: [], constants: { COUNT: value } })).toThrow(
    `shader constant COUNT is ${value}, which is not a u32`,
  );
});
