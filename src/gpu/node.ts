/** @file Native adapters in Node: Vulkan, Metal or Direct3D 12, through Dawn. */

import process from 'node:process';
import { adapterName } from './browser.js';
import { dawnFlags, loadDawn, requestAdapter } from './dawn.js';
import type { AdapterSource } from './source.js';
import { lacksVulkan } from './vulkan.js';

const advice: Partial<Record<NodeJS.Platform, string>> = {
  linux: 'a Vulkan driver and its loader (libvulkan.so.1) are needed',
  darwin: 'Metal is needed: macOS 11 or later on a supported GPU',
  win32: 'a Direct3D 12 driver is needed: update the graphics driver',
};

export const nodeSource: AdapterSource = {
  name: 'node',
  kind: 'hardware',
  async request(name?: string): Promise<GPUAdapter | string> {
    const dawn = await loadDawn();
    if (typeof dawn === 'string') return dawn;
    if (lacksVulkan()) return `no native GPU found; ${advice.linux}`;
    const flags = name === undefined ? dawnFlags : [...dawnFlags, `adapter=${name}`];
    let adapter: GPUAdapter | null = null;
    try {
      adapter = await requestAdapter(dawn, { flags, options: { powerPreference: 'high-performance' } });
    } catch (error) {
      return `Dawn refused: ${error instanceof Error ? error.message : String(error)}`;
    }
    if (!adapter) {
      const which = name === undefined ? 'no native GPU found' : `no native GPU matches "${name}"`;
      return `${which}; ${advice[process.platform] ?? 'a Vulkan driver is needed'}`;
    }
    if (adapter.info.isFallbackAdapter && name === undefined)
      return `the only native adapter is a software one (${adapterName(adapter)})`;
    return adapter;
  },
};
