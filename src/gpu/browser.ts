/** @file Adapters of navigator.gpu: browsers, and runtimes such as Deno that have WebGPU built in. */

import type { AdapterSource } from './source.js';

export const browserSource: AdapterSource = {
  name: 'browser',
  kind: 'hardware',
  async request(name?: string): Promise<GPUAdapter | string> {
    const gpu = globalThis.navigator?.gpu as GPU | undefined;
    if (!gpu) {
      const insecure = globalThis.isSecureContext === false;
      return insecure
        ? 'WebGPU needs a secure context: serve the page over https or from localhost'
        : 'this browser has no WebGPU: use a current Chrome, Edge, Firefox or Safari, or switch it on in its settings';
    }
    const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
    if (!adapter)
      return 'the browser has WebGPU but offers no adapter: the GPU may be blocklisted or its driver too old (chrome://gpu says)';
    if (name !== undefined && !adapterName(adapter).toLowerCase().includes(name.toLowerCase()))
      return `the browser offers "${adapterName(adapter)}" only, which does not match "${name}"`;
    return adapter;
  },
};

/** What an adapter calls itself: its description, or its vendor and architecture where that is empty. */
export function adapterName(adapter: GPUAdapter): string {
  const { description, vendor, architecture, device } = adapter.info;
  return description || [vendor, architecture || device].filter(Boolean).join(' ') || 'unnamed adapter';
}
