/** @file The Node entry: WebGPU built into the runtime, native through Dawn, or the embedded software adapter. */

import type { Context } from './context.js';
import { browserSource } from './gpu/browser.js';
import { nodeSource } from './gpu/node.js';
import { nullSource } from './gpu/null.js';
import { softwareSource } from './gpu/software.js';
import type { AdapterSource } from './gpu/source.js';
import { type OpenOptions, openContext } from './open.js';
import { followedStore } from './tune/file-store.js';

export * from './library.js';

/** Every source of adapters, fastest first. */
export function adapterSources(): AdapterSource[] {
  const builtIn = globalThis.navigator?.gpu ? [browserSource] : [];
  return [...builtIn, nodeSource, softwareSource, nullSource];
}

/** Opens a context on the fastest adapter there is: a GPU if any, the embedded software adapter otherwise. */
export function open(options: OpenOptions = {}): Promise<Context> {
  return openContext(adapterSources(), options, followedStore());
}
