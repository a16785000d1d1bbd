/** @file Headless Chromium out of the npm package @sparticuz/chromium: nothing of the system is used. */

import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';
import { type Browser, chromium } from 'playwright-core';
import { cachedFolder } from '../../src/gpu/cache.js';
import { chromiumPackage, unpack } from '../../src/gpu/software.js';

/** Why Chromium cannot run here, or undefined if it can. */
export const chromiumObstacle =
  process.platform === 'linux' && process.arch === 'x64'
    ? undefined
    : `the npm package's Chromium is for Linux on x64, this is ${process.platform} on ${process.arch}`;

/** Starts Chromium with WebGPU on the CPU. It is unpacked once per version, which takes a few seconds. */
export async function launchChromium(): Promise<Browser> {
  const { bin, version } = chromiumPackage();
  const folder = await cachedFolder(`chromium-${version}`, async (fresh) => {
    const executable = join(fresh, 'chromium');
    await pipeline(
      createReadStream(join(bin, 'chromium.br')),
      createBrotliDecompress({ chunkSize: 2 ** 20 }),
      createWriteStream(executable),
    );
    await chmod(executable, 0o755);
    // SwiftShader must lie beside the executable; the libraries (NSS, NSPR, expat) may lie anywhere.
    await unpack(join(bin, 'swiftshader.tar.br'), fresh);
    const libraries = join(fresh, 'libraries');
    await mkdir(libraries);
    await unpack(join(bin, 'al2023.tar.br'), libraries);
  });
  const libraryPath = [join(folder, 'libraries', 'lib'), process.env.LD_LIBRARY_PATH]
    .filter(Boolean)
    .join(':');
  return chromium.launch({
    executablePath: join(folder, 'chromium'),
    // No sandbox: containers forbid the system calls it needs, and the only page is our own.
    args: [
      '--no-sandbox',
      '--enable-unsafe-webgpu',
      '--use-webgpu-adapter=swiftshader',
      // As softwareFlags in src/gpu/dawn.ts, for the same reason.
      '--disable-dawn-features=use_vulkan_zero_initialize_workgroup_memory_extension',
    ],
    env: { ...process.env, LD_LIBRARY_PATH: libraryPath } as Record<string, string>,
  });
}
