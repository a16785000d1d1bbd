/** @file The one device that views share, as a signal: being opened, ready, lost, or none. */

import { signal } from '@preact/signals';
import { AdapterError, OctileError } from '../../src/errors.js';
import type { GpuOptions } from '../../src/gpu/gpu.js';
import type { Context } from '../../src/index.js';
import { restrictionsOf } from './restrict.js';

export type DeviceState =
  | { readonly status: 'opening' }
  /** There is no WebGPU or no adapter; `missing` says which, `reason` says it in words. */
  | { readonly status: 'none'; readonly missing: 'webgpu' | 'adapter' | 'device'; readonly reason: string }
  | { readonly status: 'ready'; readonly context: Context }
  | { readonly status: 'lost'; readonly reason: string };

export const device = signal<DeviceState>({ status: 'opening' });

/** Whether the first attempt to open it is over: views wait for it, so that nothing moves when it is. */
export const settled = signal(false);

/** What the address hides of the GPU; an error for what cannot be understood. */
export const restrictions = readRestrictions();

function readRestrictions(): { readonly options: GpuOptions; readonly error?: string } {
  try {
    return { options: restrictionsOf(location.search) };
  } catch (error) {
    if (!(error instanceof OctileError)) throw error;
    return { options: {}, error: error.message };
  }
}

/** Opens the device, or another after it was lost. Never throws: the signal says what became of it. */
export async function openDevice(): Promise<void> {
  device.value = { status: 'opening' };
  try {
    // The library is the larger part of the page: the shell is painted before it is there.
    const { open } = await import('../../src/index.js');
    const context = await open(restrictions.options);
    device.value = { status: 'ready', context };
    void context.gpu.device.lost.then(({ message }) => {
      const { value } = device;
      if (value.status === 'ready' && value.context === context)
        device.value = {
          status: 'lost',
          reason: message.replace(/\.$/, '') || 'the browser gives no reason',
        };
    });
  } catch (error) {
    device.value = { status: 'none', ...absence(error) };
  }
  settled.value = true;
}

function absence(error: unknown): { missing: 'webgpu' | 'adapter' | 'device'; reason: string } {
  const message = error instanceof Error ? error.message : String(error);
  // A browser has one source of adapters: what it answered is the reason.
  const reason = message.split('\n  - ').slice(1).join('; ') || message;
  if (!navigator.gpu) return { missing: 'webgpu', reason };
  return { missing: error instanceof AdapterError ? 'adapter' : 'device', reason };
}
