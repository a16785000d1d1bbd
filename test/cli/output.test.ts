import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { expect, test } from 'vitest';
import { command, octile } from './octile.js';

/** A device that has no room, as Linux has one. */
const full = '/dev/full';

/** Runs `octile` with stdout going to a file. */
async function into(file: string, ...args: string[]): Promise<{ status: number | null; stderr: string }> {
  const descriptor = openSync(file, 'w');
  const child = spawn(process.execPath, [command, ...args], { stdio: ['ignore', descriptor, 'pipe'] });
  closeSync(descriptor);
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { status, stderr };
}

test
  .skipIf(!existsSync(full))
  .each([[['info', '--adapter', 'null']], [['info', '--adapter', 'null', '--json']], [['--help']]])(
  'octile %j fails where its output is lost',
  async (args) => {
    const { status, stderr } = await into(full, ...args);
    expect(status).toBe(1);
    expect(stderr).toMatch(/error: the output is incomplete: ENOSPC/);
  },
);

test('a reader that leaves early is no failure', async () => {
  const child = spawn(process.execPath, [command, 'info', '--adapter', 'null'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.destroy();
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const status = await new Promise((resolve) => child.on('close', resolve));
  expect({ status, stderr }).toEqual({ status: 0, stderr: expect.not.stringContaining('error') });
});

test('an error names the help of its command', async () => {
  const { stderr } = await octile(['gemm']);
  expect(stderr).toContain('(octile help gemm shows how)');
});
