import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { toCsv } from '../../src/experiment/csv.js';
import { fileNames, prepareFolder, type RunRecord, writeFolder } from '../../src/experiment/folder.js';
import { studies } from '../../src/experiment/studies.js';
import type { Findings, Study } from '../../src/experiment/study.js';
import { octileHere } from '../cli/in-process.js';
import { temporaryFolder } from '../io/temporary.js';

const inFolder = temporaryFolder();

const findings: Findings = {
  setting: [['results', '2 | 3']],
  columns: [
    { name: 'data', meaning: 'where from' },
    { name: 'error', meaning: 'a ratio' },
  ],
  rows: [
    { data: 'normal', error: 0.1 + 0.2 },
    { data: 'a "quoted", name', error: Infinity },
  ],
  chart: {
    kind: 'line',
    label: 'errors <by> data',
    categories: ['1', '2'],
    value: { name: 'error', log: true },
    series: [{ name: 'one', values: [1e-3, 10] }],
  },
  tables: [{ caption: 'Errors', head: ['data', 'error'], rows: [['normal', '30 %']] }],
  conclusions: ['Errors are found.'],
};
const study: Study = {
  name: 'sample',
  summary: 'a sample',
  question: 'What is written?',
  usesEncoder: false,
  run: async () => findings,
};
const record: RunRecord = {
  version: '0.0.0-test',
  created: '2025-01-01T00:00:00.000Z',
  seed: 5,
  size: 'small',
  adapter: { name: 'an adapter', kind: 'software', reason: 'asked for' },
  milliseconds: 1234,
};

const octile = (...args: string[]) => octileHere('experiment', ...args);

test('the folder holds four files that agree', async () => {
  const folder = inFolder('.');
  await writeFolder(folder, study, record, findings);
  expect(readdirSync(folder).sort()).toEqual([...fileNames].sort());
  const read = (name: (typeof fileNames)[number]) => readFileSync(join(folder, name), 'utf8');

  const results = JSON.parse(read('results.json'));
  expect(results).toMatchObject({ study: 'sample', seed: 5, size: 'small', adapter: record.adapter });
  expect(results.rows).toEqual([
    { data: 'normal', error: 0.1 + 0.2 },
    { data: 'a "quoted", name', error: 'Infinity' },
  ]);
  expect(read('results.csv')).toBe('data,error\nnormal,0.30000000000000004\n"a ""quoted"", name",Infinity\n');

  expect(read('chart.svg')).toMatch(/^<svg [^>]*aria-label="errors &lt;by&gt; data"/);
  const page = read('README.md');
  for (const part of [
    '# octile experiment sample',
    study.question,
    'an adapter (software): asked for',
    '| normal | 30 % |',
    '- Errors are found.',
    '| error | a ratio |',
    '2 \\| 3',
    '--size small --seed 5',
  ])
    expect(page).toContain(part);
});

test('a logarithmic axis puts powers of ten at equal distances', async () => {
  const { drawChart } = await import('../../src/report/chart.js');
  const heights = (log: boolean) => {
    const values = [0.01, 1, 100];
    const svg = drawChart(
      {
        ...findings.chart,
        categories: ['a', 'b', 'c'],
        value: { name: 'error', min: 0.01, max: 100, ...(log ? { log: true as const } : {}) },
        series: [{ name: 'one', values }],
      },
      { width: 400, height: 300 },
    );
    const line = /<path d="M([^"]*)" fill="none" stroke="var\(--chart-series1/.exec(svg)?.[1] ?? '';
    return [...line.matchAll(/[\d.]+[ ,]([\d.]+)/g)].map(([, y]) => Number(y));
  };
  const [a = 0, b = 0, c = 0] = heights(true);
  expect(a - b).toBeCloseTo(b - c, 0);
  expect(a - b).toBeGreaterThan(20);
  const [x = 0, y = 0, z = 0] = heights(false);
  expect(y - z).toBeGreaterThan(10 * (x - y));
});

test('a missing value leaves an empty field', () => {
  expect(toCsv(findings.columns, [{ data: 'x' }])).toBe('data,error\nx,\n');
});

test('--list names every study', async () => {
  const { status, stdout } = await octile('--list', '--json');
  expect(status).toBe(0);
  expect(JSON.parse(stdout).studies.map((one: Study) => one.name)).toEqual(studies.map(({ name }) => name));
});

test('a name that is none is wrong usage, and the message lists the studies', async () => {
  for (const args of [['nothing'], []]) {
    const { status, stdout, stderr } = await octile(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(`name is ${args[0] === undefined ? 'undefined' : '"nothing"'}; allowed: `);
    for (const { name } of studies) expect(stderr).toContain(name);
  }
});

test('seeds and sizes that are none are wrong usage', async () => {
  for (const args of [
    ['--seed', '-1'],
    ['--seed', '1e3'],
    ['--seed', '16777216'],
    ['--size', 'huge'],
  ]) {
    const { status, stderr } = await octile('accumulation', ...args);
    expect(status, args.join(' ')).toBe(2);
    expect(stderr).toContain(args[0]);
  }
});

test('a folder that cannot be is refused before the work', async () => {
  const path = inFolder('taken');
  writeFileSync(path, 'here');
  const { status, stderr } = await octile('accumulation', '-o', path);
  expect(status).toBe(1);
  expect(stderr).toContain(`${path} is a file; the output must be a folder`);
  expect(stderr).not.toContain('adapter:');
});

test("a README.md that no study wrote is not replaced, a study's is", async () => {
  const folder = inFolder('somebodys');
  await prepareFolder(folder);
  writeFileSync(join(folder, 'README.md'), 'mine');
  await expect(prepareFolder(folder)).rejects.toThrow('holds a README.md that is not of a study');
  expect(readFileSync(join(folder, 'README.md'), 'utf8')).toBe('mine');
  await writeFolder(folder, study, record, findings);
  await expect(prepareFolder(folder)).resolves.toBeUndefined();
});
