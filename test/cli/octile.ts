/** @file The built command, run as a process. */

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The path of the built command. */
export const command = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
if (!existsSync(command)) throw new Error('dist/cli.js is missing: npm run build makes it');

/** Milliseconds after which a process that does not end is killed, and its status is null. */
const patience = 60_000;

/** Runs `octile` with arguments, stdout and stderr being pipes, and waits until the process is gone. */
export function octile(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [command, ...args], {
      env: { ...withoutColorVariables(), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: patience,
    });
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const)
      child[name].setEncoding('utf8').on('data', (text: string) => {
        output[name] += text;
      });
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, ...output }));
  });
}

/** Runs `octile` with --json on the software adapter, expects it to succeed, and gives the document. */
export async function octileJson<T>(args: readonly string[]): Promise<T> {
  const { status, stdout, stderr } = await octile([...args, '--json']);
  if (status !== 0) throw new Error(`octile ${args.join(' ')} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as T;
}

function withoutColorVariables(): NodeJS.ProcessEnv {
  const { NO_COLOR, FORCE_COLOR, CI, OCTILE_DEBUG, ...rest } = process.env;
  return rest;
}
