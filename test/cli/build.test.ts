import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const dist = new URL('../../dist/', import.meta.url);

/** What a built module and the modules it needs import from outside, and the files it needs. */
function graph(entry: string): { files: string[]; outside: string[] } {
  const files = new Set<string>();
  const outside = new Set<string>();
  const visit = (url: URL) => {
    if (files.has(url.href)) return;
    files.add(url.href);
    const text = readFileSync(url, 'utf8');
    for (const [, name] of text.matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*)"([^"]+)"/g)) {
      if (name?.startsWith('.')) visit(new URL(name, url));
      else outside.add(name as string);
    }
  };
  visit(new URL(entry, dist));
  return { files: [...files].map((file) => file.slice(dist.href.length)), outside: [...outside] };
}

test('the browser entry needs nothing of Node, no package and no command line', () => {
  const { files, outside } = graph('index.js');
  expect(files).toContain('context.js');
  expect(outside).toEqual([]);
  expect(files.filter((file) => /^(cli|io)\b/.test(file))).toEqual([]);
});

test('the command is a script that Node runs, beside the library', () => {
  const { files, outside } = graph('cli.js');
  expect(readFileSync(new URL('cli.js', dist), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  expect(files).toContain('context.js');
  expect(outside).toEqual(expect.arrayContaining(['commander', 'node:fs/promises']));
});
