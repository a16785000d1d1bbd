/** @file The browser entry: WebGPU from navigator.gpu, and nothing of Node. */

import type { Context } from './context.js';
import { browserSource } from './gpu/browser.js';
import { type OpenOptions, openContext } from './open.js';
import { browserStore } from './tune/browser-store.js';

export * from './library.js';

/** Opens a context on the browser's fastest adapter. */
export function open(options: OpenOptions = {}): Promise<Context> {
  return openContext([browserSource], options, browserStore);
}
