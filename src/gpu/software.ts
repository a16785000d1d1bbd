/**
 * @file The embedded software adapter: SwiftShader, a Vulkan implementation on the CPU, out of the npm package
 * @sparticuz/chromium, so that a machine with nothing but Node can run everything.
 *
 * Dawn looks for the Vulkan loader beside its own native module. A copy of that module is therefore kept in a
 * cache folder together with the package's loader and SwiftShader; nothing of the system is used or changed.
 */

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';
import { createInstance, type Dawn, dawnModulePath, firstLine, loadDawnFrom } from './dawn.js';
import type { AdapterSource, FoundAdapter } from './source.js';

export const softwareSource: AdapterSource = {
  name: 'software',
  kind: 'software',
  async request(): Promise<FoundAdapter | string> {
    if (process.platform !== 'linux' || process.arch !== 'x64')
      return `the embedded software adapter is for Linux on x64, this is ${process.platform} on ${process.arch}`;
    try {
      dawn ??= install();
      const { create, folder } = await dawn;
      return await start(create, folder);
    } catch (error) {
      dawn = undefined;
      return `the embedded software adapter could not be set up: ${firstLine(error)}`;
    }
  },
};

interface Installed {
  readonly create: Dawn;
  readonly folder: string;
}

let dawn: Promise<Installed> | undefined;

/** Unpacks the loader, SwiftShader and a copy of Dawn into the cache, once per version of both packages. */
async function install(): Promise<Installed> {
  const source = dawnModulePath();
  const archive = swiftShaderArchive();
  const [dawnStat, archiveStat] = [await stat(source), await stat(archive)];
  const key = createHash('sha256')
    .update(
      `${source} ${dawnStat.size} ${dawnStat.mtimeMs} ${archive} ${archiveStat.size} ${archiveStat.mtimeMs}`,
    )
    .digest('hex')
    .slice(0, 16);
  const parent = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'octile');
  const folder = join(parent, `software-${key}`);
  if (!existsSync(folder)) {
    await mkdir(parent, { recursive: true });
    const fresh = await mkdtemp(join(parent, 'unpack-'));
    const { default: tar } = await import('tar-fs');
    await pipeline(Readable.from([await readFile(archive)]), createBrotliDecompress(), tar.extract(fresh));
    await copyFile(source, join(fresh, 'dawn.node'));
    // The folder appears whole or not at all; another process may have been quicker.
    await rename(fresh, folder).catch(async (error: unknown) => {
      await rm(fresh, { recursive: true, force: true });
      if (!existsSync(folder)) throw error;
    });
  }
  return { create: loadDawnFrom(join(folder, 'dawn.node')), folder };
}

async function start(dawn: Dawn, folder: string): Promise<FoundAdapter | string> {
  const variable = 'VK_ICD_FILENAMES';
  const before = process.env[variable];
  process.env[variable] = join(folder, 'vk_swiftshader_icd.json');
  try {
    let gpu: GPU | undefined = createInstance(dawn);
    const adapter = await gpu.requestAdapter();
    if (!adapter) return 'SwiftShader was unpacked but Dawn finds no adapter in it';
    return {
      adapter,
      release() {
        gpu = undefined;
      },
    };
  } finally {
    if (before === undefined) delete process.env[variable];
    else process.env[variable] = before;
  }
}

function swiftShaderArchive(): string {
  let folder: string;
  try {
    folder = dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium'));
  } catch {
    throw new Error('the npm package @sparticuz/chromium is not installed: npm install @sparticuz/chromium');
  }
  // The package's entry lies some folders below its root; the archive is in the root's bin.
  for (; folder !== dirname(folder); folder = dirname(folder)) {
    const archive = join(folder, 'bin', 'swiftshader.tar.br');
    if (existsSync(archive)) return archive;
  }
  throw new Error('the npm package @sparticuz/chromium has no bin/swiftshader.tar.br');
}
