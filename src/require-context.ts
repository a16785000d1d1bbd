/** @file The GPU of a context that a caller gives. */

import type { Context } from './context.js';
import { ArgumentError } from './errors.js';
import { Gpu } from './gpu/gpu.js';

/** @throws ArgumentError if it is no context */
export function gpuOf(context: Context): Gpu {
  const gpu: unknown = (context as Partial<Context> | null | undefined)?.gpu;
  if (!(gpu instanceof Gpu)) throw new ArgumentError('context', context, 'a context, as open() gives');
  return gpu;
}
