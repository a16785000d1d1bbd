import { expect, test } from 'vitest';
import type { BenchCase } from '../../bench/cases.js';
import { modelledTimes } from '../../bench/modelled.js';
import { about, type BenchRecord, measured } from '../../bench/record.js';
import { suite } from '../../bench/suites.js';

const record = (one: BenchCase, median: number): BenchRecord =>
  measured(
    about(one, 'cast', { name: 'a GPU', kind: 'hardware' }, '1'),
    {},
    { method: 'wall', min: median, median, max: median, deviation: 0, samples: 1 },
  );
const cases = suite('cast');
const [copy] = cases as [BenchCase];
const casts = cases.filter((one) => one.kind === 'cast' && one.m === 128);

test("casts beside what their model's bytes take at the speed of copying", () => {
  // Twice 2^28 bytes in so many µs: 1000 GB/s.
  const records = [record(copy, 2 ** 29 / 1e6), ...casts.map((one) => record(one, 100))];
  const [m, n, k] = [128, 7168, 2048];
  const weights = n * k + (n / 128) * (k / 128) * 4;
  const fused = m * k * 4 + weights + m * n * 2;
  // Codes and scales of A are written and read besides.
  const separate = fused + 2 * (m * k + m * (k / 128) * 4);
  expect(
    modelledTimes(records).map(({ dataflow, bytes, modelled, measured }) => [
      dataflow,
      bytes,
      modelled,
      measured,
    ]),
  ).toEqual([
    ['fused', fused, fused / 1e3 / 1e3, 100],
    ['separate', separate, separate / 1e3 / 1e3, 100],
  ]);
});

test('nothing where copying was not measured', () => {
  expect(modelledTimes(casts.map((one) => record(one, 100)))).toEqual([]);
});
