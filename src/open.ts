/** @file Opening a context: what may be asked for, and the checks of it. */

import { Context } from './context.js';
import { ArgumentError, requireCount, requireOptions } from './errors.js';
import { type AdapterChoice, chooseAdapter } from './gpu/choose.js';
import { featureNames, raisedLimits } from './gpu/device.js';
import { Gpu, type GpuOptions } from './gpu/gpu.js';
import type { AdapterSource } from './gpu/source.js';
import { followStored, type TuningStore } from './tune/store.js';

export interface OpenOptions extends GpuOptions {
  /** Default auto: the fastest adapter there is. */
  readonly adapter?: AdapterChoice;
  /** Whether `auto` follows what `octile tune` has found and stored for the adapter. Default true. */
  readonly tuned?: boolean;
}

const openOptions = { adapter: true, withoutFeatures: true, limits: true, tuned: true } as const;
const limitChoices = ['adapter', 'default'];

/**
 * Opens a context on the first of `sources` that fits. The package's entries wrap this with the sources of
 * their platform.
 * @throws ArgumentError for an option that does not exist, AdapterError if there is no adapter,
 *   UnsupportedError if it gives no device
 */
export async function openContext(
  sources: readonly AdapterSource[],
  options: OpenOptions = {},
  store?: TuningStore,
): Promise<Context> {
  requireOptions('options', options, openOptions);
  const { adapter, tuned = true, ...rest } = options;
  if (typeof tuned !== 'boolean') throw new ArgumentError('tuned', tuned, 'true or false');
  if (adapter !== undefined && (typeof adapter !== 'string' || adapter === ''))
    throw new ArgumentError(
      'adapter',
      adapter,
      "auto, hardware, software, null or a part of an adapter's name",
    );
  requireLimits(rest.limits);
  requireFeatures(rest.withoutFeatures);
  const gpu = await Gpu.open(await chooseAdapter(sources, adapter), rest);
  if (tuned && store) await followStored(gpu, store);
  return new Context(gpu);
}

function requireLimits(limits: OpenOptions['limits'] = 'adapter'): void {
  if (typeof limits !== 'object' || limits === null) {
    if (!limitChoices.includes(limits))
      throw new ArgumentError('limits', limits, `${limitChoices.join(', ')}, or a table of limits`);
    return;
  }
  const names: readonly string[] = raisedLimits;
  for (const [name, value] of Object.entries(limits)) {
    if (!names.includes(name))
      throw new ArgumentError(`limits.${name}`, value, `the limits ${names.join(', ')}`);
    requireCount(`limits.${name}`, value);
  }
}

function requireFeatures(names: readonly string[] = []): void {
  if (!Array.isArray(names)) throw new ArgumentError('withoutFeatures', names, 'an array of names');
  const allowed: readonly string[] = featureNames;
  const unknown = names.findIndex((name) => !allowed.includes(name));
  if (unknown >= 0)
    throw new ArgumentError(`withoutFeatures[${unknown}]`, names[unknown], allowed.join(', '));
}
