/** @file The licences of what a build bundles, in one file beside it: those who pass a copy on owe its notice. */

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';

/** Files of a package that its licence asks to pass on. */
const notices = /^(?:licen[cs]e|notice|copyright|copying)/i;

export interface BundledLicences {
  /** Notes what is bundled; a worker, whose build is one of its own, needs it too. */
  collect(): Plugin;
  /** Writes the file into the build. */
  write(fileName: string): Plugin;
}

export function bundledLicences(): BundledLicences {
  const folders = new Set<string>();
  const note = (bundle: Readonly<Record<string, object>>) => {
    for (const chunk of Object.values(bundle))
      for (const id of 'moduleIds' in chunk ? (chunk.moduleIds as string[]) : []) {
        const folder = packageOf(id);
        if (folder !== undefined) folders.add(folder);
      }
  };
  return {
    collect: () => ({ name: 'collect-licences', generateBundle: (_, bundle) => note(bundle) }),
    write: (fileName) => ({
      name: 'write-licences',
      generateBundle(_, bundle) {
        note(bundle);
        if (folders.size === 0) return;
        const source = [...folders]
          .map(textOf)
          .sort()
          .join(`\n${'-'.repeat(80)}\n\n`);
        this.emitFile({ type: 'asset', fileName, source });
      },
    }),
  };
}

/** The folder of the package that a module belongs to; undefined for one of octile's own. */
function packageOf(id: string): string | undefined {
  return /^\0?(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1];
}

/**
 * A package's name and its notices.
 * @throws Error if it has none and names no licence: then it must not be bundled
 */
function textOf(folder: string): string {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const { name, version, license, author, repository } = manifest;
  const files = readdirSync(folder).filter((file) => notices.test(file));
  const texts = files.flatMap((file) => {
    const path = join(folder, file);
    const paths = statSync(path).isDirectory() ? readdirSync(path).map((one) => join(path, one)) : [path];
    return paths.map((one) => readFileSync(one, 'utf8').trim());
  });
  if (texts.length === 0 && typeof license !== 'string')
    throw new Error(`${name} ${version} is bundled, and neither has a licence in ${folder} nor names one`);
  if (texts.length === 0)
    texts.push(`By ${author?.name ?? author ?? 'the authors'} of ${repository?.url ?? repository ?? name}.`);
  return `${name} ${version}, ${license}\n\n${texts.join('\n\n')}\n`;
}
