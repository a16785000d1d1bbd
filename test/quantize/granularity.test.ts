/** @file Granularities that users bring: what does not fit is named. */

import { expect, test } from 'vitest';
import { ArgumentError } from '../../src/errors.js';
import { asGranularity, type Granularity, granularityNames } from '../../src/quantize/granularity.js';

test.each(granularityNames)('%s is one, by name and as itself', (name) => {
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
