/**
 * @file Tuning on the page in real Chromium: winners are kept in the browser, followed, forgotten, and survive a stop.
 */

import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BenchmarkRun } from '../../page/results/benchmark-run.js';
import { readRun } from '../../page/results/read-run.js';
import { asTuning, type TunedProduct } from '../../src/tune/tuning.js';
import { chromiumObstacle } from '../browser/chromium.js';
import { accessibilityFaults, openPages, type Pages, ready, screenshot } from './pages.js';

const one = '#/benchmark?suite=own&shapes=40x32x128&verify=none';
const two = '#/benchmark?suite=own&shapes=40x32x128,128x128x512&verify=none';

if (chromiumObstacle) test.skip(`Chromium: ${chromiumObstacle}`, () => undefined);

describe.skipIf(chromiumObstacle)('tuning on the page', () => {
  let pages: Pages;

  beforeAll(async () => {
    pages = await openPages();
  });

  afterAll(async () => {
    await pages?.close();
  });

  test('finds a winner, which later runs use and name, also after a reload, until it is forgotten', async () => {
    const page = await pages.open({ at: one });
    await openPanel(page);
    await page.getByText('Nothing is kept for this GPU').waitFor();
    await page.getByRole('button', { name: 'Tune 1 shape' }).click();
    await page.getByText(/^Candidate \d+ of \d+/).waitFor();
    // One thing at a time.
    expect(await page.getByRole('button', { name: 'Verify and measure' }).isDisabled()).toBe(true);
    await page.getByText('1 shape is tuned, and later runs use it').waitFor();
    const [winner, ...more] = await kept(page);
    expect(more).toEqual([]);
    expect(winner).toMatchObject({ m: 40, n: 32, k: 128, out: 'f32' });
    const row = winners(page).locator('tbody tr');
    expect(await row.innerText()).toMatch(
      new RegExp(`40 × 32 × 128[^]*[TG]FLOP/s[^]*as untuned[^]*${winner?.kernel}`),
    );
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await accessibilityFaults(page)).toEqual([]);
      await screenshot(page, `tuning-${colorScheme}`);
    }

    await page.reload();
    const followed = await measured(page);
    expect(followed).toMatchObject({
      kernel: winner?.kernel,
      tiling: winner?.tiling,
      tuned: true,
    });
    await page
      .getByRole('table', { name: /^Measurements of / })
      .getByText('; found by tuning')
      .waitFor();

    await openPanel(page);
    await page.getByRole('button', { name: 'Forget what was found' }).click();
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Keep it');
    await page.getByRole('button', { name: 'Yes, run untuned again' }).click();
    await page.getByText('Nothing is kept for this GPU').waitFor();
    expect(await kept(page)).toEqual([]);
    expect(await measured(page)).toMatchObject({ tuned: false });
    await page.context().close();
  });

  test('stops at any moment and keeps the shapes that are finished', async () => {
    const page = await pages.open({ at: two });
    await openPanel(page);
    await page.getByRole('button', { name: 'Tune 2 shapes' }).click();
    await page.getByText('Tuning 128 × 128 × 512, shape 2 of 2').waitFor();
    await page.getByRole('button', { name: 'Stop, and keep the shapes that are finished' }).click();
    await page.getByText('Stopped: 1 shape is tuned, and kept').waitFor();
    expect((await kept(page)).map(({ m, n, k }) => [m, n, k])).toEqual([[40, 32, 128]]);
    expect(await winners(page).locator('tbody tr').count()).toBe(1);
    await page.context().close();
  });

  test('works on the page where workers have no WebGPU', async () => {
    const page = await pages.open({
      at: one,
      before: () => Object.assign(globalThis, { Worker: undefined }),
    });
    await openPanel(page);
    await page.getByRole('button', { name: 'Tune 1 shape' }).click();
    await page.getByText('1 shape is tuned, and later runs use it').waitFor();
    // The page's own device, opened before, follows at once.
    expect(await measured(page)).toMatchObject({ tuned: true, thread: 'page' });
    await page.context().close();
  });

  test('says what cannot be tuned, and what is kept but cannot be read', async () => {
    const emulated = await pages.open({ at: `${one}&accumulator=hopper-wgmma` });
    await openPanel(emulated);
    await emulated.getByText('These settings cannot be tuned: accumulator is "hopper-wgmma"').waitFor();
    expect(await emulated.getByRole('button', { name: 'Tune', exact: true }).isDisabled()).toBe(true);
    await emulated.context().close();

    const restricted = await pages.open({ at: `?hide=subgroups${one}` });
    await openPanel(restricted);
    await restricted.getByText('This address hides a part of the GPU').waitFor();
    await restricted.context().close();

    const page = await pages.open({ at: one });
    await ready(page);
    const adapter = (await measured(page)).machine;
    await store(page, adapter, { schema: 1, adapter, products: 'none' });
    await page.reload();
    await openPanel(page);
    await page.getByText('What this browser keeps cannot be used and counts as nothing').waitFor();
    await page.context().close();

    const refused = await pages.open({
      at: one,
      before: () => Object.defineProperty(globalThis, 'indexedDB', { get: () => undefined }),
    });
    await openPanel(refused);
    await refused.getByText('This browser keeps nothing for this page (it has no IndexedDB)').waitFor();
    await refused.context().close();
  });

  test('no page complained, broke its policy or asked for anything elsewhere', () => {
    expect(pages.complaints).toEqual([]);
  });
});

async function openPanel(page: Page): Promise<void> {
  await ready(page);
  await page.getByText('Tune it for this GPU').click();
}

const winners = (page: Page) => page.getByRole('table', { name: 'The fastest found on this GPU' });

/** What the browser keeps, of whatever adapter. */
async function kept(page: Page): Promise<TunedProduct[]> {
  const stored = await page.evaluate(
    () =>
      new Promise<unknown[]>((resolve, reject) => {
        const opened = indexedDB.open('octile');
        opened.onerror = () => reject(opened.error);
        opened.onsuccess = () => {
          const all = opened.result.transaction('tunings').objectStore('tunings').getAll();
          all.onerror = () => reject(all.error);
          all.onsuccess = () => {
            opened.result.close();
            resolve(all.result);
          };
        };
      }),
  );
  return stored.flatMap((one) => asTuning(one, 'stored').products);
}

/** Puts something in the place of a tuning. */
async function store(page: Page, adapter: string, value: unknown): Promise<void> {
  await page.evaluate(
    ([key, stored]) =>
      new Promise<void>((resolve, reject) => {
        const opened = indexedDB.open('octile', 1);
        opened.onupgradeneeded = () => opened.result.createObjectStore('tunings');
        opened.onerror = () => reject(opened.error);
        opened.onsuccess = () => {
          const writing = opened.result.transaction('tunings', 'readwrite');
          writing.objectStore('tunings').put(stored, key as string);
          writing.oncomplete = () => {
            opened.result.close();
            resolve();
          };
        };
      }),
    [adapter, value] as const,
  );
}

/** Runs the benchmark and gives what it says of its last product. */
async function measured(
  page: Page,
): Promise<{ kernel: string; tiling: unknown; tuned: unknown; thread: string; machine: string }> {
  await ready(page);
  await page.getByRole('button', { name: 'Verify and measure' }).click();
  await page.getByRole('button', { name: 'Stop, and keep what is done' }).waitFor();
  await page.getByRole('button', { name: 'Verify and measure' }).waitFor();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save JSON' }).click(),
  ]);
  const run: BenchmarkRun = readRun(await readFile(await download.path(), 'utf8'), 'the download');
  const record = run.records.at(-1);
  if (!record) throw new Error('the run has no records');
  const { kernel, tiling, tuned } = record;
  return { kernel, tiling, tuned, thread: run.thread, machine: run.machine.name };
}
