/** @file Saved runs without a browser: links, CSV, and the names that charts give. */

import { expect, test } from 'vitest';
import type { Measurement } from '../../bench/record.js';
import { caseName, type GemmCase } from '../../bench/suites.js';
import { defaultSettings } from '../../page/benchmark/settings.js';
import {
  type BenchmarkRun,
  ceilingsOf,
  fastestOf,
  isMeasured,
  schema,
} from '../../page/results/benchmark-run.js';
import { runsToCsv } from '../../page/results/csv.js';
import { packRun, unpackRun } from '../../page/results/link.js';
import { speedText } from '../../page/results/numbers.js';
import { readRun } from '../../page/results/read-run.js';
import { categoriesOf, productSeries, runNames } from '../../page/results/series.js';
import { FileError } from '../../src/errors.js';

const product: GemmCase = {
  kind: 'gemm',
  m: 64,
  n: 128,
  k: 256,
  aFormat: 'e4m3',
  bFormat: 'e4m3',
  aGranularity: '1x128',
  bGranularity: '128x128',
  out: 'f32',
};

function measurement(one: Measurement['case'], kernel: string, tflops: number | null, gbps = 1): Measurement {
  return {
    name: caseName(one),
    case: one,
    kernel,
    adapter: { name: 'A "GPU", fast', kind: 'hardware' },
    date: '2026-11-23T04:00:00.000Z',
    version: '0.1.0',
    status: 'measured',
    tflops,
    gbps,
    error: 1e-6,
    calcDiff: null,
    min: 1,
    median: 2,
    max: 3,
    samples: 20,
    timing: 'wall',
  };
}

const run: BenchmarkRun = {
  octile: 'benchmark',
  schema,
  id: 'one',
  date: '2026-11-23T04:00:00.000Z',
  version: '0.1.0',
  machine: {
    name: 'A "GPU", fast',
    kind: 'hardware',
    browser: 'Chrome 147 on Linux',
    features: ['subgroups'],
    workgroupMemory: 32768,
    largestBuffer: null,
  },
  settings: { ...defaultSettings, suite: 'own', shapes: '64x128x256' },
  thread: 'worker',
  ended: 'stopped',
  checks: [{ name: 'a check', status: 'passed', checked: 3, mismatches: 0, detail: 'äöü × ≥' }],
  records: [
    measurement({ kind: 'copy', bytes: 2 ** 27 }, 'copy', null, 4000),
    measurement({ kind: 'peak', operations: 2 ** 35 }, 'peak', 60),
    { ...measurement(product, 'portable', 20), tiling: { rows: 64, variant: 'wide' }, tuned: true },
    measurement({ ...product, out: 'bf16', promote: 64, accumulator: 'ada-mma' }, 'emulated', 3),
    { ...measurement(product, 'matrix', null), status: 'skipped', reason: 'it needs\n"more"' } as never,
  ],
};

test('a run survives its link and its file', async () => {
  // The skipped record above carries figures that a reader drops.
  const read = readRun(JSON.stringify(run), 'a file');
  expect(read.records.slice(0, 4)).toEqual(run.records.slice(0, 4));
  expect({ ...read, records: [] }).toEqual({ ...run, records: [] });
  const link = await packRun(read);
  expect(link).toMatch(/^[\w-]+$/);
  expect(await unpackRun(link)).toEqual(read);
});

test('cases of a training step survive too, and ways that there are not are refused', () => {
  const groups = { kind: 'grouped', grouping: 'masked', groups: 6, size: 1024, capacity: 4096 } as const;
  const cases = [
    { ...groups, n: 6144, other: 7168, out: 'bf16' },
    { kind: 'cast', cast: 'fused', m: 128, n: 7168, k: 2048, out: 'bf16' },
    { kind: 'cast', cast: 'pass', m: 128, n: 7168, k: 2048, out: 'bf16' },
  ] as const;
  const records = cases.map((one) => measurement(one, one.kind, 100));
  expect(readRun(JSON.stringify({ ...run, records }), 'a file').records).toEqual(records);
  const wrong = [{ ...records[0], case: { ...cases[0], grouping: 'columns' } }];
  expect(() => readRun(JSON.stringify({ ...run, records: wrong }), 'a file')).toThrow(
    'grouping is "columns"',
  );
  const odd = [{ ...run.records[2], tiling: { rows: [] } }];
  expect(() => readRun(JSON.stringify({ ...run, records: odd }), 'a file')).toThrow(/tiling\.rows is \[\]/);
});

test('a link that is cut off, damaged, or unfolds without end is refused', async () => {
  const link = await packRun(run);
  await expect(unpackRun(link.slice(0, -20))).rejects.toThrow(FileError);
  await expect(unpackRun(`${link}*`)).rejects.toThrow('this link is damaged');
  const bomb = new Blob(['0'.repeat(64 * 2 ** 20)])
    .stream()
    .pipeThrough(new CompressionStream('deflate-raw'));
  const packed = Buffer.from(await new Response(bomb).arrayBuffer()).toString('base64url');
  await expect(unpackRun(packed)).rejects.toThrow('unfolds to more than 4 MiB');
});

test.each([
  [{ ended: 'soon' }, 'ended is "soon"; allowed: complete'],
  [{ machine: { ...run.machine, features: 'all' } }, 'machine.features is not a list'],
  [{ records: [{ ...run.records[2], case: { ...product, m: 1.5 } }] }, 'records[0].case.m is 1.5'],
  [{ records: [{ ...run.records[2], case: { ...product, aFormat: 'e9m9' } }] }, 'aFormat is "e9m9"'],
  [{ records: [{ ...run.records[2], case: { ...product, out: 'suite' } }] }, 'out is "suite"'],
  [{ records: [{ ...run.records[2], case: { ...product, accumulator: 'none' } }] }, 'accumulator is "none"'],
  [{ records: [{ ...run.records[2], case: { kind: 'sort' } }] }, 'records[0].case.kind is "sort"'],
  [{ checks: Array.from({ length: 2001 }, () => run.checks[0]) }, 'checks has 2001 entries'],
])('%# names the part that is wrong', (part, message) => {
  expect(() => readRun(JSON.stringify({ ...run, ...part }), 'x.json')).toThrow(message);
});

test('the ceilings are those of the run, and the fastest product is one', () => {
  expect(ceilingsOf(run)).toEqual({ bandwidth: 4e12, peak: 60e12 });
  expect(fastestOf(run)).toBe(run.records[2]);
  expect(ceilingsOf({ ...run, records: [] })).toEqual({ bandwidth: undefined, peak: undefined });
});

test('CSV quotes what holds commas, quotes and line ends', () => {
  const text = runsToCsv([run]);
  expect(text).toContain('\n"A ""GPU"", fast",Chrome 147 on Linux,');
  expect(text.trimEnd().endsWith(',"it needs\n""more"""')).toBe(true);
  expect(text).toContain(',portable,"rows 64, variant wide",yes,measured,20,1,0.000001,,1,2,3,20,wall,');
});

test('a chart names machines and what sets cases of one shape apart', () => {
  const other = { ...run, machine: { ...run.machine, name: 'B' } };
  expect(runNames([run, other, run])).toEqual(['A "GPU", fast (1)', 'B', 'A "GPU", fast (2)']);
  const { series, more } = productSeries([run, other]);
  expect(series.map(({ name }) => name)).toEqual([
    'A "GPU", fast: portable',
    'A "GPU", fast: emulated',
    'B: portable',
    'B: emulated',
  ]);
  expect(more).toBe(0);
  expect(productSeries([run, other, run, other]).more).toBe(2);
  expect([...categoriesOf(series).values()]).toEqual([
    '64 × 128 × 256, to f32, plain sums, promoted as usual',
    '64 × 128 × 256, to bf16, ada-mma, promoted every 64',
  ]);
  expect(run.records.filter(isMeasured)).toHaveLength(4);
});

test('slow speeds are told in GFLOP/s', () =>
  expect([25.43, 0.1, 0.0987].map(speedText)).toEqual([
    { value: '25.4', unit: 'TFLOP/s' },
    { value: '0.100', unit: 'TFLOP/s' },
    { value: '98.7', unit: 'GFLOP/s' },
  ]));
