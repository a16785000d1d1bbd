/**
 * @file Features and limits that the address asks to go without, `?hide=subgroups&limits=16KiB,128MiB`: what the
 * page does on lesser hardware can be seen on any.
 */

import { ArgumentError } from '../../src/errors.js';
import { featureNames } from '../../src/gpu/device.js';
import type { GpuOptions } from '../../src/gpu/gpu.js';

/** What every WebGPU device has: a device cannot be given less. */
const least = { workgroup: 16 * 2 ** 10, buffer: 128 * 2 ** 20 } as const;

const units: Readonly<Record<string, number>> = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

/**
 * What a device may not be given.
 * @param search the address's query: `hide` names features, `limits` gives the bytes of workgroup memory and, after
 *   a comma, of one buffer
 * @throws ArgumentError for a feature or a size that does not exist or that no device goes below
 */
export function restrictionsOf(search: string): GpuOptions {
  const query = new URLSearchParams(search);
  const hidden = (query.get('hide') ?? '').split(',').filter(Boolean);
  const known: readonly string[] = featureNames;
  for (const name of hidden)
    if (!known.includes(name)) throw new ArgumentError('hide', name, `features: ${known.join(', ')}`);
  const [workgroup, buffer] = (query.get('limits') ?? '').split(',').filter(Boolean).map(bytesOf);
  requireLeast('workgroup memory', workgroup, least.workgroup);
  requireLeast('buffers', buffer, least.buffer);
  return {
    withoutFeatures: hidden,
    limits: {
      ...(workgroup === undefined ? {} : { maxComputeWorkgroupStorageSize: workgroup }),
      ...(buffer === undefined ? {} : { maxBufferSize: buffer, maxStorageBufferBindingSize: buffer }),
    },
  };
}

function requireLeast(what: string, size: number | undefined, least: number): void {
  if (size !== undefined && size < least)
    throw new ArgumentError(
      'limits',
      sizeText(size),
      `${what} of ${sizeText(least)} or more, which every device has`,
    );
}

function bytesOf(text: string): number {
  const [, count, unit = 'B'] = /^(\d+)\s*([A-Za-z]*)$/.exec(text) ?? [];
  const size = units[unit || 'B'];
  if (count === undefined || size === undefined)
    throw new ArgumentError('limits', text, 'sizes such as 16KiB,128MiB');
  return Number(count) * size;
}

/** What is hidden, in words; undefined where nothing is. */
export function restrictionText(options: GpuOptions): string | undefined {
  const { withoutFeatures = [], limits = {} } = options;
  const { maxComputeWorkgroupStorageSize: workgroup, maxBufferSize: buffer } =
    typeof limits === 'object' ? limits : {};
  const parts = [
    ...withoutFeatures,
    ...(workgroup === undefined ? [] : [`workgroup memory beyond ${sizeText(workgroup)}`]),
    ...(buffer === undefined ? [] : [`buffers beyond ${sizeText(buffer)}`]),
  ];
  return parts.length > 0 ? parts.join(', ') : undefined;
}

/** Bytes in the largest unit of which they are at least one: "16 KiB". */
export function sizeText(bytes: number): string {
  const unit = Object.entries(units).findLast(([, size]) => bytes >= size) ?? ['B', 1];
  const count = bytes / unit[1];
  return `${Number.isInteger(count) ? count : count.toFixed(1)} ${unit[0]}`;
}
