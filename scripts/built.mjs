// Builds the package if it has not been built, so that `npm run octile` works as the first command after a clone
// and after a build that was interrupted.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
if (!existsSync(`${root}dist/cli.js`)) {
  const result = spawnSync('npm', ['run', '--silent', 'build'], {
    cwd: root,
    // The command's own output is for stdout; a build has nothing to say there.
    stdio: ['ignore', 2, 'inherit'],
    shell: process.platform === 'win32',
  });
  process.exit(result.status ?? 1);
}
