import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, describe, expect, test, vi } from 'vitest';
import {
  type Baseline,
  benchSchema,
  type Comparison,
  compareRuns,
  type RunSetting,
  readBaseline,
  requireComparable,
} from '../../bench/baseline.js';
import type { BenchRecord, Measurement } from '../../bench/record.js';
import { runBench } from '../../bench/run.js';
import { caseName, type GemmCase } from '../../bench/suites.js';
import { octileHere } from '../cli/in-process.js';

// Figures of the test's own: times of a software adapter depend on what else the machine does.
vi.mock(import('../../bench/run.js'), async (original) => ({ ...(await original()), runBench: vi.fn() }));

const setting: RunSetting = {
  suite: 'squares',
  kernel: 'all',
  out: null,
  adapter: 'some GPU',
  features: ['shader-f16', 'subgroups'],
  flags: ['toggle'],
};

const usual: Measurement = {
  name: '',
  case: { kind: 'copy', bytes: 16 },
  kernel: 'portable',
  adapter: { name: 'some GPU', kind: 'hardware' },
  date: '2026-11-23T00:00:00.000Z',
  version: '0.1.0',
  status: 'measured',
  tflops: 1,
  gbps: 1,
  error: 0,
  calcDiff: 0,
  min: 99,
  median: 100,
  max: 101,
  deviation: 0.1,
  samples: 50,
  timing: 'timestamp',
};

function record(n: number, parts: Partial<Measurement> = {}): Measurement {
  const one: GemmCase = {
    kind: 'gemm',
    m: n,
    n,
    k: n,
    aFormat: 'e4m3',
    bFormat: 'e4m3',
    aGranularity: '1x128',
    bGranularity: '128x128',
    out: 'f32',
  };
  return { ...usual, name: caseName(one), case: one, ...parts };
}

function skipped(n: number): BenchRecord {
  const { name, case: one, kernel, adapter, date, version } = record(n);
  return { name, case: one, kernel, adapter, date, version, status: 'skipped', reason: 'too large' };
}

/** What `octile bench --json` would have written of these records. */
function document(records: readonly BenchRecord[], parts: object = {}): string {
  const { adapter, ...rest } = setting;
  const about = { command: 'bench', schema: benchSchema, ...rest, adapter: { name: adapter } };
  return JSON.stringify({ ...about, interrupted: false, records, ...parts });
}

const baselineOf = (records: readonly BenchRecord[], parts: object = {}): Baseline =>
  readBaseline(document(records, parts), 'before.json');

function verdict(before: Partial<Measurement>, now: Partial<Measurement>, kind?: 'software') {
  const { changes } = compareRuns(
    baselineOf([record(256, before)]),
    setting,
    [record(256, now)],
    kind ?? 'hardware',
  );
  expect(changes).toHaveLength(1);
  return changes[0]?.verdict;
}

describe('what counts as lost', () => {
  test('is slower than the floor where both runs are quiet', () => {
    expect(verdict({}, { median: 101.9 })).toBe('same');
    expect(verdict({}, { median: 102.1 })).toBe('lost');
    expect(verdict({}, { median: 98.1 })).toBe('same');
    expect(verdict({}, { median: 97.9 })).toBe('gained');
  });

  test('is slower than the noise of both runs together', () => {
    // 3.17 · 1.4826 · √(2² + 2²) = 13.3 µs of 100; of one run alone 9.4.
    const noisy = { deviation: 2 };
    expect(verdict(noisy, { ...noisy, median: 113 })).toBe('same');
    expect(verdict(noisy, { ...noisy, median: 114 })).toBe('lost');
    expect(verdict(noisy, { ...noisy, median: 86 })).toBe('gained');
    expect(verdict(noisy, { deviation: 0, median: 109 })).toBe('same');
    expect(verdict({ deviation: 0 }, { ...noisy, median: 110 })).toBe('lost');
  });

  test('takes more where there are fewer samples, in whichever run', () => {
    const [few, many] = [{ deviation: 1, samples: 3 }, { deviation: 1 }];
    // t is 9.92 with 2 degrees of freedom: 20.8 µs.
    for (const [before, now] of [
      [few, many],
      [many, few],
    ] as const) {
      expect(verdict(before, { ...now, median: 120 })).toBe('same');
      expect(verdict(before, { ...now, median: 121 })).toBe('lost');
    }
    expect(verdict(many, { ...many, median: 120 })).toBe('lost');
  });

  test('takes more on a software adapter', () => {
    expect(verdict({}, { median: 119 }, 'software')).toBe('same');
    expect(verdict({}, { median: 121 }, 'software')).toBe('lost');
  });

  test('is not what another clock has timed', () =>
    expect(verdict({}, { median: 500, timing: 'wall' })).toBe('unlike'));
});

test('a change says what it was, what it is, by how much, and what it had to exceed', () => {
  const { changes } = compareRuns(
    baselineOf([record(512)]),
    setting,
    [record(512, { median: 150 })],
    'hardware',
  );
  expect(changes).toEqual([
    {
      name: record(512).name,
      kernel: 'portable',
      verdict: 'lost',
      before: 100,
      now: 150,
      change: 0.5,
      noise: 0.02,
    },
  ]);
});

const verdicts = ({ changes }: Comparison) =>
  changes.map(({ name, kernel, verdict }) => [name.split(' ')[1], kernel, verdict]);

test('what one run alone has measured is missing or new, and what neither has is left out', () => {
  const before = baselineOf([
    record(1),
    record(2),
    skipped(3),
    skipped(4),
    record(1, { kernel: 'emulated' }),
  ]);
  const now = [skipped(2), record(3), skipped(4), record(5), record(1)];
  expect(verdicts(compareRuns(before, setting, now, 'hardware'))).toEqual([
    ['2x2x2', 'portable', 'missing'],
    ['3x3x3', 'portable', 'new'],
    ['5x5x5', 'portable', 'new'],
    ['1x1x1', 'portable', 'same'],
    ['1x1x1', 'emulated', 'missing'],
  ]);
});

test('what auto chose is compared with what auto chose', () => {
  const before = baselineOf([record(1), record(2)], { kernel: 'auto' });
  const now = [record(1, { kernel: 'skinny', median: 50 }), record(2)];
  const { changes } = compareRuns(before, { ...setting, kernel: 'auto' }, now, 'hardware');
  expect(changes).toMatchObject([
    { kernel: 'skinny', kernelBefore: 'portable', verdict: 'gained' },
    { kernel: 'portable', verdict: 'same' },
  ]);
  expect(changes[1]).not.toHaveProperty('kernelBefore');
  const named = compareRuns(before, { ...setting, kernel: 'skinny' }, now.slice(0, 1), 'hardware');
  expect(verdicts(named).map(([, kernel, verdict]) => [kernel, verdict])).toEqual([
    ['skinny', 'new'],
    ['portable', 'missing'],
    ['portable', 'missing'],
  ]);
});

test('everything else that differs is remarked', () => {
  const before = baselineOf([record(1)], {
    suite: 'deepseek',
    out: 'bf16',
    features: ['subgroups', 'timestamp-query'],
    flags: [],
    interrupted: true,
  });
  const { remarks } = compareRuns(before, setting, [record(1)], 'hardware');
  expect(remarks).toEqual([
    'the baseline ran with --suite deepseek',
    'the baseline ran with --out bf16',
    'the baseline had the features timestamp-query, which this run has not',
    'this run has the features shader-f16, which the baseline had not',
    'this run has the flags toggle, which the baseline had not',
    'the baseline of 2026-11-23T00:00:00.000Z was interrupted',
  ]);
  expect(compareRuns(baselineOf([record(1)]), setting, [record(1)], 'hardware').remarks).toEqual([]);
});

test('another tiling is remarked where both runs say theirs and the kernel is the same', () => {
  const [wide, narrow] = [
    { rows: 128, parts: 1 },
    { rows: 64, parts: 1 },
  ] as const;
  const before = baselineOf([1, 2, 3].map((n) => record(n, { tiling: wide, tuned: true })));
  const now = [record(1, { tiling: narrow, tuned: false }), record(2, { tiling: wide }), record(3)];
  expect(compareRuns(before, setting, now, 'hardware').remarks).toEqual([
    `${record(1).name}: portable took rows 128, parts 1 in the baseline, and now rows 64, parts 1`,
  ]);
  expect(compareRuns(baselineOf([record(1)]), setting, now, 'hardware').remarks).toEqual([]);
});

test('figures of another adapter, or of other cases, are not compared', () => {
  const before = baselineOf([record(1)]);
  const names = [record(1).name];
  expect(() => requireComparable(before, setting, names)).not.toThrow();
  expect(() => requireComparable(before, { ...setting, adapter: 'another GPU' }, names)).toThrow(
    /the baseline is of some GPU, and this is another GPU/,
  );
  expect(() => requireComparable(before, setting, [record(2).name])).toThrow(
    `there is nothing to compare. Its first is ${record(1).name}, this run's ${record(2).name}.`,
  );
});

describe('a file that is no run of this version says what is wrong', () => {
  const broken = (text: string) => () => readBaseline(text, 'before.json');
  const { deviation, ...earlier } = record(1);
  test.each([
    ['{', /^before.json is no JSON/],
    ['[]', /^before.json is no run of octile bench to compare with: the file is not an object/],
    ['{"command":"verify"}', /command is "verify"; allowed: bench/],
    [document([record(1)], { schema: undefined }), /no "schema": an earlier version wrote it/],
    [document([record(1)], { schema: 99 }), /its form is number 99/],
    [document([]), /it holds no records/],
    [document([earlier]), /records\[0\]\.deviation is undefined/],
    [document([record(1, { samples: 0 })]), /records\[0\]\.samples is 0, not a size/],
    [document([record(1)], { features: 'none' }), /features is not a list/],
  ])('%#', (text, message) => expect(broken(text)).toThrow(message));
});

const folder = await mkdtemp(join(tmpdir(), 'octile-baseline-'));
afterAll(() => rm(folder, { recursive: true }));

test('octile bench --baseline refuses what it cannot compare with before it measures', async () => {
  const refused = async (text: string | undefined, ...args: string[]) => {
    const file = join(folder, 'bad.json');
    if (text !== undefined) await writeFile(file, text);
    const { status, stdout, stderr } = await octileHere('bench', '--adapter', 'software', ...args);
    expect([status, stdout]).toEqual([1, '']);
    return stderr;
  };
  const bad = join(folder, 'bad.json');
  expect(await refused(undefined, '--baseline', join(folder, 'none.json'))).toMatch(
    /--baseline: .*does not exist/,
  );
  expect(await refused('nonsense', '--baseline', bad)).toMatch(/--baseline: .*is no JSON/);
  expect(await refused(document([record(1)]), '--baseline', bad)).toMatch(
    /--baseline: the baseline is of some GPU/,
  );
  expect(await refused(document([record(1)]), '--baseline', bad, '--json', bad)).toMatch(
    /--json: .*is also an input/,
  );
  expect(await readFile(bad, 'utf8')).toBe(document([record(1)]));
});

test('octile bench compares with its own file, and ends by 1 where a case lost', async () => {
  const [first, second] = [join(folder, 'first.json'), join(folder, 'second.json')];
  const run = (records: readonly BenchRecord[], ...args: string[]) => {
    vi.mocked(runBench).mockImplementationOnce(async (_gpu, _cases, { onRecord } = {}) => {
      for (const one of records) onRecord?.(one);
      return [...records];
    });
    return octileHere('bench', '--adapter', 'software', '--suite', 'squares', ...args);
  };
  const before = [record(256), record(512), record(1024)];
  expect(await run(before, '--json', first)).toMatchObject({ status: 0 });
  expect(await run(before, '--baseline', first)).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('3 same'),
  });

  const now = [record(256, { median: 200 }), record(512, { median: 50 }), record(2048)];
  const { status, stdout } = await run(now, '--baseline', first, '--json', second);
  expect(status).toBe(1);
  expect(stdout).toMatch(/^lost +gemm 256x256x256 .+ 100.0 +200.0 +\+100.0 % +± 20.0 %$/m);
  expect(stdout).toMatch(/^gained +gemm 512x512x512 /m);
  expect(stdout).toMatch(/^missing +gemm 1024x1024x1024 /m);
  expect(stdout).toMatch(/^new +gemm 2048x2048x2048 /m);
  const { comparison } = JSON.parse(await readFile(second, 'utf8')) as { comparison: Comparison };
  expect(comparison.changes.map(({ verdict }) => verdict)).toEqual(['lost', 'gained', 'new', 'missing']);
  expect(comparison).toMatchObject({ remarks: [], baseline: { date: record(256).date, suite: 'squares' } });
  process.exitCode = undefined;
});
