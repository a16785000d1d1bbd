/** @file One device on the software adapter for a test file, opened once and closed at its end. */

import { afterAll } from 'vitest';
import { chooseAdapter } from '../src/gpu/choose.js';
import { Gpu, type GpuOptions } from '../src/gpu/gpu.js';
import { nullSource } from '../src/gpu/null.js';
import { softwareSource } from '../src/gpu/software.js';

/** A device for this file's tests: SwiftShader, or the null backend, which compiles and computes nothing. */
export async function openTestGpu(
  kind: 'software' | 'null' = 'software',
  options: GpuOptions = {},
): Promise<Gpu> {
  const gpu = await Gpu.open(await chooseAdapter([softwareSource, nullSource], kind), options);
  afterAll(() => gpu.dispose());
  return gpu;
}
