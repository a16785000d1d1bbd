/** @file The benchmark view in real Chromium: it runs, stops, saves, opens, shares, and survives what goes wrong. */

import { readFile } from 'node:fs/promises';
import type { Download, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { settingsFrom } from '../../page/benchmark/settings.js';
import type { BenchmarkRun } from '../../page/results/benchmark-run.js';
import { packRun } from '../../page/results/link.js';
import { readRun } from '../../page/results/read-run.js';
import { chromiumObstacle } from '../browser/chromium.js';
import { accessibilityFaults, openPages, type Pages, ready, screenshot } from './pages.js';

/** Two products that take a CPU no time, without the checks that take seconds. */
const tiny = '#/benchmark?suite=own&shapes=16x32x128,32x16x64&verify=none';

if (chromiumObstacle) test.skip(`Chromium: ${chromiumObstacle}`, () => undefined);

describe.skipIf(chromiumObstacle)('the benchmark view', () => {
  let pages: Pages;
  /** The page on which the tiny suite has run, and what it saved. */
  let ran: Page;
  let saved: BenchmarkRun;
  let savedText: string;

  beforeAll(async () => {
    pages = await openPages();
    ran = await pages.open({ at: tiny, permissions: ['clipboard-read', 'clipboard-write'] });
    await run(ran);
    savedText = await saveAs(ran, 'Save JSON');
    saved = readRun(savedText, 'the download');
  });

  afterAll(async () => {
    await pages?.close();
  });

  test('measures what the address asks for, in a worker, each result checked', () => {
    expect(saved).toMatchObject({ ended: 'complete', thread: 'worker', machine: { kind: 'software' } });
    expect(
      saved.records.map(({ name, kernel, status }) => [
        name.split(' ').slice(0, 2).join(' '),
        kernel,
        status,
      ]),
    ).toEqual([
      ['copy 16', 'copy', 'measured'],
      ['peak 0.125', 'peak', 'measured'],
      ['gemm 16x32x128', expect.any(String), 'measured'],
      ['gemm 32x16x64', expect.any(String), 'measured'],
    ]);
    // What was read back is what was written: nothing is lost between the page and its reader.
    expect(saved).toEqual(JSON.parse(savedText));
  });

  test('shows every measurement, three charts with their tables, and nothing inaccessible', async () => {
    for (const name of ['Speed by shape', 'Error beside speed', 'Roofline'])
      await ran.getByRole('figure').filter({ hasText: name }).locator('svg[role="img"]').waitFor();
    const rows = ran.getByRole('table', { name: /^Measurements of / }).locator('tbody tr');
    expect(await rows.count()).toBe(4);
    for (const scheme of ['light', 'dark'] as const) {
      await ran.emulateMedia({ colorScheme: scheme });
      expect(await accessibilityFaults(ran)).toEqual([]);
    }
    await ran.emulateMedia({ colorScheme: 'light' });
  });

  test('a mark under the pointer says its values', async () => {
    const figure = ran.getByRole('figure').filter({ hasText: 'Speed by shape' });
    await figure.locator('[ecmeta_data_index="0"]').first().hover();
    expect(await figure.locator('.chart-tip').innerText()).toMatch(
      /^\S+\n16 × 32 × 128\n[\d.e-]+ [TG]FLOP\/s$/,
    );
  });

  test('saves CSV with a line for each record, and charts as SVG and PNG', async () => {
    const csv = await saveAs(ran, 'Save CSV');
    const lines = csv.trim().split('\n');
    expect(lines[0]).toMatch(/^machine,browser,date,octile,case,kernel,tiling,tuned,status,tflops,gb_per_s,/);
    expect(lines).toHaveLength(1 + saved.records.length);
    const svg = await saveAs(ran, 'Save Roofline as SVG');
    expect(svg).toMatch(/^<svg [^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    expect(svg).not.toContain('var(');
    const png = await downloaded(ran, 'Save Roofline as PNG');
    expect((await readFile(await png.path())).subarray(1, 4).toString()).toBe('PNG');
  });

  test('a link carries settings and result to a page that has neither GPU nor history', async () => {
    await ran.getByRole('button', { name: 'Copy a link to this result' }).click();
    const link = await ran.getByLabel('Link to this result').inputValue();
    expect(await ran.evaluate(() => navigator.clipboard.readText())).toBe(link);
    const other = await pages.open({ at: link.slice(pages.url.length), before: hideWebGpu });
    await other.getByRole('heading', { name: 'Results', exact: true }).waitFor();
    expect(readRun(await saveAs(other, 'Save JSON'), 'the link')).toEqual(saved);
    await other.context().close();
  });

  test('keeps runs in the browser until they are deleted', async () => {
    await ran.reload();
    await ran.getByText('4 measurements').waitFor();
    await ran.getByRole('button', { name: /^Show / }).click();
    await ran.getByRole('heading', { name: 'Results', exact: true }).waitFor();
    await ran.getByRole('button', { name: /^Delete / }).click();
    await ran.getByText('Nothing yet.').waitFor();
  });

  test('opens saved files side by side: its own, and the command line’s', async () => {
    const page = await pages.open({ at: tiny, before: hideWebGpu });
    const commandLine = {
      command: 'bench',
      suite: 'smoke',
      adapter: { name: 'Another GPU', kind: 'hardware', reason: 'the fastest there is' },
      interrupted: false,
      records: saved.records,
    };
    await choose(page, [
      { name: 'one.json', text: savedText },
      { name: 'other.json', text: JSON.stringify(commandLine) },
    ]);
    const chips = page.getByRole('list', { name: 'Machines shown side by side' }).locator('li');
    expect(await chips.allInnerTexts()).toEqual([
      expect.stringMatching(/swiftshader/i),
      expect.stringContaining('Another GPU'),
    ]);
    await page.getByRole('img', { name: /^Speed of .*Another GPU: / }).waitFor();
    const machines = page.getByRole('table', { name: 'Machines side by side' });
    expect(await machines.locator('tbody th').allInnerTexts()).toEqual([
      expect.stringMatching(/swiftshader/i),
      expect.stringMatching(/^Another GPU\s+Node$/),
    ]);
    expect(await accessibilityFaults(page)).toEqual([]);
    await screenshot(page, 'benchmark-compare');
    await page.getByRole('button', { name: 'Remove Another GPU' }).click();
    await expect.poll(() => chips.count()).toBe(0);
    await page.context().close();
  });

  test('opens a file that is dropped', async () => {
    const page = await pages.open({ at: tiny, before: hideWebGpu });
    const data = await page.evaluateHandle((text) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([text], 'dropped.json', { type: 'application/json' }));
      return transfer;
    }, savedText);
    await page.locator('.drop').waitFor();
    // Anywhere: the browser would otherwise leave the page for the file.
    const target = page.getByRole('heading', { level: 1 });
    await target.dispatchEvent('dragover', { dataTransfer: data });
    await page.locator('.drop[data-over="true"]').waitFor();
    await target.dispatchEvent('drop', { dataTransfer: data });
    const results = page.getByRole('heading', { name: 'Results', exact: true });
    await results.waitFor();
    await expect
      .poll(() => results.evaluate((heading) => heading.getBoundingClientRect().top))
      .toBeLessThan(100);
    await page.context().close();
  });

  test('says what is wrong with a file or a link', async () => {
    const page = await pages.open({ at: tiny, before: hideWebGpu });
    const alert = page.getByRole('alert').filter({ hasText: 'A file could not be read' });
    const broken = (part: object) => JSON.stringify({ ...saved, ...part });
    for (const [text, message] of [
      ['{', 'file.json is no JSON'],
      ['[]', 'the file is not an object'],
      ['{"name":"x"}', 'it has neither "octile": "benchmark" nor "command": "bench"'],
      [broken({ schema: 2 }), 'its form is number 2, and this page reads number 1'],
      [broken({ date: 'soon' }), 'date is "soon", not a date'],
      [broken({ records: [{ ...saved.records[2], kernel: 7 }] }), 'records[0].kernel is not a text'],
      [broken({ records: [{ ...saved.records[2], median: -1 }] }), 'records[0].median is -1, not a number'],
      [broken({ settings: { suite: 'huge' } }), 'suite is "huge"; allowed: smoke, deepseek'],
    ] as const) {
      await choose(page, [{ name: 'file.json', text }]);
      await alert.filter({ hasText: message }).waitFor();
    }
    await page.context().close();

    for (const [hash, message] of [
      ['#/benchmark?run=!!!', 'this link is damaged'],
      ['#/benchmark?run=AAAA', 'cannot be unpacked'],
      ['#/benchmark?suite=huge', 'suite is "huge"'],
      ['#/benchmark?kernels=fastest', 'kernels is "fastest"'],
    ] as const) {
      const opened = await pages.open({ at: hash, before: hideWebGpu });
      const told = opened.getByRole('alert').filter({ hasText: 'This link could not be opened' });
      await told.filter({ hasText: message }).waitFor();
      await opened.context().close();
    }
  });

  test('refuses shapes and pairs that do not fit, and says why', async () => {
    const page = await pages.open({ at: '#/benchmark?suite=own&verify=none' });
    await page.getByText('Choose what is measured').click();
    const start = page.getByRole('button', { name: 'Verify and measure' });
    await page.getByLabel('My shapes').fill('64x64');
    await page.getByText('shapes is "64x64"; allowed: M x N x K').waitFor();
    expect(await start.isDisabled()).toBe(true);
    await page.getByLabel('My shapes').fill('64 x 64 x 128');
    await expect.poll(() => start.isDisabled()).toBe(false);
    await page.getByText('Formats, scales, accumulation').click();
    await page.getByLabel('Scaling dialect').selectOption('mx');
    await page.getByText('These do not fit together').waitFor();
    // With the whole form open, a field invalid before and a pair refused now.
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(await start.isDisabled()).toBe(true);
    expect(await page.evaluate(() => location.hash)).toContain('dialect=mx');
    await page.context().close();
  });

  test('stops at any moment and keeps what is done; verifying comes first', async () => {
    const page = await pages.open({ at: '#/benchmark?suite=own&shapes=16x16x64' });
    await ready(page);
    await page.getByRole('button', { name: 'Verify and measure' }).click();
    await page.getByText(/^Verifying, step \d+ of \d+ · /).waitFor();
    await page.getByRole('cell', { name: '✓ passed' }).first().waitFor();
    await page.getByRole('button', { name: 'Stop, and keep what is done' }).click();
    await page.getByText('stopped early').waitFor();
    await page.getByText(/^\d+ passed, 0 failed, \d+ skipped: every check$/).click();
    expect(await page.getByRole('cell', { name: '✓ passed' }).count()).toBeGreaterThan(0);
    expect(await page.getByRole('table', { name: /^Measurements of / }).count()).toBe(0);
    await page.context().close();
  });

  test('runs on the page where workers have no WebGPU, without the features and memory that are hidden', async () => {
    const page = await pages.open({
      at: `?hide=subgroups,timestamp-query,shader-f16&limits=16KiB,128MiB${tiny}&accumulator=hopper-wgmma`,
      before: () => Object.assign(globalThis, { Worker: undefined }),
    });
    await page.getByText('Hidden by this address: subgroups, timestamp-query, shader-f16').waitFor();
    await run(page);
    const result = readRun(await saveAs(page, 'Save JSON'), 'the download');
    expect(result).toMatchObject({
      ended: 'complete',
      thread: 'page',
      machine: { features: ['core-features-and-limits'], workgroupMemory: 16384, largestBuffer: 2 ** 27 },
    });
    const products = result.records.slice(2);
    expect(products).toHaveLength(2);
    for (const record of products)
      expect(record).toMatchObject({ status: 'measured', kernel: 'emulated', timing: 'wall' });
    await page.context().close();
  });

  test('a device lost in the worker ends the run, keeps what is done, and the next run works', async () => {
    const opened = await packRun({
      ...saved,
      id: 'another',
      machine: { ...saved.machine, name: 'Another GPU' },
      settings: settingsFrom({ suite: 'own', shapes: '16x32x128', verify: 'none' }),
    });
    const page = await pages.open({ at: `#/benchmark?run=${opened}` });
    await page.getByRole('heading', { name: 'Results', exact: true }).waitFor();
    await ready(page);
    await page.getByRole('button', { name: 'Verify and measure' }).click();
    await page.getByRole('table', { name: /^Measurements of google/ }).waitFor();
    const [worker] = page.workers();
    await worker?.evaluate(() => {
      const { prototype } = GPUDevice;
      const create = prototype.createCommandEncoder;
      prototype.createCommandEncoder = function (...args) {
        this.destroy();
        prototype.createCommandEncoder = create;
        return create.apply(this, args);
      };
    });
    await page.getByText('The GPU was lost during the run').waitFor();
    await page.getByText('ended when the GPU was lost').waitFor();
    expect(
      await page
        .getByRole('table', { name: /^Measurements of / })
        .locator('tbody tr')
        .count(),
    ).toBeGreaterThan(0);
    await run(page);
    await page.getByText('The GPU was lost during the run').waitFor({ state: 'detached' });
    // The result that the link brought stands beside the new one, and is no longer what the address names.
    expect(await page.getByRole('table', { name: 'Machines side by side' }).locator('tbody tr').count()).toBe(
      2,
    );
    expect(await page.evaluate(() => location.hash)).toBe(
      '#/benchmark?suite=own&verify=none&shapes=16x32x128',
    );
    // Both runs are kept, the lost one too, until they are deleted.
    const kept = page.getByRole('button', { name: /^Delete / });
    await expect.poll(() => kept.count()).toBe(2);
    await page.getByRole('button', { name: 'Clear the history' }).click();
    await page.getByRole('button', { name: 'Keep them' }).click();
    expect(await kept.count()).toBe(2);
    await page.getByRole('button', { name: 'Clear the history' }).click();
    await page.getByRole('button', { name: 'Yes, delete all 2' }).click();
    await page.getByText('Nothing yet.').waitFor();
    await page.context().close();
  });

  test('the worker is bound by the policy of the page: it reaches nothing either', async () => {
    // In a context that nobody watches for complaints, of which this makes one.
    const context = await pages.browser.newContext();
    const page = await context.newPage();
    await page.goto(pages.url + tiny);
    const [worker] = page.workers().length > 0 ? page.workers() : [await page.waitForEvent('worker')];
    const own = new URL('icon.svg', pages.url).href;
    expect(
      await worker?.evaluate(
        (address) =>
          fetch(address).then(
            () => 'reached',
            () => 'refused',
          ),
        own,
      ),
    ).toBe('refused');
    await context.close();
  });

  test('no page complained, broke its policy or asked for anything elsewhere', () => {
    expect(pages.complaints).toEqual([]);
  });
});

/** As in a browser without WebGPU. */
function hideWebGpu(): void {
  Object.defineProperty(Navigator.prototype, 'gpu', { get: () => undefined });
}

/** Presses the button and waits for the end. */
async function run(page: Page): Promise<void> {
  await ready(page);
  await page.getByRole('button', { name: 'Verify and measure' }).click();
  await page.getByRole('button', { name: 'Stop, and keep what is done' }).waitFor();
  await page.getByRole('button', { name: 'Verify and measure' }).waitFor();
  await page.getByRole('heading', { name: 'Results', exact: true }).waitFor();
}

async function downloaded(page: Page, button: string): Promise<Download> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: button }).click(),
  ]);
  return download;
}

async function saveAs(page: Page, button: string): Promise<string> {
  const download = await downloaded(page, button);
  return readFile(await download.path(), 'utf8');
}

async function choose(page: Page, files: readonly { name: string; text: string }[]): Promise<void> {
  await page
    .getByLabel('Saved results')
    .setInputFiles(
      files.map(({ name, text }) => ({ name, mimeType: 'application/json', buffer: Buffer.from(text) })),
    );
}
