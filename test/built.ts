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
  return upToDate('dist', 'index.js', ['src', 'shaders', 'bench'], 'npm run build');
}

/**
 * The folder of the built page.
 * @throws Error if there is none, or one older than the sources it is made of
 */
export function builtPage(): string {
  return upToDate('dist-page', 'index.html', ['src', 'shaders', 'bench', 'page'], 'npm run build:page');
}

/** What changes among the sources and is none: the folder bench/peers once its packages are installed and built. */
const beside = /^peers$|(^|[\\/])(node_modules|dist)([\\/]|$)/;

function upToDate(folder: string, entry: string, sources: readonly string[], command: string): string {
  const made = join(root, folder);
  const built = existsSync(join(made, entry)) ? statSync(join(made, entry)).mtimeMs : 0;
  for (const source of sources)
    for (const file of readdirSync(join(root, source), { recursive: true, encoding: 'utf8' }))
      if (!beside.test(file) && statSync(join(root, source, file)).mtimeMs > built)
        throw new Error(`${folder} is older than ${source}/${file}: ${command} makes it anew`);
  return made;
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
