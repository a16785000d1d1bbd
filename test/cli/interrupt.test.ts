import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../io/temporary.js';
import { command } from './octile.js';

const at = temporaryFolder();

test.each([
  ['SIGINT', 130, ['verify']],
  ['SIGTERM', 143, ['report', '-o', at('report.html')]],
] as const)('%s ends by %d, and what it ends says so: %j', async (signal, expected, args) => {
  const child = spawn(process.execPath, [command, ...args, '--adapter', 'software'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    // The adapter is announced when the work begins.
    if (!output.stderr.includes('adapter:') && text.includes('adapter:')) child.kill(signal);
    output.stderr += text;
  });
  const status = await new Promise((resolve) => child.on('close', resolve));
  expect({ status, stdout: output.stdout }).toEqual({ status: expected, stdout: '' });
  expect(output.stderr).toMatch(/\nstopped; nothing was written\n$/);
  expect(existsSync(at('report.html'))).toBe(false);
});
