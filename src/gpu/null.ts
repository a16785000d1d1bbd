/**
 * @file Dawn's null backend: compiles and validates every shader with every feature, computes nothing. For
 * checking kernels on machines that lack the hardware they need.
 */

import { dawnFlags, loadDawn, requestAdapter } from './dawn.js';
import type { AdapterSource } from './source.js';

export const nullSource: AdapterSource = {
  name: 'null',
  kind: 'null',
  async request(): Promise<GPUAdapter | string> {
    const dawn = await loadDawn();
    if (typeof dawn === 'string') return dawn;
    const adapter = await requestAdapter(dawn, { flags: [...dawnFlags, 'backend=null'] });
    return adapter ?? 'Dawn offers no null backend here';
  },
};
