/** @file The studies of a training step: tile conversion, a linear layer, gradients of unequal tokens. */

import { expect, test } from 'vitest';
import { Context } from '../../src/context.js';
import { gradients as gradientsStudy, measureGradients } from '../../src/experiment/appendix-b2.js';
import { mostDraws, streamSeed, streams } from '../../src/experiment/data.js';
import { gradients } from '../../src/experiment/gradients.js';
import { measureLinear } from '../../src/experiment/linear.js';
import { Network } from '../../src/experiment/network.js';
import { page } from '../../src/experiment/page.js';
import { findRow } from '../../src/experiment/rows.js';
import { studyByName } from '../../src/experiment/studies.js';
import { syntheticSubject } from '../../src/experiment/subject.js';
import { measureTranspose } from '../../src/experiment/transpose.js';
import { drawChart } from '../../src/report/chart.js';
import { openTestGpu } from '../adapter.js';

test('every matrix of a study has numbers of its own', () => {
  const seeds = [0, 1].flatMap((seed) =>
    Array.from({ length: streams * mostDraws }, (_, i) =>
      streamSeed(seed, i % streams, Math.floor(i / streams)),
    ),
  );
  expect(new Set(seeds).size).toBe(seeds.length);
  expect(() => streamSeed(0, streams)).toThrow(/stream is 16.*0 to 15/);
  expect(() => streamSeed(0, 0, mostDraws)).toThrow(/draw is 16.*0 to 15/);

  const network = (layers: number) => new Network({ tokens: 4, width: 2, layers, steps: 1 }, 3);
  const whole = network(8);
  const drawn = [...whole.weights(0), ...whole.weights(1), whole.batch(0, []).inputs];
  expect(new Set(drawn.map(([first, second]) => `${first} ${second}`)).size).toBe(17);
  expect(() => network(9)).toThrow(/setting\.layers is 9.*at most 8/);
});

const context = new Context(await openTestGpu());

test('transpose: powers of two add nothing to E5M6, float scales move nearly everything', async () => {
  const subject = syntheticSubject('normal', { tokens: 128, outputs: 1, k: 256 }, 3);
  const rows = await measureTranspose(context, subject);
  expect(rows).toHaveLength(4);
  const at = (format: 'e4m3' | 'e5m6', scales: 'float' | 'power-of-two') => {
    const row = findRow(rows, { format, scales });
    if (!row) throw new Error(`no row of ${format} ${scales}`);
    return row;
  };
  expect(at('e5m6', 'power-of-two')).toMatchObject({ moved: 0, added_sqnr: Infinity });
  expect(at('e5m6', 'power-of-two').converted_sqnr).toBe(at('e5m6', 'power-of-two').kept_sqnr);
  for (const format of ['e4m3', 'e5m6'] as const) {
    const row = at(format, 'float');
    expect(row.moved).toBeGreaterThan(0.5);
    // Two independent roundings of like size: twice the noise of one, 3 dB.
    expect(row.kept_sqnr - row.converted_sqnr).toBeGreaterThan(2);
    expect(row.kept_sqnr - row.converted_sqnr).toBeLessThan(4);
  }
  // Values of e4m3 below 2^-14 of their tile's largest are rare in normal data.
  expect(at('e4m3', 'power-of-two').moved).toBeLessThan(0.01);
});

test('linear: tiles beat one scale a tensor, and what is kept shows in dw alone', async () => {
  const subject = syntheticSubject('outlier-channels', { tokens: 48, outputs: 24, k: 320 }, 2);
  const rows = await measureLinear(context, subject, gradients(48, 24, 2));
  expect(rows).toHaveLength(9);
  // One scale a tensor and one a row differ.
  const row = findRow(rows, { scales: 'row', gradients: 'e4m3' });
  expect(row?.dw).not.toBe(findRow(rows, { scales: 'tensor', gradients: 'e4m3' })?.dw);
  const [direct, turned, wide] = (['transposed', 'tiles', 'e5m6'] as const).map((kept) =>
    findRow(rows, { power_of_two: 'yes', kept }),
  );
  expect(new Set([direct, turned, wide].map((row) => row?.y)).size).toBe(1);
  expect(new Set([direct, turned, wide].map((row) => row?.dx)).size).toBe(1);
  for (const row of [direct, turned, wide]) expect(row?.dw).toBeGreaterThan(20);
  const tiles = findRow(rows, { scales: 'tiles', gradients: 'e4m3', power_of_two: 'no' });
  const tensor = findRow(rows, { scales: 'tensor', gradients: 'e4m3' });
  const hybrid = findRow(rows, { scales: 'tiles', gradients: 'e5m2' });
  // dw sums over tokens whose gradients differ by orders of magnitude.
  expect((tiles?.dx ?? 0) - (hybrid?.dx ?? 0)).toBeGreaterThan(2);
  expect(tiles?.dw).toBeGreaterThan(tensor?.dw ?? Infinity);
  expect(tiles?.y).toBe(hybrid?.y);
});

test('gradients: blocks lose what tokens of small gradients say, tiles do not', async () => {
  const setting = { tokens: 128, width: 128, layers: 2, steps: 2 };
  const rows = await measureGradients(context, setting, 1);
  expect(rows).toHaveLength(4);
  for (const step of [1, 2]) {
    const tiles = findRow(rows, { step, gradients: 'tiles' });
    const blocks = findRow(rows, { step, gradients: 'blocks' });
    expect((tiles?.last_median ?? 0) - (blocks?.last_median ?? 0)).toBeGreaterThan(10);
    expect(blocks?.underflow).toBeGreaterThan(0.1);
    expect(tiles?.underflow).toBeLessThan(0.01);
    expect(tiles?.drift).toBeLessThan(blocks?.drift ?? 0);
  }
});

test.each(['transpose', 'linear', 'gradients'])('%s writes a page without gaps', async (name) => {
  const study = studyByName(name);
  const findings = await study.run({ context, seed: 2, encoder: { absent: 'left out here' } }, 'small');
  const record = {
    version: '0.0.0-test',
    created: '2025-01-01T00:00:00.000Z',
    seed: 2,
    size: 'small',
    adapter: { name: 'software', kind: 'software', reason: 'a test' },
    milliseconds: 1,
  } as const;
  expect(page(study, record, findings)).not.toMatch(/NaN|undefined/);
  expect(findings.conclusions.length).toBeGreaterThan(0);
  expect(drawChart(findings.chart, { width: 820, height: 460 })).toContain('<svg');
  const names = findings.columns.map((column) => column.name).sort();
  for (const row of findings.rows) expect(Object.keys(row).sort()).toEqual(names);
  for (const { values } of findings.chart.series)
    for (const value of values) expect(Number.isNaN(value)).toBe(false);
  expect(study === gradientsStudy || findings.setting.some(([label]) => label === 'trained layers')).toBe(
    true,
  );
});
