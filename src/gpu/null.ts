/**
 * @file Dawn's null backend: compiles and validates every shader with every feature, computes nothing. For
 * checking kernels on machines that lack the hardware they need.
 */

import { createInstance, loadDawn } from './dawn.js';
import type { AdapterSource, FoundAdapter } from './source.js';

export const nullSource: AdapterSource = {
  name: 'null',
  kind: 'null',
  async request(): Promise<FoundAdapter | string> {
    const dawn = await loadDawn();
    if (typeof dawn === 'string') return dawn;
    let gpu: GPU | undefined = createInstance(dawn, ['backend=null']);
    const adapter = await gpu.requestAdapter();
    if (!adapter) return 'Dawn offers no null backend here';
    return {
      adapter,
      release() {
        gpu = undefined;
      },
    };
  },
};
