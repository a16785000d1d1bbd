/** @file Every view in real Chromium: in light and dark, on phones and wide screens, with and without a GPU. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { views } from '../../page/views.js';
import { chromiumObstacle } from '../browser/chromium.js';
import { root } from '../built.js';
import { accessibilityFaults, openPages, type Pages, ready, screenshot } from './pages.js';

/** The views that have no test file of their own. */
const own = views.filter(({ id }) => ['benchmark', 'device'].includes(id));

if (chromiumObstacle) test.skip(`Chromium: ${chromiumObstacle}`, () => undefined);

describe.skipIf(chromiumObstacle)('the page', () => {
  let pages: Pages;

  beforeAll(async () => {
    pages = await openPages();
  });

  afterAll(async () => {
    await pages?.close();
  });

  describe.each(own.map(({ id, title }) => [id, title]))('view %s', (id, title) => {
    test('is accessible in light and dark, and no wider than a phone', async () => {
      const page = await pages.open({ at: `#/${id}` });
      await ready(page);
      await page.getByRole('heading', { level: 1 }).waitFor();
      expect(await page.title()).toBe(`${title} · octile`);
      for (const [size, width] of [
        ['wide', 1280],
        ['phone', 360],
      ] as const) {
        await page.setViewportSize({ width, height: 800 });
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme });
          // Colours do not depend on the width: one scheme is enough for the other size.
          if (size === 'wide' || colorScheme === 'dark') expect(await accessibilityFaults(page)).toEqual([]);
          await screenshot(page, `${id}-${colorScheme}-${size}`);
        }
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      }
      await page.context().close();
    });
  });

  test('needs no network once it is loaded', async () => {
    const page = await pages.open();
    await ready(page);
    // What other views and charts are made of is fetched while the page is idle.
    await page.waitForLoadState('networkidle');
    await page.context().setOffline(true);
    for (const { id, title } of views) {
      await page.getByRole('navigation').getByRole('link', { name: title, exact: true }).click();
      await page.locator(`a[href="#/${id}"][aria-current="page"]`).waitFor();
      await page.waitForFunction((text) => document.title === text, `${title} · octile`);
      expect(await page.getByText('could not be loaded').count()).toBe(0);
      expect(await page.evaluate(() => scrollY)).toBe(0);
    }
    await page.context().close();
  });

  test('moves nothing while it loads', async () => {
    const page = await pages.open();
    await ready(page);
    await page.getByRole('heading', { name: 'Run it here' }).waitFor();
    const shifts = await page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          new PerformanceObserver((list) => {
            resolve(
              list
                .getEntries()
                .reduce((sum, entry) => sum + (entry as unknown as { value: number }).value, 0),
            );
          }).observe({ type: 'layout-shift', buffered: true });
          // Without a shift there is no entry, and no call.
          setTimeout(() => resolve(0), 200);
        }),
    );
    // What Web Vitals call good is 0.1 (web.dev/articles/cls).
    expect(shifts).toBeLessThan(0.02);
    await page.context().close();
  });

  test('forbids scripts of others, inline scripts, eval and connections', async () => {
    const page = await pages.open();
    const policy = await page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute('content');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toMatch(/unsafe|connect-src|https?:/);
    const before = pages.complaints.length;
    const outcome = await page.evaluate(async () => {
      const violated: string[] = [];
      document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
        violated.push(effectiveDirective);
      });
      await fetch('./icon.svg').catch(() => undefined);
      const script = document.createElement('script');
      script.textContent = 'globalThis.intruder = true';
      document.body.append(script);
      await new Promise((resolve) => setTimeout(resolve, 50));
      return { violated, intruder: 'intruder' in globalThis };
    });
    expect(outcome).toEqual({ violated: ['connect-src', 'script-src-elem'], intruder: false });
    // These violations were provoked; any other stays a complaint.
    const provoked = pages.complaints.splice(before);
    expect(provoked.every((text) => text.includes('Content Security Policy'))).toBe(true);
    await page.context().close();
  });

  test('keeps the theme that was chosen', async () => {
    const page = await pages.open();
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await ground();
    await page.getByLabel('Theme').selectOption('dark');
    const dark = await ground();
    expect(dark).not.toBe(light);
    await page.reload();
    expect(await ground()).toBe(dark);
    await page.getByLabel('Theme').selectOption('system');
    expect(await ground()).toBe(light);
    await page.context().close();
  });

  test('the keyboard reaches the content first, past the menu', async () => {
    const page = await pages.open();
    await ready(page);
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
    await page.context().close();
  });

  test.each([
    ['a browser without WebGPU', 'webgpu', 'This browser has no WebGPU'],
    ['a browser without an adapter', 'adapter', 'WebGPU is here, but it offers no GPU'],
  ])('%s gets a clear page with what to do', async (_, missing, title) => {
    const page = await pages.open({
      before:
        missing === 'webgpu'
          ? () => Object.defineProperty(Navigator.prototype, 'gpu', { get: () => undefined })
          : () => {
              GPU.prototype.requestAdapter = async () => null;
            },
    });
    await page.getByRole('alert').filter({ hasText: title }).waitFor();
    await page.getByText('chrome://flags/#enable-unsafe-webgpu').waitFor();
    // What needs no GPU is still there.
    await page.getByRole('button', { name: 'Choose files' }).waitFor();
    expect(await page.getByRole('button', { name: 'Verify and measure' }).count()).toBe(0);
    expect(await accessibilityFaults(page)).toEqual([]);
    await screenshot(page, `no-${missing}`);
    await page.context().close();
  });

  test('a lost device says so on every view, and is opened again', async () => {
    const page = await pages.open({ at: '#/device', before: rememberDevice });
    await ready(page);
    const lose = () => page.evaluate(() => (globalThis as unknown as Remembered).opened.at(-1)?.destroy());
    await lose();
    await page.getByText('The GPU was lost:').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Reopen the GPU' }).click();
    await ready(page);
    await page.getByRole('heading', { name: 'Kernels' }).waitFor();
    await page.context().close();
  });

  test('features and memory can be hidden by the address, and nothing that does not exist', async () => {
    const page = await pages.open({ at: '?hide=timestamp-query&limits=16KiB,128MiB#/device' });
    await page.getByText('Hidden by this address: timestamp-query').waitFor();
    expect(await rowOf(page, 'timestamp-query')).toContain('hidden');
    await page.getByText('16 KiB', { exact: true }).waitFor();
    await page.getByText('128 MiB', { exact: true }).waitFor();
    for (const [query, message] of [
      ['?hide=magic', 'hide is "magic"; allowed: features: shader-f16'],
      ['?limits=lots', 'limits is "lots"; allowed: sizes such as 16KiB,128MiB'],
    ] as const) {
      await page.goto(`${pages.url}${query}#/device`);
      await page.getByRole('alert').filter({ hasText: message }).waitFor();
    }
    await page.context().close();
  });

  test('the menu leads back to a view as it was left', async () => {
    const page = await pages.open({ at: '#/benchmark?suite=ragged' });
    await ready(page);
    const menu = (title: string) =>
      page.getByRole('navigation').getByRole('link', { name: title, exact: true });
    await menu('Numbers').click();
    await page.waitForFunction(() => document.title.startsWith('Numbers'));
    await menu('Benchmark').click();
    await page.getByRole('heading', { name: 'Run it here' }).waitFor();
    expect(await page.evaluate(() => location.hash)).toBe('#/benchmark?suite=ragged');
    // A second time is a way back to the defaults.
    await menu('Benchmark').click();
    await expect.poll(() => page.evaluate(() => location.hash)).toBe('#/benchmark');
    await page.context().close();
  });

  test('a view that does not exist is named, with those that do', async () => {
    const page = await pages.open({ at: '#/nowhere' });
    await page.getByRole('alert').filter({ hasText: 'There is no view called “nowhere”' }).waitFor();
    await page.getByRole('alert').getByRole('link', { name: 'Benchmark' }).click();
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.context().close();
  });

  test('the licences of what is bundled are a link away, whole', async () => {
    const page = await pages.open();
    await page.getByRole('link', { name: 'Licences of what it is built with' }).click();
    const text = await page.locator('pre').innerText();
    for (const name of ['idb', 'preact', '@preact/signals', '@preact/signals-core', 'echarts', 'zrender'])
      expect(words(text)).toContain(words(readFileSync(join(root, 'node_modules', name, 'LICENSE'), 'utf8')));
    await page.context().close();
  });

  test('no page complained, broke its policy or asked for anything elsewhere', () => {
    expect(pages.complaints).toEqual([]);
  });
});

/** What rememberDevice leaves on the page. */
interface Remembered {
  opened: GPUDevice[];
}

function rememberDevice(): void {
  const opened: GPUDevice[] = [];
  Object.assign(globalThis, { opened });
  const request = GPUAdapter.prototype.requestDevice;
  GPUAdapter.prototype.requestDevice = async function (descriptor) {
    const device = await request.call(this, descriptor);
    opened.push(device);
    return device;
  };
}

async function rowOf(page: Page, name: string): Promise<string> {
  return page.getByRole('listitem').filter({ hasText: name }).innerText();
}

/** A text without its line breaks: the browser's are not the file's. */
function words(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ');
}
