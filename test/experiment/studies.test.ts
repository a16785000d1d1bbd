import { mkdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Context } from '../../src/context.js';
import { writeFolder } from '../../src/experiment/folder.js';
import { type FormatsRow, measureFormats } from '../../src/experiment/formats.js';
import { gradients } from '../../src/experiment/gradients.js';
import { type GranularityRow, measureGranularity } from '../../src/experiment/granularity.js';
import { type HybridRow, measureHybrid } from '../../src/experiment/hybrid.js';
import { studyByName } from '../../src/experiment/studies.js';
import { syntheticSubject } from '../../src/experiment/subject.js';
import { quantize } from '../../src/quantize/quantize.js';
import { openTestGpu } from '../adapter.js';
import { temporaryFolder } from '../io/temporary.js';

const context = new Context(await openTestGpu());
const inFolder = temporaryFolder();
const subject = syntheticSubject('normal', { tokens: 32, outputs: 16, k: 512 }, 3);

/** The one row that has these values. */
function one<Row extends object>(rows: readonly Row[], wanted: Partial<Row>): Row {
  const found = rows.filter((row) =>
    Object.entries(wanted).every(([name, value]) => row[name as keyof Row] === value),
  );
  expect(found, JSON.stringify(wanted)).toHaveLength(1);
  return found[0] as Row;
}

test('formats: a mantissa bit is worth 6 dB, and counts are those of the codes', async () => {
  const rows = await measureFormats(context, subject);
  // bf16 alone, six formats with two kinds of scales; activations, weights, product.
  expect(rows).toHaveLength((1 + 6 * 2) * 3);
  const at = (format: FormatsRow['format'], scales: FormatsRow['scales'] = '1x128') =>
    one(rows, { format, scales, matrix: 'activations' });
  // Rounding to nearest halves its error with each bit: 20·log10(2) = 6.02 dB, and a rest by where in its
  // binade a tile's scale puts the values.
  expect(at('e4m3').sqnr - at('e5m2').sqnr).toBeGreaterThan(6.02 - 1);
  expect(at('e4m3').sqnr - at('e5m2').sqnr).toBeLessThan(6.02 + 1);
  expect(at('e5m6').sqnr - at('e4m3').sqnr).toBeGreaterThan(3 * 6.02 - 1);
  expect(at('e5m6').sqnr - at('e4m3').sqnr).toBeLessThan(3 * 6.02 + 1);
  expect(at('bf16', 'none').sqnr).toBeGreaterThan(at('e5m6').sqnr);

  for (const row of rows.filter(({ matrix }) => matrix === 'product')) {
    // For small errors Σx² is nearly Σy², and calc_diff half of the noise.
    const noise = 10 ** (-row.sqnr / 10);
    expect(row.calc_diff / (noise / 2)).toBeGreaterThan(0.9);
    expect(row.calc_diff / (noise / 2)).toBeLessThan(1.1);
  }

  const codes = quantize(subject.activations, { format: 'e2m1', granularity: '1x128' }).codes;
  const zeros = codes.filter((code) => (code & 7) === 0).length;
  expect(zeros).toBeGreaterThan(0);
  expect(at('e2m1')).toMatchObject({ values: 32 * 512, underflow: zeros, saturated: 0 });
  // OCP MX rounds the scale down to a power of two: the largest values may not fit.
  expect(at('e4m3', '1x32').saturated).toBeGreaterThan(0);
});

test('granularity: what shares a scale with an outlier is lost with it', async () => {
  const rows = await measureGranularity(context, subject, { strengths: [1, 1e6], formats: ['e4m3'] });
  expect(rows).toHaveLength(2 * (4 * 2 + 1));
  const at = (
    granularity: GranularityRow['granularity'],
    strength: number,
    scales: GranularityRow['scales'] = 'f32',
  ) => one(rows, { granularity, strength, scales });
  // With an amax of 1e6 and a largest code of 448, what is below half of the smallest code, 2^-10, becomes zero:
  // N(0, 1) below 1e6 / 448 / 1024 = 2.18, and that is 97.1 % of it.
  expect(at('tensor', 1e6).underflow).toBeGreaterThan(0.96);
  expect(at('tensor', 1e6).underflow).toBeLessThan(0.98);
  // One token in 16 has outliers, in two of the four tiles of its row.
  expect(at('row', 1e6).underflow / at('tensor', 1e6).underflow).toBeCloseTo(1 / 16, 2);
  expect(at('1x128', 1e6).underflow / at('tensor', 1e6).underflow).toBeCloseTo(1 / 32, 2);
  expect(at('1x32', 1e6, 'power-of-two').underflow).toBeLessThan(at('1x128', 1e6).underflow / 2);
  expect(at('1x128', 1e6).product_sqnr).toBeGreaterThan(at('row', 1e6).product_sqnr);
  expect(at('row', 1e6).product_sqnr).toBeGreaterThan(at('tensor', 1e6).product_sqnr);
  for (const granularity of ['tensor', 'row', '1x128', '128x128'] as const) {
    expect(at(granularity, 1).underflow).toBeLessThan(0.001);
    expect(at(granularity, 1).product_sqnr).toBeGreaterThan(30);
  }
});

test('hybrid: e5m2 costs gradients nearly the bit it lacks, and the forward pass nothing', async () => {
  const rows = await measureHybrid(context, subject, gradients(32, 16, 3));
  expect(rows).toHaveLength(3 * 2 * 2 * 2);
  const of = (draw: readonly HybridRow[], pass: HybridRow['pass'], format: HybridRow['gradients']) =>
    one(draw, { pass, gradients: format, scales: 'tiles', dialect: 'ieee' });
  const at = (pass: HybridRow['pass'], format: HybridRow['gradients']) => of(rows, pass, format);
  const gainOf = (draw: readonly HybridRow[], pass: HybridRow['pass']) =>
    of(draw, pass, 'e4m3').sqnr - of(draw, pass, 'e5m2').sqnr;
  expect(at('fprop', 'e5m2')).toEqual({ ...at('fprop', 'e4m3'), gradients: 'e5m2' });
  const draws = [rows];
  for (const seed of [4, 5, 6, 7, 8])
    draws.push(await measureHybrid(context, subject, gradients(32, 16, seed)));
  for (const pass of ['dgrad', 'wgrad'] as const) {
    // At most 6.02 dB, because the other operand's error stays; with equal errors before, 10·log10(5/2) = 4.0. A few
    // values of a heavy-tailed draw carry the product, and each may round well or badly: the mean of several.
    const gain = draws.reduce((sum, draw) => sum + gainOf(draw, pass), 0) / draws.length;
    expect(gain).toBeGreaterThan(1.5);
    expect(gain).toBeLessThan(6.02);
  }
  const floored = one(rows, { pass: 'dgrad', gradients: 'e4m3', scales: 'tiles', dialect: 'deepgemm' });
  // The floor of 1e-4 under the largest magnitude is far above gradients of 1e-7.
  expect(floored.underflow).toBeGreaterThan(at('dgrad', 'e4m3').underflow);
});

test('gradients are heavy-tailed, small, and of a size to each token', () => {
  const { data } = gradients(64, 256, 1);
  const sizes = Array.from({ length: 64 }, (_, token) => {
    const row = [...data.subarray(token * 256, (token + 1) * 256)].map(Math.abs).sort((a, b) => a - b);
    return { median: row[128] as number, largest: row[255] as number };
  });
  const medians = sizes.map(({ median }) => median).sort((a, b) => a - b);
  // Half of |t| with 3 degrees of freedom is below 0.765; the median token's factor is 1 within its spread.
  expect(Math.abs(Math.log((medians[32] as number) / 0.765e-7))).toBeLessThan(1.5);
  expect((medians[63] as number) / (medians[0] as number)).toBeGreaterThan(100);
  // Of 256 normal values hardly one is beyond 4.5 deviations, 6.7 of their medians.
  expect(sizes.filter(({ median, largest }) => largest > 8 * median).length).toBeGreaterThan(32);
});

for (const name of ['formats', 'granularity', 'hybrid'])
  test(`${name} without an encoder writes a folder whose files agree`, async () => {
    const study = studyByName(name);
    const findings = await study.run({ context, seed: 2, encoder: { absent: 'left out here' } }, 'small');
    const folder = inFolder(name);
    mkdirSync(folder);
    const record = {
      version: '0.0.0-test',
      created: '2025-01-01T00:00:00.000Z',
      seed: 2,
      size: 'small',
      adapter: { name: 'software', kind: 'software', reason: 'a test' },
      milliseconds: 1,
    } as const;
    await writeFolder(folder, study, record, findings);

    const { columns, rows } = JSON.parse(readFileSync(`${folder}/results.json`, 'utf8'));
    const names: string[] = columns.map((column: { name: string }) => column.name);
    const [head, ...lines] = readFileSync(`${folder}/results.csv`, 'utf8').trimEnd().split('\n');
    expect(head?.split(',')).toEqual(names);
    expect(lines.map((line) => line.split(','))).toEqual(
      rows.map((row: Record<string, unknown>) => names.map((column) => String(row[column]))),
    );
    expect(rows).toHaveLength(findings.rows.length);
    for (const row of findings.rows) expect(Object.keys(row).sort()).toEqual([...names].sort());

    const page = readFileSync(`${folder}/README.md`, 'utf8');
    expect(page).toContain('none: left out here');
    expect(page).not.toMatch(/NaN|undefined/);
    expect(readFileSync(`${folder}/chart.svg`, 'utf8')).toMatch(/<path[^>]+series4/);
    for (const { values } of findings.chart.series)
      for (const value of values) expect(value).toBeGreaterThan(0);
  });
