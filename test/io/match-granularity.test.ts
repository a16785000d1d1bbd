import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ArgumentError, FileError } from '../../src/errors.js';
import { matchGranularity, unitScales } from '../../src/io/match-granularity.js';
import {
  type GranularityName,
  granularityByName,
  granularityNames,
  scaleIndex,
  scaleShape,
} from '../../src/quantize/granularity.js';

function match(rows: number, cols: number, shape: number[], asked?: GranularityName, e8m0 = false): string {
  const count = shape.reduce((product, length) => product * length, 1);
  const scales = { shape, scales: e8m0 ? new Uint8Array(count) : new Float32Array(count) };
  return matchGranularity({ rows, cols, scales, file: 'S.npy', argument: '--a-granularity' }, asked).name;
}

test('the granularity follows from the shape', () => {
  expect(match(300, 303, [1, 1])).toBe('tensor');
  expect(match(300, 303, [300, 1])).toBe('row');
  expect(match(300, 303, [300, 3])).toBe('1x128');
  expect(match(300, 303, [3, 3])).toBe('128x128');
  expect(match(300, 303, [300, 10], undefined, true)).toBe('1x32');
  expect(match(300, 303, [])).toBe('tensor');
  expect(match(300, 303, [300])).toBe('row');
  expect(match(1, 303, [3])).toBe('1x128');
});

test('two-dimensional scales of any granularity are matched by one that says the same', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 400 }),
      fc.integer({ min: 1, max: 400 }),
      fc.constantFrom(...granularityNames),
      (rows, cols, name) => {
        const granularity = granularityByName(name);
        const { scaleRows, scaleCols } = scaleShape(granularity, rows, cols);
        const e8m0 = granularity.scaleFormat === 'e8m0';
        const found = granularityByName(match(rows, cols, [scaleRows, scaleCols], undefined, e8m0));
        for (const row of [0, rows >> 1, rows - 1])
          for (const col of [0, cols >> 1, cols - 1])
            expect(scaleIndex(found, scaleCols, row, col)).toBe(scaleIndex(granularity, scaleCols, row, col));
      },
    ),
  );
});

test('scales that can be read in two ways must be asked for', () => {
  expect(() => match(3, 384, [3])).toThrow(ArgumentError);
  expect(() => match(3, 384, [3])).toThrow(/--a-granularity .* row or 128x128, since S\.npy holds 3 scales/);
  expect(match(3, 384, [3], 'row')).toBe('row');
  expect(match(3, 384, [3], '128x128')).toBe('128x128');
});

test('scales that fit nothing are refused with what would fit', () => {
  expect(() => match(300, 303, [3, 300])).toThrow(FileError);
  expect(() => match(300, 303, [3, 300])).toThrow(
    'S.npy holds 3 x 300 scales of f4, which fits no granularity of a 300 x 303 matrix: tensor 1 x 1 of f4, ' +
      'row 300 x 1 of f4, 1x128 300 x 3 of f4, 128x128 3 x 3 of f4, 1x32 300 x 10 of u1 (e8m0)',
  );
  expect(() => match(300, 303, [300, 10])).toThrow(FileError);
  expect(() => match(300, 303, [299])).toThrow(FileError);
  expect(() => match(300, 303, [300, 1], '1x128')).toThrow(
    'S.npy holds 300 x 1 scales of f4; granularity 1x128 of a 300 x 303 matrix takes 300 x 3 of f4',
  );
  expect(() => match(300, 303, [300, 1], 'columns' as GranularityName)).toThrow(ArgumentError);
});

test('missing scales are ones', () => {
  expect(unitScales(granularityByName('128x128'), 200, 100)).toEqual({
    shape: [2, 1],
    scales: Float32Array.of(1, 1),
  });
  expect(unitScales(granularityByName('1x32'), 1, 33)).toEqual({
    shape: [1, 2],
    scales: Uint8Array.of(127, 127),
  });
});
