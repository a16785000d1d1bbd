/**
 * @file Buffers that octile hands out as such: WebGPU does not say of a buffer which device it is on, nor whether it is
 * destroyed.
 */

import type { Gpu } from './gpu.js';

const owners = new WeakMap<GPUBuffer, Gpu>();
const destroyed = new WeakSet<GPUBuffer>();

/** The same buffer, whose GPU is known from now on. */
export function handOut(gpu: Gpu, buffer: GPUBuffer): GPUBuffer {
  owners.set(buffer, gpu);
  return buffer;
}

export function destroyKnown(buffer: GPUBuffer): void {
  buffer.destroy();
  destroyed.add(buffer);
}

/** Whether destroyKnown() has destroyed it. */
export function isKnownDestroyed(buffer: GPUBuffer): boolean {
  return destroyed.has(buffer);
}

/** Whether it was handed out on another GPU. */
export function isElsewhere(gpu: Gpu, buffer: GPUBuffer): boolean {
  const owner = owners.get(buffer);
  return owner !== undefined && owner !== gpu;
}
