/** @file octile tune: what it refuses, what it keeps, and what it makes of a file that is none. */

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { type TunedCase, tuneCase } from '../../bench/tune.js';
import { UnsupportedError } from '../../src/errors.js';
import { tuningPath } from '../../src/tune/file-store.js';
import { emptyTuning, type TunedProduct, type Tuning, withProducts } from '../../src/tune/tuning.js';
import { octileHere } from '../cli/in-process.js';
import { temporaryFolder } from '../io/temporary.js';

// Winners of the test's own: times of a software adapter depend on what else the machine does.
vi.mock(import('../../bench/tune.js'), async (original) => ({ ...(await original()), tuneCase: vi.fn() }));
// The software adapter stays where it is unpacked.
const path = temporaryFolder();
vi.mock(import('../../src/gpu/cache.js'), async (original) => ({
  ...(await original()),
  userCachePath: () => path('cache'),
}));

const winner: TunedProduct = {
  m: 16,
  n: 32,
  k: 128,
  aFormat: 'e4m3',
  bFormat: 'e4m3',
  aGranularity: '1x128',
  bGranularity: '128x128',
  out: 'f32',
  kernel: 'portable',
  tiling: { rows: 32, cols: 64 },
  microseconds: 100,
};
const adapter = JSON.parse((await octileHere('info', '--adapter', 'software', '--json')).stdout).adapter
  .name as string;
const file = tuningPath(adapter);

async function keep(text: string) {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}
const keepProduct = (product: TunedProduct) =>
  keep(JSON.stringify(withProducts(emptyTuning(adapter), [product])));
const kept = async () => (JSON.parse(await readFile(file, 'utf8')) as Tuning).products;
const tune = (...args: string[]) => octileHere('tune', '--adapter', 'software', ...args);

beforeEach(() => {
  const found: TunedCase = { winner, untuned: winner, trials: [winner] };
  vi.mocked(tuneCase).mockReset().mockResolvedValue(found);
});

test.each([
  // 2·16·32·128 operations.
  [100, 'GFLOP/s', '1.311'],
  [0.01, 'TFLOP/s', '13.11'],
])('rates of winners of %d µs are told in %s', async (microseconds, unit, rate) => {
  const quick = { ...winner, microseconds };
  vi.mocked(tuneCase).mockResolvedValue({ winner: quick, untuned: quick, trials: [quick] });
  const { stdout } = await tune('16x32x128');
  expect(stdout).toContain(unit);
  expect(stdout).toMatch(new RegExp(`^16x32x128 .* ${rate} `, 'm'));
});

describe('what is kept', () => {
  const skinny = (microseconds: number) => ({ ...winner, kernel: 'skinny', tiling: {}, microseconds });

  test('is what is faster, where only some kernels were tried', async () => {
    await keepProduct(skinny(50));
    const { status, stderr } = await tune('16x32x128', '--kernel', 'portable');
    expect(status).toBe(0);
    expect(stderr).toContain('16x32x128: skinny, found before, is faster and is kept');
    expect(await kept()).toEqual([skinny(50)]);

    await keepProduct(skinny(150));
    await tune('16x32x128', '--kernel', 'portable');
    expect(await kept()).toEqual([winner]);
  });

  test('is what was found now, where the kernel was tried again', async () => {
    await keepProduct(skinny(50));
    await tune('16x32x128');
    expect(await kept()).toEqual([winner]);
    await keepProduct({ ...winner, microseconds: 50 });
    await tune('16x32x128', '--kernel', 'portable');
    expect(await kept()).toEqual([winner]);
  });

  test.each(['{', '{"schema": 0}', '[]'])('counts as nothing where it is %s', async (text) => {
    await keep(text);
    const shown = await tune('--show');
    expect(shown).toMatchObject({ status: 0 });
    expect(shown.stdout).toContain('nothing is kept');
    expect(shown.stderr).toContain('cannot be read and counts as nothing');
    expect(await tune('16x32x128')).toMatchObject({ status: 0 });
    expect(await kept()).toEqual([winner]);
  });

  test('is shown with its numbers on the right', async () => {
    await keepProduct({ ...winner, untunedMicroseconds: 127 });
    const { stdout } = await tune('--show');
    const [head, row] = stdout.split('\n');
    expect(head).toMatch(/µs +times untuned$/);
    expect(row).toMatch(/portable +rows 32, cols 64 +100\.0 +1\.27$/);
    expect(head?.length).toBe(row?.length);
  });
});

test('what was found before an error is reported, and the error too', async () => {
  vi.mocked(tuneCase)
    .mockResolvedValueOnce({ winner, untuned: winner, trials: [winner] })
    .mockRejectedValueOnce(new UnsupportedError('no kernel computes the second'));
  const { status, stdout, stderr } = await tune('16x32x128', '32x32x64', '64x64x64', '--json');
  expect(status).toBe(1);
  expect(stderr).toContain('no kernel computes the second');
  expect(JSON.parse(stdout)).toMatchObject({ interrupted: true, tuned: [{ winner }] });
  expect(tuneCase).toHaveBeenCalledTimes(2);
});

test.each([
  [['--show', '--format', 'e5m2'], /--format is "e5m2".*with shapes/],
  [['--suite', 'smoke', '--format', 'e5m2'], /--format is "e5m2".*with shapes/],
  [['--suite', 'smoke', '--a-granularity', '1x128'], /--a-granularity is "1x128".*with shapes/],
  [['--suite', 'smoke', '--b-granularity', 'row'], /--b-granularity is "row".*with shapes/],
  [['--suite', 'smoke', '--out', 'bf16'], /--out is "bf16".*with shapes/],
  [['1e3x5x5'], /1e3x5x5.*three whole numbers/],
  [['9007199254740993x5x5'], /three whole numbers from 1 to 1048576/],
  [['5x5'], /three whole numbers/],
])('%j is refused', async (args, message) => {
  const { status, stderr } = await tune(...args);
  expect(status).toBe(2);
  expect(stderr).toMatch(message);
  expect(stderr).not.toContain('adapter:');
  expect(tuneCase).not.toHaveBeenCalled();
});
