import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { defineConfig } from 'vite';
import { bundledLicences } from './scripts/licences.js';

const manifest = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
const packages = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies });
const external = [...builtinModules, ...builtinModules.map((name) => `node:${name}`)];

/** The library (a browser entry and a Node entry) and the command line. Modules are kept apart, so that a
 * bundler can drop what an application does not use; shaders are inlined as text. */
export default defineConfig({
  define: { __VERSION__: JSON.stringify(manifest.version) },
  plugins: [bundledLicences().write('vendor/licences.txt')],
  build: {
    target: 'es2022',
    minify: false,
    lib: {
      entry: { index: 'src/index.ts', node: 'src/node.ts', cli: 'src/cli/main.ts' },
      formats: ['es'],
    },
    rolldownOptions: {
      external: (id) =>
        external.includes(id) || packages.some((name) => id === name || id.startsWith(`${name}/`)),
      // What is not external is bundled, so that the browser entry works without a bundler: not in a folder that
      // npm leaves out of packages.
      output: {
        preserveModules: true,
        preserveModulesRoot: 'src',
        entryFileNames: ({ name }) => `${name.replaceAll('node_modules/', 'vendor/')}.js`,
      },
    },
  },
});
