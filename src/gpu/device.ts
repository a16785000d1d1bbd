/** @file Asking an adapter for a device, with the features and limits that kernels can use. */

import { UnsupportedError } from '../errors.js';
import type { ChosenAdapter } from './choose.js';

/** Features that octile's kernels can use, requested where the adapter has them. */
export const featureNames = [
  'shader-f16',
  'subgroups',
  'timestamp-query',
  'chromium-experimental-subgroup-matrix',
] as const;

/** Limits raised to what the adapter offers. */
export const raisedLimits = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
] as const;
export type RaisedLimit = (typeof raisedLimits)[number];

export interface GpuOptions {
  /** Features to leave off although the adapter has them, to see what runs without. */
  readonly withoutFeatures?: readonly string[];
  /**
   * - adapter (default): as much as the adapter offers
   * - default: WebGPU's guaranteed limits
   * - a table: as much as the adapter offers, but no more of these than it says, to see what runs on less;
   *   WebGPU's guarantees are the least
   */
  readonly limits?: 'adapter' | 'default' | Readonly<Partial<Record<RaisedLimit, number>>>;
}

/**
 * A device of the adapter.
 * @throws UnsupportedError if the adapter refuses
 */
export async function requestDevice(
  { adapter, name }: ChosenAdapter,
  options: GpuOptions,
): Promise<GPUDevice> {
  const features = featureNames.filter(
    (feature) => adapter.features.has(feature) && !options.withoutFeatures?.includes(feature),
  );
  const requiredLimits: Record<string, number> = {};
  const { limits = 'adapter' } = options;
  const most = typeof limits === 'object' ? limits : {};
  if (limits !== 'default')
    for (const limit of raisedLimits)
      requiredLimits[limit] = Math.min(adapter.limits[limit], most[limit] ?? Infinity);
  try {
    return await adapter.requestDevice({
      requiredFeatures: features as unknown as GPUFeatureName[],
      requiredLimits,
    });
  } catch (error) {
    throw new UnsupportedError(
      `the adapter ${name} gave no device: ${error instanceof Error ? error.message : error}`,
    );
  }
}
