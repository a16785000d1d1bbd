/** @file Under which flags each source starts Dawn, and that records say them. */

import { expect, test, vi } from 'vitest';
import { dawnFlags, flagsOf } from '../../src/gpu/dawn.js';
import { nodeSource } from '../../src/gpu/node.js';
import { nullSource } from '../../src/gpu/null.js';

const { started } = vi.hoisted(() => ({ started: [] as string[][] }));

vi.mock('webgpu', () => ({
  create(flags: string[]) {
    started.push(flags);
    return { requestAdapter: async () => null };
  },
  globals: {},
}));
vi.mock('../../src/gpu/vulkan.js', () => ({ lacksVulkan: () => false }));

test('every adapter in Node is asked for with what computing needs', async () => {
  expect(await nodeSource.request()).toMatch(/no native GPU/);
  expect(await nodeSource.request('some GPU')).toMatch(/no native GPU matches "some GPU"/);
  expect(await nullSource.request()).toMatch(/null backend/);
  expect(started).toEqual([
    [...dawnFlags],
    [...dawnFlags, 'adapter=some GPU'],
    [...dawnFlags, 'backend=null'],
  ]);
  expect(dawnFlags.join()).toMatch(/allow_unsafe_apis,vulkan_enable_f16_on_nvidia/);
});

test('a record says the flags of its adapter', () => {
  expect(flagsOf('node')).toEqual(dawnFlags);
  expect(flagsOf('browser')).toEqual([]);
  // SwiftShader is started with the same and one more toggle off.
  const [enabled, disabled] = dawnFlags;
  const extension = 'use_vulkan_zero_initialize_workgroup_memory_extension';
  expect(flagsOf('software')).toEqual([enabled, `${disabled},${extension}`]);
});
