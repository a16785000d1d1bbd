/** @file Buffers that octile hands out and destroys: WebGPU does not say of a buffer whether it is destroyed. */

const destroyed = new WeakSet<GPUBuffer>();

export function destroyKnown(buffer: GPUBuffer): void {
  buffer.destroy();
  destroyed.add(buffer);
}

/** Whether destroyKnown() has destroyed it. */
export function isKnownDestroyed(buffer: GPUBuffer): boolean {
  return destroyed.has(buffer);
}
