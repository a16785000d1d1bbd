import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const manifestAt = (path: string) => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
const peers = Object.keys(manifestAt('package.json').dependencies);

/**
 * The command for Node. Packages stay where they are: octile's in the repository's folder, the peers' beside this file.
 */
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  define: { __VERSION__: JSON.stringify(manifestAt('../../package.json').version) },
  build: {
    target: 'es2022',
    minify: false,
    ssr: 'bench/peers/main.ts',
    outDir: 'bench/peers/dist',
    emptyOutDir: true,
    rolldownOptions: {
      external: (id) => peers.some((name) => id === name || id.startsWith(`${name}/`)),
    },
  },
});
