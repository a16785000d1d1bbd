/**
 * @file Whether an adapter's own f32 arithmetic rounds as IEEE 754 says, so that kernels may use it where bits
 * are promised. WGSL allows either neighbour and an unfused fma(); most GPUs do better, and three of a probe's
 * experiments on the device tell.
 */

import type { Gpu } from '../gpu/gpu.js';
import { f32Precision } from './precision.js';
import { conduct } from './scalar/experiment.js';
import { gpuScalarUnit } from './scalar/gpu-unit.js';
import { basicRounding, multiplyAdd } from './scalar/rounding.js';

/** What was found to round once, to nearest even, on numbers far from f32's limits. */
export interface NativeArithmetic {
  readonly add: boolean;
  readonly multiply: boolean;
  /** fma() rounds its product and its sum together. */
  readonly fma: boolean;
}

const known = new WeakMap<Gpu, Promise<NativeArithmetic>>();

/** Finds out on the device, once. */
export function nativeArithmetic(gpu: Gpu): Promise<NativeArithmetic> {
  let found = known.get(gpu);
  if (!found) {
    found = measure(gpu);
    known.set(gpu, found);
    // What failed for lack of memory may succeed later.
    found.catch(() => known.delete(gpu));
  }
  return found;
}

async function measure(gpu: Gpu): Promise<NativeArithmetic> {
  const [add, multiply, fma] = await conduct(gpuScalarUnit(gpu, 'f32'), [
    basicRounding(f32Precision, 'add'),
    basicRounding(f32Precision, 'multiply'),
    multiplyAdd(f32Precision, 'fma'),
  ]);
  return {
    add: add?.answer === 'nearest-even',
    multiply: multiply?.answer === 'nearest-even',
    fma: fma?.answer === 'fused, nearest-even',
  };
}
