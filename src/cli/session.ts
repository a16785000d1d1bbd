/** @file A context for one command: opened as --adapter says, announced, and closed at the end. */

import type { Context } from '../context.js';
import type { AdapterChoice } from '../gpu/choose.js';
import type { GpuOptions } from '../gpu/gpu.js';
import { adapterSources } from '../node.js';
import { openContext } from '../open.js';
import { followedStore } from '../tune/file-store.js';
import { printAside } from './terminal.js';

export interface SessionOptions extends GpuOptions {
  /** Default auto. */
  readonly adapter?: AdapterChoice;
}

/** What a result says about the adapter that it was computed on. */
export interface AdapterResult {
  readonly name: string;
  readonly kind: string;
  readonly reason: string;
}

/**
 * Opens a context, says on stderr which adapter was taken and why, does `work`, and disposes of the context.
 * @throws AdapterError if there is no adapter, and what `work` throws
 */
export async function withContext<T>(
  options: SessionOptions,
  work: (context: Context) => Promise<T>,
): Promise<T> {
  const { adapter, withoutFeatures, limits } = options;
  const context = await openContext(
    adapterSources(),
    {
      ...(adapter === undefined ? {} : { adapter }),
      ...(withoutFeatures === undefined ? {} : { withoutFeatures }),
      ...(limits === undefined ? {} : { limits }),
    },
    followedStore(),
  );
  try {
    const { name, kind, reason } = context.adapter;
    printAside(`adapter: ${name} (${kind}): ${reason}`);
    return await work(context);
  } finally {
    context.dispose();
  }
}

/** The part of a result that names the adapter. */
export function adapterResult(context: Context): AdapterResult {
  const { name, kind, reason } = context.adapter;
  return { name, kind, reason };
}
