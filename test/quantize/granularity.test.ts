/** @file Granularities that users bring: what does not fit is named. */

import { expect, test } from 'vitest';
import { ArgumentError } from '../../src/errors.js';
import {
  allGranularityNames,
  asGranularity,
  type Granularity,
  transposedGranularity,
} from '../../src/quantize/granularity.js';

test.each(allGranularityNames)('%s is one, by name and as itself', (name) => {
  const granularity = asGranularity(name);
  expect(granularity.name).toBe(name);
  expect(asGranularity({ ...granularity })).toEqual(granularity);
});

const given = asGranularity('1x128');
test.each<[string, unknown]>([
  ['granularity.tileRows', { ...given, tileRows: 0 }],
  ['granularity.tileCols', { ...given, tileCols: 1.5 }],
  ['granularity.tileCols', { ...given, tileCols: undefined }],
  ['granularity.scaleFormat', { ...given, scaleFormat: 'f16' }],
  ['granularity.name', { ...given, name: '' }],
  ['granularity', null],
  ['granularity', 128],
  ['granularity', '1x64'],
])('refuses %s of %j', (field, granularity) => {
  expect(() => asGranularity(granularity as Granularity)).toThrow(ArgumentError);
  expect(() => asGranularity(granularity as Granularity)).toThrow(`${field} is `);
});

test('a transposed matrix has its tiles turned, by their own names where they have one', () => {
  const turned = allGranularityNames.map((name) => [name, transposedGranularity(asGranularity(name)).name]);
  expect(Object.fromEntries(turned)).toEqual({
    tensor: 'tensor',
    row: 'column',
    '1x128': '128x1',
    '128x128': '128x128',
    '1x32': '32x1',
    column: 'row',
    '128x1': '1x128',
    '32x1': '1x32',
  });
  const own = { name: 'own', tileRows: 4, tileCols: Infinity, scaleFormat: 'e8m0' } as const;
  expect(transposedGranularity(own)).toEqual({
    name: 'allx4',
    tileRows: Infinity,
    tileCols: 4,
    scaleFormat: 'e8m0',
  });
});
