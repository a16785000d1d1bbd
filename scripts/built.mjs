// Builds the package if it has not been built, or if a source is newer, so that `npm run octile` works as the first
// command after a clone, after a pull, and after a build that was interrupted.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const built = `${root}dist/cli.js`;

/** When the newest file of a folder was written; bench/peers is built by a command of its own. */
function newest(folder) {
  const files = readdirSync(`${root}${folder}`, { recursive: true, withFileTypes: true });
  const times = files
    .filter((entry) => entry.isFile() && !/[\\/]peers[\\/]/.test(`${entry.parentPath}/`))
    .map((entry) => statSync(`${entry.parentPath}/${entry.name}`).mtimeMs);
  return Math.max(...times);
}

const sources = ['src', 'shaders', 'bench'];
if (!existsSync(built) || sources.some((folder) => newest(folder) > statSync(built).mtimeMs)) {
  const result = spawnSync('npm', ['run', '--silent', 'build'], {
    cwd: root,
    // The command's own output is for stdout; a build has nothing to say there.
    stdio: ['ignore', 2, 'inherit'],
    shell: process.platform === 'win32',
  });
  process.exit(result.status ?? 1);
}
