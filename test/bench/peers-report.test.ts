import { expect, test } from 'vitest';
import { drawnPeers, growths, peerName, standings } from '../../bench/peers/compare.js';
import type { Product } from '../../bench/peers/peer.js';
import type { PeerRecord } from '../../bench/peers/record.js';
import { filesOf, type PeersRun } from '../../bench/peers/report.js';

const about = (library: string, name: string, product: Product) => ({
  library,
  name,
  product,
  precision: 'f32, or not',
  timed: 'all',
});

function measured(library: string, name: string, product: Product, median: number): PeerRecord {
  return {
    ...about(library, name, product),
    status: 'measured',
    kernel: null,
    min: median / 2,
    median,
    max: 2 * median,
    deviation: 0,
    samples: 9,
    tflops: (2 * product.m * product.n * product.k) / median / 1e6,
    error: 1e-7,
    calcDiff: 1e-9,
  };
}

const square = (n: number): Product => ({ m: n, n, k: n });
const rows = (m: number): Product => ({ m, n: 512, k: 256 });

const products = [...[256, 512, 1024].map(square), ...[1, 4, 16].map(rows), { m: 1, n: 64, k: 64 }];
const records = products.flatMap((product): PeerRecord[] => [
  measured('octile 1.0.0', 'auto', product, 10 + product.m * product.n * product.k * 1e-6),
  measured('@scope/slow 2.0.0', 'matmul f32', product, 5 * (10 + product.m * product.n * product.k * 1e-6)),
  { ...about('@scope/slow 2.0.0', 'matmul f16', product), status: 'skipped', reason: 'no "f16"' },
]);

const run: PeersRun = {
  date: '2026-11-23T00:00:00.000Z',
  version: '1.0.0',
  adapter: { name: 'some GPU', kind: 'hardware', reason: 'the fastest there is' },
  features: [],
  flags: ['toggle'],
  runtime: 'Node',
  products: ['256x256x256'],
  interrupted: false,
  absent: [],
  records,
};

test('each product has its ratios to the first', () => {
  const found = standings(records);
  expect(found.map(({ product }) => product)).toEqual(products);
  for (const { standings } of found) {
    const [octile, slow, none] = standings;
    expect(octile?.ratio).toBe(1);
    expect(slow?.ratio).toBeCloseTo(5, 12);
    expect(none?.ratio).toBeNull();
  }
  const [failed] = standings([
    { ...about('octile 1.0.0', 'auto', square(8)), status: 'failed', reason: 'wrong' },
    measured('slow 1', 'matmul', square(8), 1),
  ]);
  expect(failed?.standings.map(({ ratio }) => ratio)).toEqual([null, null]);
});

test('a peer is named without version and scope', () => {
  expect(peerName({ library: '@scope/slow 2.0.0', name: 'matmul f32' })).toBe('slow matmul f32');
  expect(peerName({ library: 'octile 0.1.0', name: 'auto' })).toBe('octile auto');
});

test('a chart shows octile and the fastest that there is room for', () => {
  const names = Array.from({ length: 9 }, (_, i) => `p${i}`);
  const crowd = names.map((name, i) => measured('lib 1.0', name, square(64), 100 - 10 * i));
  const all = [measured('octile 1.0', 'auto', square(64), 1000), ...crowd];
  expect(drawnPeers(all)).toEqual(['octile auto', 'lib p8', 'lib p7', 'lib p6', 'lib p5', 'lib p4']);
  expect(drawnPeers([])).toEqual([]);
});

test('growth is of squares in N³ and of the weight that most M were multiplied by', () => {
  const [squares, ofRows] = growths(records);
  expect(squares).toMatchObject({ name: 'squares' });
  expect(squares?.series.map(({ name }) => name)).toEqual(['octile auto', 'slow matmul f32']);
  expect(squares?.series[0]?.fit).toMatchObject({
    power: 3,
    overhead: expect.closeTo(10, 6),
    perUnit: expect.closeTo(1e-6, 12),
  });
  expect(ofRows).toMatchObject({ name: 'rows', size: 'M of M × 512 × 256' });
  expect(ofRows?.series[0]?.points.map(({ x }) => x)).toEqual([1, 4, 16]);
  expect(ofRows?.series[0]?.fit).toMatchObject({
    power: 1,
    overhead: expect.closeTo(10, 6),
    perUnit: expect.closeTo(512 * 256 * 1e-6, 9),
  });
  // Two sizes make no law.
  expect(growths(records.slice(0, 6))).toEqual([]);
});

test('the files of a run: every record in JSON and CSV, a chart for squares and for each M, the laws', () => {
  const files = filesOf(run);
  expect([...files.keys()]).toEqual([
    'results.json',
    'results.csv',
    'squares.svg',
    'rows-1.svg',
    'rows-4.svg',
    'rows-16.svg',
    'growth.csv',
    'growth-squares.svg',
    'growth-rows.svg',
  ]);
  expect(JSON.parse(files.get('results.json') ?? '')).toMatchObject({
    command: 'bench:peers',
    schema: 1,
    flags: ['toggle'],
    records,
  });
  const lines = (files.get('results.csv') ?? '').trimEnd().split('\n');
  expect(lines).toHaveLength(1 + records.length);
  expect(lines[1]).toMatch(/^256x256x256,256,256,256,octile 1\.0\.0,auto,"f32, or not",,measured,/);
  expect(lines[3]).toMatch(/,matmul f16,"f32, or not",,skipped,.*,"no ""f16"""$/);
  expect(files.get('growth.csv')).toContain('rows,slow matmul f32,16,');
  for (const [name, content] of files)
    if (name.endsWith('.svg')) expect(content).toMatch(/^<svg .+slow matmul f32/s);
});

test('a run without figures still leaves its records', () => {
  const none = records.filter(({ status }) => status === 'skipped');
  expect([...filesOf({ ...run, records: none }).keys()]).toEqual(['results.json', 'results.csv']);
});
