/** @file Whether a Linux system has a Vulkan loader of its own. */

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { dawnModulePath } from './dawn.js';

/** The loader's file, by which Dawn looks for it beside its own module and on the system. */
const vulkanLoader = 'libvulkan.so.1';

let lacking: boolean | undefined;

/**
 * Whether this is a Linux without a Vulkan loader: Dawn would print a warning of its own to stderr. The first answer
 * is kept, because the embedded software adapter loads a loader of that name into the process: ask before it does.
 */
export function lacksVulkan(): boolean {
  lacking ??= process.platform === 'linux' && !findsLoader();
  return lacking;
}

function findsLoader(): boolean {
  if (existsSync(join(dirname(dawnModulePath()), vulkanLoader))) return true;
  try {
    process.dlopen({ exports: {} }, vulkanLoader);
    return true;
  } catch (error) {
    // A loader that is there is loaded, and then refused because it is no module of Node.
    return !(error instanceof Error && error.message.includes('cannot open shared object file'));
  }
}
