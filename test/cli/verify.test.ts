import { expect, test } from 'vitest';
import { octile } from './octile.js';

test('a kernel that the adapter cannot run is not called right: exit code 1, and why', async () => {
  const { status, stdout } = await octile(['verify', '--kernel', 'matrix', '--adapter', 'software']);
  expect(status).toBe(1);
  expect(stdout).toMatch(/matrix.*skipped.*chromium-experimental-subgroup-matrix/);
  expect(stdout).toMatch(/0 passed, 0 failed, \d+ skipped: nothing was checked/);
});

test('a kernel that the adapter runs is checked alone', async () => {
  const { status, stdout } = await octile([
    'verify',
    '--kernel',
    'stepwise',
    '--adapter',
    'software',
    '--json',
  ]);
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ command: 'verify', failed: 0, skipped: 0 });
});
