/** @file One device for a test file, opened once and closed at its end. */

import process from 'node:process';
import { afterAll } from 'vitest';
import { chooseAdapter } from '../src/gpu/choose.js';
import { Gpu, type GpuOptions } from '../src/gpu/gpu.js';
import { nodeSource } from '../src/gpu/node.js';
import { nullSource } from '../src/gpu/null.js';
import { softwareSource } from '../src/gpu/software.js';

/**
 * A device for this file's tests: SwiftShader, or the null backend, which compiles and computes nothing.
 * OCTILE_TEST_ADAPTER=hardware runs the computing tests on this machine's GPU instead of SwiftShader.
 */
export async function openTestGpu(
  kind: 'software' | 'null' = 'software',
  options: GpuOptions = {},
): Promise<Gpu> {
  const choice = kind === 'null' ? kind : (process.env.OCTILE_TEST_ADAPTER ?? kind);
  const gpu = await Gpu.open(await chooseAdapter([nodeSource, softwareSource, nullSource], choice), options);
  afterAll(() => gpu.dispose());
  return gpu;
}
