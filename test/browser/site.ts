/** @file A site on localhost, which browsers count as secure: the page of this folder, and the built package. */

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
};

export interface Site {
  readonly url: string;
  close(): void;
}

/** Serves page.html at /, page.js, and `dist` below /octile. */
export async function serve(dist: string): Promise<Site> {
  const server = createServer(async ({ url = '/' }, response) => {
    const path = normalize(new URL(url, 'http://localhost').pathname);
    const [, inPackage] = path.match(/^\/octile(\/.*)$/) ?? [];
    const own = path === '/' ? 'page.html' : path;
    const inside = inPackage?.endsWith('/') ? `${inPackage}index.html` : inPackage;
    const file = inside ? join(dist, inside) : join(import.meta.dirname, own);
    try {
      const body = await readFile(file);
      response.setHeader('content-type', types[extname(file)] ?? 'application/octet-stream').end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://localhost:${port}/`, close: () => server.close() };
}
