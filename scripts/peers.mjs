// npm run bench:peers: installs the peers' packages if they are missing or older than their lock file, builds the
// command and runs it. They are no dependencies of octile, and nothing else needs them.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = `${root}bench/peers/`;

/** Runs a program whose own output is for stderr; ends with its status if it fails. */
function run(program, args, cwd) {
  const shell = process.platform === 'win32';
  const { status } = spawnSync(program, args, { cwd, stdio: ['ignore', 2, 'inherit'], shell });
  if (status !== 0) process.exit(status ?? 1);
}

const lock = `${folder}package-lock.json`;
const installed = `${folder}node_modules/.package-lock.json`;
const isCurrent = existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs;
const asksForHelp = process.argv.slice(2).some((argument) => ['-h', '--help'].includes(argument));
if (!isCurrent && !asksForHelp) {
  console.error('Installing the peers (npm ci in bench/peers, about 220 MB) …');
  run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], folder);
}
if (process.argv[2] === '--types') run('npx', ['tsc', '-p', 'bench/peers/tsconfig.json'], root);
else {
  run('npx', ['vite', 'build', '--config', 'bench/peers/vite.config.ts', '--logLevel', 'warn'], root);
  // In this process, so that Ctrl-C ends the run in its own way.
  await import(pathToFileURL(`${folder}dist/main.js`).href);
}
