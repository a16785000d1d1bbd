import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { Comparison } from '../../src/probe/compare.js';
import { readReport, writeReport } from '../../src/probe/report.js';
import { octile } from '../cli/octile.js';
import { temporaryFolder } from '../io/temporary.js';

const software = ['--adapter', 'software'];
const path = temporaryFolder();

test('probe prints its findings, writes them, and compares them', async () => {
  const file = path('here.json');
  const full = await octile(['probe', ...software, '--json', file]);
  expect(full.status).toBe(0);
  expect(full.stdout).toMatch(
    /How is x \+ y rounded\? nearest-even \(\d+ cases\)\n +0x[0-9a-f]{8}, 0x[0-9a-f]{8} gave 0x/,
  );
  expect(full.stdout).toMatch(/F16 arithmetic of shaders\nnot offered by this adapter: .*shader-f16/);
  expect(full.stdout).toMatch(/Matrix units\nnot offered by this adapter: .*--enable-unsafe-webgpu/);
  expect(full.stdout).toContain('closest accumulation profile: f32');

  const report = readReport(await readFile(file, 'utf8'), file);
  expect(report.adapter).toMatchObject({ kind: 'software' });
  expect(report.sections.map(({ id }) => id)).toEqual(['f32', 'f16', 'packed', 'matrix']);

  // Another machine, which fuses.
  const [first, ...rest] = report.sections;
  const changed = {
    ...report,
    adapter: { ...report.adapter, name: 'elsewhere' },
    sections: [
      {
        ...first,
        findings: first?.findings.map((one) =>
          one.id === 'f32.fma.rounding' ? { ...one, answer: 'otherwise' } : one,
        ),
      },
      ...rest,
    ],
  } as typeof report;
  const other = path('elsewhere.json');
  await writeFile(other, writeReport(changed));

  const [brief, same, differing, files] = await Promise.all([
    octile(['probe', '--brief', ...software]),
    octile(['probe', '--compare', file, ...software]),
    octile(['probe', '--compare', other, ...software, '--json']),
    octile(['probe', '--compare', file, other, '--json', path('comparison.json')]),
  ]);
  expect(brief.status).toBe(0);
  expect(brief.stdout).toMatch(/How is x \+ y rounded\? +nearest-even\n/);
  expect(brief.stdout).not.toContain('gave 0x');
  expect(same).toMatchObject({ status: 0 });
  expect(same.stdout).toMatch(/^no difference in \d+ findings\n$/);
  const comparison = JSON.parse(differing.stdout) as Comparison;
  expect(comparison.differences.map(({ id }) => id)).toEqual(['f32.fma.rounding']);
  expect(comparison.adapters[0]).toBe('elsewhere');
  // No adapter is opened for two files.
  expect(files).toMatchObject({ status: 0, stderr: `wrote ${path('comparison.json')}\n` });
  expect(files.stdout).toMatch(/f32\.fma\.rounding .*otherwise\n\n1 of \d+ findings differ\n$/);
  const written = JSON.parse(await readFile(path('comparison.json'), 'utf8')) as Comparison;
  expect(written).toMatchObject({ command: 'probe', adapters: [report.adapter.name, 'elsewhere'] });
  expect(written.differences).toEqual([
    { ...comparison.differences[0], answers: comparison.differences[0]?.answers.toReversed() },
  ]);
});

test('what cannot be compared or written is refused before the adapter is opened', async () => {
  const [missing, many, nowhere] = await Promise.all([
    octile(['probe', '--compare', path('none.json')]),
    octile(['probe', '--compare', 'a', 'b', 'c']),
    octile(['probe', '--json', path('no/where.json')]),
  ]);
  for (const { status, stdout, stderr } of [missing, many, nowhere]) {
    expect([status, stdout]).toEqual([status === 2 ? 2 : 1, '']);
    expect(stderr).not.toContain('adapter:');
  }
  expect(missing.stderr).toMatch(/--compare: .*none\.json does not exist/);
  expect(many.stderr).toMatch(/--compare/);
  expect(nowhere.stderr).toMatch(/--json: .*cannot be written/);
});
