/** @file The built package in real headless Chromium: what a page computes against the oracles. */

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkGemm } from '../../src/gemm/check.js';
import { type Matrix, matrix } from '../../src/matrix.js';
import { dequantize } from '../../src/quantize/dequantize.js';
import { quantize } from '../../src/quantize/quantize.js';
import { randomMatrix } from '../../src/verify/random.js';
import { builtPackage } from '../built.js';
import { chromiumObstacle, launchChromium } from './chromium.js';
import { type Site, serve } from './site.js';

/** What page.js gives for a quantised matrix. */
interface Quantized {
  readonly codes: number[];
  readonly scales: number[];
}

interface Multiplied {
  readonly adapter: { readonly kind: string; readonly source: string; readonly name: string };
  readonly dtypes: string[];
  readonly a: Quantized;
  readonly b: Quantized;
  readonly product: number[];
  readonly dequantized: number[];
}

/** What page.js puts on the page. */
interface PageGlobals {
  multiply(input: Record<'x' | 'w', { rows: number; cols: number; bits: number[] }>): Promise<Multiplied>;
  fail(): Promise<Record<'node' | 'ended', [name: string, message: string]>>;
}

const bitsOf = (values: ArrayBufferView) =>
  new Uint32Array(values.buffer, values.byteOffset, values.byteLength / 4);
const shipped = (source: Matrix) => ({
  rows: source.rows,
  cols: source.cols,
  bits: [...bitsOf(source.data)],
});

if (chromiumObstacle) test.skip(`Chromium: ${chromiumObstacle}`, () => undefined);

describe.skipIf(chromiumObstacle)('in headless Chromium', () => {
  let browser: Browser;
  let site: Site;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    site = await serve(builtPackage());
    browser = await launchChromium();
    page = await browser.newPage();
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('requestfailed', (request) => complaints.push(`${request.url()} failed`));
    await page.goto(site.url);
    await page.waitForFunction('globalThis.multiply');
  });

  afterAll(async () => {
    await browser?.close();
    site?.close();
  });

  test('a page quantises, multiplies and dequantises like the oracles', async () => {
    // Ragged in every direction, with outliers, and with what no activation should hold.
    const [x, w] = [randomMatrix(40, 300, 1, 'outliers'), randomMatrix(130, 300, 2)];
    const special = (x.data as Float32Array).slice();
    special.fill(0, 0, 128);
    special.set([1e-40, -0, 3e38, -3e38], 300);
    const input = matrix(x.rows, x.cols, special);

    const result = await page.evaluate((both) => (globalThis as unknown as PageGlobals).multiply(both), {
      x: shipped(input),
      w: shipped(w),
    });
    expect(result.adapter).toMatchObject({ source: 'browser', name: expect.stringMatching(/swiftshader/i) });
    expect(result.dtypes).toEqual(['f32', 'bf16', 'f16']);

    const a = quantize(input, { granularity: '1x128' });
    const b = quantize(w, { granularity: '128x128' });
    for (const [got, expected] of [
      [result.a, a],
      [result.b, b],
    ] as const) {
      expect(got.codes).toEqual([...expected.codes]);
      expect(got.scales).toEqual([...bitsOf(expected.scales)]);
    }
    expect(result.dequantized).toEqual([...bitsOf(dequantize(a).data)]);

    const product = matrix(40, 130, new Float32Array(Uint32Array.from(result.product).buffer));
    const { checked, wrong } = checkGemm(a, b, product, { outputs: 40 * 130 });
    expect(checked).toHaveLength(40 * 130);
    expect(wrong).toEqual([]);
  });

  test('errors are the named ones', async () => {
    const { node, ended } = await page.evaluate(() => (globalThis as unknown as PageGlobals).fail());
    expect(node).toEqual(['AdapterError', expect.stringContaining('no WebGPU adapter (software)')]);
    expect(ended).toEqual(['DisposedError', expect.stringContaining('has been disposed of')]);
  });

  test('the console holds no error and no warning', () => {
    expect(complaints).toEqual([]);
  });
});
