/**
 * @file The embedded software adapter: SwiftShader, a Vulkan implementation on the CPU, out of the npm package
 * @sparticuz/chromium, so that a machine with nothing but Node can run everything.
 *
 * Dawn looks for the Vulkan loader beside its own native module. A copy of that module is therefore kept in a
 * cache folder together with the package's loader and SwiftShader; nothing of the system is used or changed.
 */

import { createReadStream, existsSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';
import { cachedFolder } from './cache.js';
import {
  type Dawn,
  dawnModulePath,
  dawnVersion,
  firstLine,
  loadDawnFrom,
  requestAdapter,
  softwareFlags,
} from './dawn.js';
import { paceDawn } from './pace.js';
import type { AdapterSource } from './source.js';
import { lacksVulkan } from './vulkan.js';

export const softwareSource: AdapterSource = {
  name: 'software',
  kind: 'software',
  async request(): Promise<GPUAdapter | string> {
    if (process.platform !== 'linux' || process.arch !== 'x64')
      return `the embedded software adapter is for Linux on x64, this is ${process.platform} on ${process.arch}`;
    try {
      dawn ??= install();
      const { create, folder } = await dawn;
      const environment = { VK_ICD_FILENAMES: join(folder, 'vk_swiftshader_icd.json') };
      const adapter = await requestAdapter(create, { flags: softwareFlags, environment });
      if (adapter) paceDawn();
      return adapter ?? 'SwiftShader was unpacked but Dawn finds no adapter in it';
    } catch (error) {
      dawn = undefined;
      return `the embedded software adapter could not be set up: ${firstLine(error)}`;
    }
  },
};

/** The folder that holds Dawn, the loader and SwiftShader, unpacked if it is not there. */
export async function softwareFolder(): Promise<string> {
  dawn ??= install();
  return (await dawn).folder;
}

interface Installed {
  readonly create: Dawn;
  readonly folder: string;
}

let dawn: Promise<Installed> | undefined;

/** Unpacks the loader, SwiftShader and a copy of Dawn into the cache, once per version of both packages. */
async function install(): Promise<Installed> {
  const source = dawnModulePath();
  const chromium = chromiumPackage();
  const name = `swiftshader-${chromium.version}-webgpu-${dawnVersion()}`;
  const folder = await cachedFolder(name, async (fresh) => {
    await unpack(join(chromium.bin, 'swiftshader.tar.br'), fresh);
    await copyFile(source, join(fresh, 'dawn.node'));
  });
  // What the system has can be told only before this adapter's own loader is in the process.
  lacksVulkan();
  return { create: loadDawnFrom(join(folder, 'dawn.node')), folder };
}

/** Unpacks a .tar.br archive into a folder. */
export async function unpack(archive: string, folder: string): Promise<void> {
  const { default: tar } = await import('tar-fs');
  const { getuid, getgid } = process;
  const extract = tar.extract(folder, {
    // Root would give the files to whoever packed them, and this is code that will be loaded.
    map: (header) => (getuid && getgid ? { ...header, uid: getuid(), gid: getgid() } : header),
  });
  await pipeline(createReadStream(archive), createBrotliDecompress(), extract);
}

/** The folder of archives of @sparticuz/chromium, and the package's version. */
export function chromiumPackage(): { bin: string; version: string } {
  const require = createRequire(import.meta.url);
  let folder: string;
  try {
    folder = dirname(require.resolve('@sparticuz/chromium'));
  } catch {
    throw new Error('the npm package @sparticuz/chromium is not installed: npm install @sparticuz/chromium');
  }
  // The package's entry lies some folders below its root; the archives are in the root's bin.
  for (; folder !== dirname(folder); folder = dirname(folder)) {
    const bin = join(folder, 'bin');
    if (existsSync(join(bin, 'swiftshader.tar.br')))
      return { bin, version: require(join(folder, 'package.json')).version };
  }
  throw new Error('the npm package @sparticuz/chromium has no bin/swiftshader.tar.br');
}
