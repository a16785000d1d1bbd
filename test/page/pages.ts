/** @file The built page in headless Chromium, below a sub-path, with everything watched that it must not do. */

import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { launchChromium } from '../browser/chromium.js';
import { serve } from '../browser/site.js';
import { builtPage, root } from '../built.js';

export interface OpenOptions extends BrowserContextOptions {
  /** The address after the page's folder: `?hide=subgroups#/device`. */
  readonly at?: string;
  /** Runs in the page before its own scripts. */
  readonly before?: () => void;
}

export interface Pages {
  readonly browser: Browser;
  /** The folder that the page is served from: not the site's root. */
  readonly url: string;
  /** A fresh page in a context of its own. */
  open(options?: OpenOptions): Promise<Page>;
  /** What pages did that they must not: errors, warnings, violated policies, requests to elsewhere. */
  readonly complaints: string[];
  close(): Promise<void>;
}

export async function openPages(): Promise<Pages> {
  const site = await serve(builtPage());
  const url = `${site.url}octile/`;
  const browser = await launchChromium();
  const complaints: string[] = [];
  return {
    browser,
    url,
    complaints,
    async open({ at = '', before, ...options } = {}) {
      const context = await browser.newContext({
        viewport: { width: 1280, height: 900 },
        // A change of theme is not to be measured halfway.
        reducedMotion: 'reduce',
        ...options,
      });
      context.setDefaultTimeout(60_000);
      const page = await context.newPage();
      // Violations of the policy are errors on the console.
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) complaints.push(`${at}: ${message.text()}`);
      });
      page.on('pageerror', (error) => complaints.push(`${at}: ${error.message}`));
      context.on('request', (request) => {
        const address = request.url();
        if (!address.startsWith(url) && !/^(?:data|blob):/.test(address))
          complaints.push(`${at}: asked for ${address}`);
      });
      if (before) await page.addInitScript(before);
      await page.goto(url + at);
      return page;
    },
    async close() {
      await browser.close();
      site.close();
    },
  };
}

/** Waits until the device is open. */
export async function ready(page: Page): Promise<void> {
  await page.locator('.device-dot[data-status="ready"]').waitFor();
}

const require = createRequire(import.meta.url);

/** What axe-core finds wrong with the page, a line each. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  // The policy forbids the page a script of another origin; this comes through the debugger.
  await page.evaluate(require('axe-core').source);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; help: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await axe.run();
    return violations.flatMap(({ id, help, nodes }) => nodes.map(({ html }) => `${id}: ${help}: ${html}`));
  });
}

/** Pictures to look at, kept beside the repository's files but not among them. */
export async function screenshot(page: Page, name: string): Promise<void> {
  const folder = join(root, 'test-artefacts');
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}
