/**
 * @file The views that look into numbers, in real Chromium: what they show against the oracles, by keyboard, by link.
 */

import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { f32Text, roughText } from '../../page/dataflow/number.js';
import { stages } from '../../page/dataflow/stages.js';
import { unscaled } from '../../src/dataflow/columns.js';
import { defaultSettings } from '../../src/dataflow/settings.js';
import { StepRecorder } from '../../src/dataflow/steps.js';
import { exactResults } from '../../src/experiment/accumulator-error.js';
import { sample, streamSeed } from '../../src/experiment/data.js';
import { encode } from '../../src/format/encode.js';
import { formats } from '../../src/format/formats.js';
import { emulatedOutputs } from '../../src/gemm/emulated/reference.js';
import { quantize } from '../../src/quantize/quantize.js';
import { maxOverRms } from '../../src/report/metrics.js';
import { chromiumObstacle } from '../browser/chromium.js';
import { accessibilityFaults, openPages, type Pages, screenshot } from './pages.js';

/** A small dataflow in which nothing has its default. */
const link = '#/dataflow?m=3&n=4&k=160&formatB=e5m2&granularityB=1x128&dialect=ieee&out=bf16&seed=9';
const settings = { ...defaultSettings, m: 3, n: 4, k: 160, seed: 9 };

/** The same by the oracles alone. */
function oracle() {
  const { m, n, k, seed } = settings;
  const a = quantize(sample('normal', 'activations', m, k, streamSeed(seed, 0)), { dialect: 'ieee' });
  const b = quantize(sample('normal', 'weights', n, k, streamSeed(seed, 1)), {
    dialect: 'ieee',
    format: 'e5m2',
  });
  return { a, b, outputs: emulatedOutputs(a, b, { accumulator: 'hopper-wgmma' }) };
}

/** What stands beside a name in a list of facts. */
function fact(panel: Locator, name: string, side = 0): Locator {
  return panel
    .locator('.facts dt')
    .filter({ hasText: name })
    .nth(side)
    .locator('xpath=following-sibling::dd[1]')
    .locator('.sourced-value');
}

async function expectAccessible(page: Page, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    expect(await accessibilityFaults(page)).toEqual([]);
    await screenshot(page, `${name}-${colorScheme}-wide`);
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await expectNarrow(page, name);
}

/** No wider than a phone. */
async function expectNarrow(page: Page, name: string): Promise<void> {
  await page.setViewportSize({ width: 360, height: 800 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  await screenshot(page, `${name}-light-phone`);
  await page.setViewportSize({ width: 1280, height: 900 });
}

if (chromiumObstacle) test.skip(`Chromium: ${chromiumObstacle}`, () => undefined);

describe.skipIf(chromiumObstacle)('looking into numbers', () => {
  let pages: Pages;

  beforeAll(async () => {
    pages = await openPages();
  });

  afterAll(async () => {
    await pages?.close();
  });

  describe('dataflow', () => {
    let page: Page;
    let panel: Locator;
    const show = async (stage: string) => {
      await page.getByRole('button', { name: new RegExp(`^\\d+ *${stage}$`) }).click();
      await panel.getByRole('heading', { name: stage, level: 3 }).waitFor();
    };

    beforeAll(async () => {
      page = await pages.open({ at: `${link}&row=2&col=1&at=70` });
      panel = page.locator('.panel');
      await panel.waitFor();
    });

    test('every stage shows its numbers, and none on which kernel and oracle differ', async () => {
      for (const { title } of stages) {
        expect(await panel.getByRole('heading', { level: 3 }).innerText()).toContain(title);
        expect(await panel.locator('.source-wrong').count()).toBe(0);
        if (title !== 'Output') await page.getByRole('button', { name: 'Forward one stage' }).click();
      }
      expect(await page.getByRole('button', { name: 'Forward one stage' }).isDisabled()).toBe(true);
    });

    test("the numbers are the oracle's", async () => {
      const { a, b, outputs } = oracle();
      const [row, col, k] = [2, 1, 70];
      const scales = [a.scaleValues()[row * 2], b.scaleValues()[col * 2]] as [number, number];
      await show('Scale');
      for (const side of [0, 1] as const)
        expect(await fact(panel, 'scale', side).innerText()).toBe(f32Text(scales[side]));
      await show('Code');
      expect(await panel.locator('.code-large .unseen').allInnerTexts()).toEqual(
        [a.codes[row * 160 + k], b.codes[col * 160 + k]].map((code, side) => {
          const bits = (code as number).toString(2).padStart(8, '0');
          const cut = side === 0 ? 5 : 6;
          return `sign ${bits[0]}, exponent ${bits.slice(1, cut)}, mantissa ${bits.slice(cut)}`;
        }),
      );
      await show('Output');
      const sum = outputs.at(row, col);
      expect(await fact(panel, 'last accumulator').innerText()).toBe(f32Text(sum));
      const bf16 = encode(formats.bf16, sum);
      const widened = new Float32Array(Uint32Array.of(bf16 << 16).buffer)[0] as number;
      expect(await fact(panel, 'D[2, 1]').innerText()).toBe(f32Text(widened));
    });

    test('the bits that fall off are those the oracle loses, and are struck through', async () => {
      const { a, b, outputs } = oracle();
      const recorder = new StepRecorder(outputs.plan.profile, a, 2, b, 1);
      outputs.watched(2, 1, recorder);
      const steps = recorder.intervals.flatMap((interval) => interval.steps);
      const step = steps.find(({ lostInAlignment }) => lostInAlignment !== 0);
      const losing = step?.terms.filter(({ lost }) => lost !== 0) ?? [];
      expect(losing.length).toBeGreaterThan(0);
      await show('Alignment');
      await page.getByRole('slider').fill(String(step?.start));
      await panel.getByText('As a table').click();
      const shown = panel.locator('td.lost-text');
      expect(await shown.allInnerTexts()).toEqual(losing.map(({ lost }) => roughText(lost)));
      const drawn = panel.locator('.align-term', { has: page.locator('.align-strike') });
      expect(await drawn.count()).toBe(losing.length);
      await screenshot(page, 'dataflow-align-light-wide');
    });

    test('is accessible, bits and all, and no wider than a phone', async () => {
      // The many bits of this stage take the tool seconds: once for their structure, elsewhere for both schemes.
      expect(await accessibilityFaults(page)).toEqual([]);
      await show('Code');
      await expectAccessible(page, 'dataflow');
      await show('Alignment');
      await expectNarrow(page, 'dataflow-align');
    });

    test('outputs are chosen by arrow keys, elements by the slider, and the address follows', async () => {
      await page.getByRole('button', { name: /^Output row 2, column 1:/ }).focus();
      await page.keyboard.press('ArrowUp');
      await page.keyboard.press('ArrowRight');
      expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toMatch(
        /^Output row 1, column 2:/,
      );
      const slider = page.getByRole('slider');
      await slider.focus();
      await slider.fill('70');
      await page.keyboard.press('ArrowRight');
      expect(await slider.inputValue()).toBe('71');
      for (const part of ['row=1', 'col=2', 'at=71', 'seed=9', 'stage=align'])
        expect(page.url()).toContain(part);
    });

    test('a change of settings runs anew, and what does not fit is refused beside its field', async () => {
      // Settings that are no preset's are open to see.
      const k = page.getByLabel('Elements summed (K)').first();
      await k.fill('12345');
      await page.getByText('A whole number from 1 to 1024.').waitFor();
      expect(page.url()).toContain('k=160');
      await k.fill('96');
      await page.getByText('3 × 4 outputs, K = 96').waitFor();
      expect(page.url()).toContain('k=96');
    });

    test('play goes on by itself, and pauses', async () => {
      await show('Values');
      await page.getByRole('button', { name: 'Play all stages' }).click();
      await panel.getByRole('heading', { name: 'Largest magnitude' }).waitFor();
      await page.getByRole('button', { name: 'Pause' }).click();
      await page.getByRole('button', { name: 'Play all stages' }).waitFor();
    });

    test('five dataflows are drawn with their bytes', async () => {
      await page.getByLabel('Rows of A (M)').last().fill('128');
      const pictures = page.locator('.flow').getByRole('img');
      expect(await pictures.count()).toBe(5);
      // 128 × 2048 values of two bytes, read by the cast.
      expect(await pictures.first().getAttribute('aria-label')).toContain('memory read values, 524 kB');
    });

    test('on a phone they stand upright, whole, each number within its picture', async () => {
      for (const width of [360, 400]) {
        await page.setViewportSize({ width, height: 800 });
        const pictures = page.locator('.flow').getByRole('img');
        expect(await pictures.count()).toBe(5);
        for (const picture of await pictures.all()) {
          const outside = await picture.evaluate((svg) => {
            const frame = svg.getBoundingClientRect();
            const texts = [...svg.querySelectorAll('text')];
            const off = texts.filter((text) => {
              const { left, right, top, bottom } = text.getBoundingClientRect();
              return left < frame.left || right > frame.right || top < frame.top || bottom > frame.bottom;
            });
            return [frame.left < 0 || frame.right > innerWidth, ...off.map(({ textContent }) => textContent)];
          });
          expect(outside).toEqual([false]);
        }
      }
      await page.setViewportSize({ width: 1280, height: 900 });
    });

    test('the casts that run today are timed on this GPU, once they are found right', async () => {
      for (const [name, value] of [
        ['Rows of A (M)', '16'],
        ['Rows of B (N)', '16'],
        ['Elements summed (K)', '128'],
      ] as const)
        await page.getByLabel(name).last().fill(value);
      // Formats of this page's link have no kernel that casts with the load.
      await page.getByRole('button', { name: 'Time the separate cast on this GPU' }).click();
      await page.getByText(/^kernel \w+, [\d.e+-]+ [TG]FLOP\/s, median of \d+$/).waitFor();
      const times = () => page.locator('.timed .figure-value').allInnerTexts();
      const time = expect.stringMatching(/^[\d.e+-]+ ms$/);
      expect(await times()).toEqual([time, time]);
      await page.getByRole('button', { name: 'DeepSeek-V3 on Hopper' }).click();
      await page.getByRole('button', { name: 'Time the first two on this GPU' }).click();
      await expect.poll(times, { timeout: 30_000 }).toEqual([time, time, time]);
    });

    test('a link that cannot be understood gives a message and the defaults', async () => {
      const other = await pages.open({ at: '#/dataflow?k=many&colour=red&promote=none' });
      const alert = other.getByRole('alert');
      await alert.filter({ hasText: 'k is "many"; allowed: a whole number from 1 to 1024' }).waitFor();
      expect(await alert.innerText()).toContain('colour is no setting');
      expect(await alert.innerText()).toContain('promote is "none"; allowed: a multiple of 32');
      await other.context().close();
    });
  });

  describe('numbers', () => {
    let page: Page;

    beforeAll(async () => {
      page = await pages.open({ at: '#/numbers?value=500&overflow=ieee' });
      await page.getByRole('heading', { level: 1 }).waitFor();
    });

    test('shows what the link says, accessibly', async () => {
      await page.locator('.bit-formula').filter({ hasText: 'NaN' }).waitFor();
      await expectAccessible(page, 'numbers');
    });

    test('a value is typed and bits are switched by keyboard alone', async () => {
      await page.getByLabel('Value', { exact: true }).fill('0.37');
      expect(await page.locator('.bit-formula').innerText()).toContain('0.375');
      const lowest = page.getByRole('button', { name: /^mantissa bit 0 is/ });
      await lowest.focus();
      await page.keyboard.press('Space');
      await expect.poll(() => page.locator('.bit-formula').innerText()).toContain('0.40625');
      expect(page.url()).toContain('value=0.40625');
      await page.getByRole('button', { name: 'Next larger number' }).focus();
      await page.keyboard.press('Enter');
      await expect.poll(() => page.locator('.bit-formula').innerText()).toContain('0.4375');
    });

    test('every format has a row, whose number is the oracle’s', async () => {
      await page.getByLabel('Value', { exact: true }).fill('0x1.99999ap-4');
      const value = Math.fround(0.1);
      const rows = page.getByRole('table', { name: /in every format/ }).locator('tbody tr');
      expect(await rows.count()).toBe(Object.keys(formats).length);
      expect(await rows.filter({ hasText: 'e5m6' }).innerText()).toContain(
        f32Text(quantizedTo(formats.e5m6, value)),
      );
    });

    test('what is no number is refused beside the field, and in a link', async () => {
      await page.getByLabel('Value', { exact: true }).fill('one');
      await page.getByText(/^Not a number\. Allowed:/).waitFor();
      const other = await pages.open({ at: '#/numbers?value=one&format=fp8' });
      await other.getByRole('alert').filter({ hasText: 'format is "fp8"; allowed: e4m3' }).waitFor();
      await other.context().close();
    });
  });

  describe('accumulator', () => {
    let page: Page;

    beforeAll(async () => {
      page = await pages.open({ at: '#/accumulator?longest=512&outputs=3&seed=5' });
      await page.getByRole('button', { name: 'Measure', exact: true }).click();
      await page.getByText(/^Measured on /).waitFor();
    });

    test("the errors are those of the oracle's sums", async () => {
      const operands = (['activations', 'weights'] as const).map((side, stream) =>
        quantize(sample('normal', side, 3, 512, streamSeed(5, stream))),
      );
      const expected = [128, 256, 512].map((k) => {
        const [a, b] = operands.map((one) => unscaled(one, 0, k)) as [
          (typeof operands)[0],
          (typeof operands)[0],
        ];
        const reference = exactResults(a, b);
        const error = (promote: number | 'none', accumulator: 'hopper-wgmma' | 'f32' = 'hopper-wgmma') => {
          if (promote !== 'none' && promote >= k) return '—';
          const outputs = emulatedOutputs(a, b, { accumulator, promote });
          const sums = Array.from({ length: 9 }, (_, i) => outputs.at(Math.floor(i / 3), i % 3));
          return roughText(100 * maxOverRms(sums, reference));
        };
        return [String(k), error('none'), error(128), error('none', 'f32')];
      });
      await page.getByText('As a table').click();
      const rows = page.getByRole('table', { name: /in percent$/ }).locator('tbody tr');
      const shown = await rows.evaluateAll((all) =>
        all.map((row) => [...row.children].map((one) => one.textContent)),
      );
      expect(shown).toEqual(expected);
    });

    test('is drawn with the line to compare with, accessibly', async () => {
      await page.getByRole('img', { name: /a line at 2 %$/ }).waitFor();
      await expectAccessible(page, 'accumulator');
    });

    test('stops, keeps what is done, and says when the settings have changed', async () => {
      await page.getByLabel('Longest K').selectOption('16384');
      await page.getByText('The settings have changed since').waitFor();
      await page.getByRole('button', { name: 'Measure again' }).click();
      await page.getByRole('button', { name: 'Stop' }).click();
      await page.getByText(/^Stopped; \d points are kept\.$/).waitFor();
    });

    test('a link that cannot be understood gives a message', async () => {
      const other = await pages.open({ at: '#/accumulator?interval=100&accumulator=h800' });
      const alert = other.getByRole('alert');
      await alert.filter({ hasText: 'interval is "100"; allowed: 32, 64, 128, 256, 512' }).waitFor();
      expect(await alert.innerText()).toContain('accumulator is "h800"');
      await other.context().close();
    });
  });

  test('the console holds no error and no warning, and nothing was asked of elsewhere', () => {
    expect(pages.complaints).toEqual([]);
  });
});

/** A value rounded to a format, by bits. */
function quantizedTo(format: (typeof formats)['e5m6'], value: number): number {
  const code = encode(format, value);
  const exponent = (code >> format.mantissaBits) & (2 ** format.exponentBits - 1);
  const mantissa = code & (2 ** format.mantissaBits - 1);
  return (1 + mantissa / 2 ** format.mantissaBits) * 2 ** (exponent - format.bias);
}
