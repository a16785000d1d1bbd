import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';
import { optionalPeers } from './bench/peers/optional.js';
import { bundledLicences } from './scripts/licences.js';

const manifest = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));

/**
 * What the built page may do: run its own scripts and workers, and nothing else. It cannot reach the network:
 * there is no connect-src. The development server needs sockets and inline styles, and so goes without.
 */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  // Only out of blobs: a worker of an address would be bound by no policy.
  'worker-src blob:',
  "frame-src 'self'",
  "img-src 'self' data: blob:",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/**
 * What the document may do that other libraries are loaded in: compile the WebAssembly of ONNX Runtime, too, and read
 * files of the page's own site. It reaches no other site either.
 */
const policyOfPeers = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "connect-src 'self'",
  'worker-src blob:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

function contentSecurityPolicy(): Plugin {
  return {
    name: 'content-security-policy',
    apply: 'build',
    transformIndexHtml: (_, { path }) => [
      {
        tag: 'meta',
        attrs: {
          'http-equiv': 'Content-Security-Policy',
          content: path.endsWith('/peers.html') ? policyOfPeers : policy,
        },
        injectTo: 'head-prepend',
      },
    ],
  };
}

/** A plain script, because a module would run after the first paint; put in by hand, because it is not bundled. */
function themeScript(): Plugin {
  return {
    name: 'theme-script',
    transformIndexHtml: (_, { path }) =>
      path.endsWith('/peers.html') ? [] : [{ tag: 'script', attrs: { src: './theme.js' }, injectTo: 'head' }],
  };
}

/** Libraries of bench/peers that the page brings along where their packages are installed. */
const peers = existsSync(new URL('bench/peers/node_modules', import.meta.url))
  ? ['jax', 'onnxruntime', 'tfjs']
  : [];

/** Whole paths: the development server looks for others below `root`. */
const documents = ['page/index.html', ...(peers.length > 0 ? ['page/peers.html'] : [])];

const licences = bundledLicences();

/** The benchmark page: static files that work from any path, with no server. */
export default defineConfig({
  root: 'page',
  base: './',
  publicDir: 'public',
  define: {
    __VERSION__: JSON.stringify(manifest.version),
    'import.meta.env.VITE_PEERS': JSON.stringify(peers),
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [contentSecurityPolicy(), themeScript(), optionalPeers(), licences.write('licences.txt')],
  worker: { format: 'es', plugins: () => [optionalPeers(), licences.collect()] },
  build: {
    target: 'es2022',
    outDir: '../dist-page',
    emptyOutDir: true,
    rolldownOptions: { input: documents.map((name) => fileURLToPath(new URL(name, import.meta.url))) },
    // A data: URL would be a script or a font that the policy forbids.
    assetsInlineLimit: 0,
    // The charts' library alone is larger; it is loaded when the page is idle.
    chunkSizeWarningLimit: 700,
  },
});
