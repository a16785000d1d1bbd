/** @file Other libraries on the page: shares of the best, saved runs, and a run in real Chromium. */

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import type { PeerRecord } from '../../bench/peers/record.js';
import { productsOf } from '../../page/benchmark/cases.js';
import type { BenchmarkRun } from '../../page/results/benchmark-run.js';
import { meanShare, shareOfBestPeer } from '../../page/results/best-peer.js';
import { runsToCsv } from '../../page/results/csv.js';
import { readRun } from '../../page/results/read-run.js';
import { chromiumObstacle } from '../browser/chromium.js';
import { root } from '../built.js';
import { accessibilityFaults, openPages, ready } from './pages.js';

const small = { m: 16, n: 32, k: 128 };
const large = { m: 64, n: 64, k: 256 };

function record(library: string, product: PeerRecord['product'], tflops?: number): PeerRecord {
  const about = { name: 'matmul', library, precision: 'f32 by f32 to f32', timed: 'a run', product };
  if (tflops === undefined) return { ...about, status: 'skipped', reason: 'it needs more' };
  const times = { min: 1, median: 2, max: 3, deviation: 0, samples: 5 };
  return { ...about, ...times, status: 'measured', kernel: null, tflops, error: 1e-6, calcDiff: 1e-12 };
}

const records = [
  record('octile 1.0.0', small, 6),
  record('jax 1', small, 3),
  record('tfjs 1', small, 1),
  record('octile 1.0.0', large, 2),
  record('jax 1', large, 4),
  record('tfjs 1', large),
];

test('a share is of the fastest other library on the same product', () => {
  expect(records.map((one) => shareOfBestPeer(one, records))).toEqual([2, 1, 1 / 3, 0.5, 1, undefined]);
  expect(shareOfBestPeer(records[0] as PeerRecord, records.slice(0, 1))).toBeUndefined();
});

test('shares over products have a geometric mean, which needs both sides', () => {
  expect(meanShare(records)).toBeCloseTo(1, 12);
  expect(meanShare(records.slice(0, 3))).toBeCloseTo(2, 12);
  expect(meanShare(records.filter(({ library }) => library !== 'octile 1.0.0'))).toBeUndefined();
});

test('each shape is multiplied once, whatever its formats', () => {
  const one = {
    kind: 'gemm',
    aFormat: 'e4m3',
    bFormat: 'e4m3',
    aGranularity: 'row',
    bGranularity: 'row',
  } as const;
  const cases = [
    { ...one, ...small, out: 'f32' as const },
    { ...one, ...small, out: 'bf16' as const },
  ];
  expect(productsOf([{ kind: 'copy', bytes: 16 }, ...cases, { ...one, ...large, out: 'f32' }])).toEqual([
    small,
    large,
  ]);
});

const run: BenchmarkRun = {
  octile: 'benchmark',
  schema: 1,
  id: 'one',
  date: '2026-01-01T00:00:00.000Z',
  version: '1.0.0',
  machine: {
    name: 'GPU',
    kind: 'hardware',
    browser: 'Chrome',
    features: [],
    workgroupMemory: null,
    largestBuffer: null,
  },
  settings: null,
  thread: 'worker',
  ended: 'complete',
  checks: [],
  records: [],
  peers: { records, absent: [{ library: 'other', reason: 'it is not there' }] },
};

test('a saved run keeps them, and nothing that they cannot be', () => {
  expect(readRun(JSON.stringify(run), 'a file')).toEqual(run);
  const broken = (part: object) =>
    JSON.stringify({ ...run, peers: { absent: [], records: [{ ...records[0], ...part }] } });
  for (const [part, message] of [
    [{ product: { m: 0, n: 1, k: 1 } }, 'peers.records[0].product.m is 0'],
    [{ library: 7 }, 'peers.records[0].library is not a text'],
    [{ status: 'fast' }, 'peers.records[0].status is "fast"'],
    [{ tflops: -1 }, 'peers.records[0].tflops is -1'],
  ] as const)
    expect(() => readRun(broken(part), 'a file')).toThrow(message);
});

test('CSV has a line for each, with its share', () => {
  const [head = '', ...lines] = runsToCsv([run]).trim().split('\n');
  const share = head.split(',').indexOf('share_of_best_peer');
  expect(lines.map((line) => line.split(',')[share])).toEqual(['2', '1', String(1 / 3), '0.5', '1', '']);
});

test.skipIf(chromiumObstacle)(
  'run on demand, in turn with octile, or the page says what it lacks',
  async () => {
    const pages = await openPages();
    try {
      const at = '#/benchmark?suite=own&shapes=16x32x128&verify=none';
      const page = await pages.open({ at });
      await ready(page);
      const option = page.getByLabel('Compare with other libraries');
      if (!existsSync(join(root, 'bench/peers/node_modules'))) {
        expect(await option.isDisabled()).toBe(true);
        await page.getByText('was built without them. In octile’s folder, npm run bench:peers').waitFor();
        return;
      }
      const asked: string[] = [];
      page.on('request', (request) => {
        const [, file] = /\/(peers\.html|(?:jax|onnxruntime|ort-wasm|tfjs)-)/.exec(request.url()) ?? [];
        if (file) asked.push(file);
      });
      await option.check();
      // Not before they are asked to compute.
      expect(asked).toEqual([]);
      const saved = await compared(page);
      expect(asked.sort()).toEqual(['jax-', 'onnxruntime-', 'ort-wasm-', 'peers.html', 'tfjs-']);
      expect(saved.thread).toBe('worker');
      await page.getByRole('img', { name: /^Speed of octile/ }).waitFor();
      expect(await accessibilityFaults(page)).toEqual([]);
      expect(measuredLibraries(saved)).toEqual(libraries);
      // The document of the libraries is gone, and with it the device that they keep: the next run has another.
      expect(page.frames()).toHaveLength(1);
      expect(measuredLibraries(await compared(page))).toEqual(libraries);
      await page.context().close();

      const without = await pages.open({
        at: `${at}&peers=page`,
        before: () => Object.assign(globalThis, { Worker: undefined }),
      });
      await ready(without);
      const onPage = await compared(without);
      expect(onPage.thread).toBe('page');
      expect(measuredLibraries(onPage)).toEqual(libraries);
      expect(pages.complaints).toEqual([]);
    } finally {
      await pages.close();
    }
  },
);

const libraries = new Set(['octile', '@jax-js/jax', 'onnxruntime-web', '@tensorflow/tfjs-backend-webgpu']);

function measuredLibraries({ peers }: BenchmarkRun): Set<string> {
  const measured = peers?.records.filter(({ status }) => status === 'measured') ?? [];
  return new Set(measured.map(({ library }) => library.replace(/ [\d.]+$/, '')));
}

/** Runs to the end, and gives what is saved. */
async function compared(page: Page): Promise<BenchmarkRun> {
  const start = page.getByRole('button', { name: 'Verify and measure' });
  await start.click();
  await page.getByRole('button', { name: 'Stop, and keep what is done' }).waitFor();
  await start.waitFor();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save JSON' }).click();
  return readRun(await readFile(await (await download).path(), 'utf8'), 'the download');
}
