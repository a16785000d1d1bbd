/** @file The built package, for tests of what users get. `npm test` builds before it tests. */

import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/** The repository's folder. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * The folder of the built package.
 * @throws Error if there is none, or one older than the sources it is made of
 */
export function builtPackage(): string {
  const dist = join(root, 'dist');
  const built = existsSync(join(dist, 'index.js')) ? statSync(join(dist, 'index.js')).mtimeMs : 0;
  for (const folder of ['src', 'shaders', 'bench'])
    for (const file of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }))
      if (statSync(join(root, folder, file)).mtimeMs > built)
        throw new Error(`dist is older than ${folder}/${file}: npm run build makes it anew`);
  return dist;
}

/** How a process ended. */
export interface Finished {
  /** null if it was killed. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a process until it ends by itself; one that does not within a minute is killed. */
export function run(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Finished> {
  const { cwd = root, env = process.env } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000 });
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const)
      child[name].setEncoding('utf8').on('data', (text: string) => {
        output[name] += text;
      });
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, ...output }));
  });
}
