/** @file Building a page with the peers where they are installed, and without them where not. */

import { existsSync, readFileSync } from 'node:fs';
import type { Plugin } from 'vite';

const manifest = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
const packages = Object.keys(manifest.dependencies);

/**
 * Leaves imports of packages that are not installed as they are, instead of failing the build: loading them fails
 * then, and openPeers() reports the library as absent.
 */
export function optionalPeers(): Plugin {
  return {
    name: 'optional-peers',
    enforce: 'pre',
    resolveId(id) {
      const name = packages.find((one) => id === one || id.startsWith(`${one}/`));
      if (name === undefined || existsSync(new URL(`node_modules/${name}`, import.meta.url))) return null;
      return { id, external: true };
    },
  };
}
