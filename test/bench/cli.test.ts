import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import type { BenchRecord } from '../../bench/record.js';
import { octile } from '../cli/octile.js';

interface BenchResult {
  readonly command: string;
  readonly suite: string;
  readonly adapter: { name: string; kind: string };
  readonly interrupted: boolean;
  readonly records: BenchRecord[];
}

const folder = await mkdtemp(join(tmpdir(), 'octile-bench-'));
afterAll(() => rm(folder, { recursive: true }));

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s ends a run by %d, and what is done is printed and written', async (signal, expected) => {
  const file = join(folder, `${signal}.json`);
  const command = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
  const child = spawn(process.execPath, [command, 'bench', '--adapter', 'software', '--json', file], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { status, stdout, stderr } = await interrupted(child, signal);
  expect(stderr).toContain('stopping; Ctrl-C again ends at once');
  expect(status).toBe(expected);
  const result = JSON.parse(await readFile(file, 'utf8')) as BenchResult;
  expect(result).toMatchObject({ command: 'bench', suite: 'smoke', interrupted: true });
  expect(result.records.length).toBeLessThan(7);
  for (const { name } of result.records) expect(stdout).toContain(name.split(' ').slice(0, 2).join(' '));
  expect(stdout).toContain(`${7 - result.records.length} of 7 cases not run`);
  expect(stdout).toContain(file);
  expect(stdout).toContain('GFLOP/s');
});

/** Sends a signal once the adapter is announced, and waits for the end. */
function interrupted(
  child: ChildProcess,
  signal: 'SIGINT' | 'SIGTERM',
): Promise<{ status: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const)
      child[name]?.setEncoding('utf8').on('data', (text: string) => {
        output[name] += text;
        if (name === 'stderr' && text.includes('adapter:')) child.kill(signal);
      });
    child.on('close', (status) => resolve({ status, ...output }));
  });
}

test('a kernel that can run no case ends by 1 and says why, whatever else was measured', async () => {
  // A software adapter has no matrix units; the smoke suite also copies and quantises.
  const file = join(folder, 'matrix.json');
  const args = ['bench', '--kernel', 'matrix', '--adapter', 'software', '--json', file];
  const { status, stdout, stderr } = await octile(args);
  expect(status).toBe(1);
  expect(stdout).toContain('skipped');
  expect(stderr.match(/^error: .*$/gm)).toEqual([
    expect.stringMatching(/^error: nothing was measured with --kernel matrix: .*it needs [^;]*$/),
  ]);
  const { records } = JSON.parse(await readFile(file, 'utf8')) as BenchResult;
  expect(records.some((record) => record.status === 'measured')).toBe(true);
});

test('--only runs the cases that hold one of the texts', async () => {
  const args = ['bench', '--only', 'quantize', 'copy', '--adapter', 'software', '--json'];
  const { status, stdout } = await octile(args);
  expect(status).toBe(0);
  const { only, records } = JSON.parse(stdout) as BenchResult & { only: string[] };
  expect(only).toEqual(['quantize', 'copy']);
  expect(records.map(({ case: { kind } }) => kind)).toEqual(['copy', 'quantize']);
});

test('shapes are products of their own, in place of a suite', async () => {
  const how = ['--format', 'e5m2', '--b-granularity', 'row', '--out', 'bf16', '--pow2'];
  const { status, stdout } = await octile([
    'bench',
    '64x40x128',
    '1x8x130',
    '64×40×128',
    ...how,
    '--adapter',
    'software',
    '--json',
  ]);
  expect(status).toBe(0);
  const { suite, records } = JSON.parse(stdout) as BenchResult;
  expect(suite).toBe('shapes');
  expect(records.map(({ name }) => name)).toEqual([
    'gemm 64x40x128 e5m2 1x128 by row to bf16, power-of-two scales',
    'gemm 1x8x130 e5m2 1x128 by row to bf16, power-of-two scales',
  ]);
});

test('--keep-b keeps halves for the shapes, and says where nothing reads them', async () => {
  const { status, stdout, stderr } = await octile(['bench', '8x8x128', '--keep-b', '--adapter', 'software']);
  expect(status).toBe(1);
  expect(stdout).toContain('gemm 8x8x128  e4m3 1x128 by 128x128 to f32, halves of B kept');
  expect(stderr).toMatch(
    /nothing was measured: nothing reads halves of B here: matrix and matrix-promoted do, .* this would be skinny/,
  );
});

test('bad input is refused before anything runs', async () => {
  const refused = async (...args: string[]) => {
    const { status, stdout, stderr } = await octile(['bench', ...args]);
    expect(stdout).toBe('');
    expect(stderr).not.toContain('adapter:');
    return `${status} ${stderr}`;
  };
  expect(await refused('--suite', 'huge')).toMatch(/^2 .*smoke, deepseek, squares, ragged/s);
  expect(await refused('--only', '5x5x5')).toMatch(/^2 .*--only.*5x5x5.*\n {2}gemm .*\n {2}quantize/s);
  expect(await refused('3x5')).toMatch(/^2 .*3x5.*three whole numbers/s);
  expect(await refused('4x4x4', '--suite', 'smoke')).toMatch(/^2 .*--suite.*smoke.*without shapes/s);
  expect(await refused('4x4x4', '--only', 'gemm')).toMatch(/^2 .*--only.*gemm.*without shapes/s);
  expect(await refused('--json', '4x4x4')).toMatch(/^2 .*--json.*4x4x4.*after the shapes/s);
  expect(await refused('4x4x4', '--a-granularity', '128x1')).toMatch(/^2 .*--a-granularity.*1x128/s);
  expect(await refused('4x4x4', '--format', 'bf16')).toMatch(/^2 .*--format.*e4m3/s);
  expect(await refused('--pow2')).toMatch(/^2 .*--pow2.*with shapes/s);
  expect(await refused('--keep-b')).toMatch(/^2 .*--keep-b.*with shapes/s);
  expect(await refused('--format', 'e5m2')).toMatch(/^2 .*--format.*e5m2.*with shapes/s);
  expect(await refused('--kernel', 'fastest')).toMatch(/^2 .*auto, all, .*portable/s);
  expect(await refused('--out', 'f64')).toMatch(/^2 .*f32, bf16, f16/s);
  expect(await refused('--adapter', 'null')).toMatch(/^2 .*null adapter computes nothing/s);
  expect(await refused('--json', join(folder, 'missing', 'bench.json'))).toMatch(/^1 .*does not exist/s);
});
