/**
 * @file Lending octile's device to libraries that ask navigator.gpu for one of their own: what is to be compared
 * must run on the same device, with the same features and toggles.
 */

import type { Gpu } from '../../src/gpu/gpu.js';

/**
 * Does `work` while navigator.gpu offers one adapter, which gives octile's device. In Node there is no navigator.gpu
 * before or after: octile itself would take a runtime that has one for a browser.
 */
export async function lendDevice<T>(gpu: Gpu, work: () => Promise<T>): Promise<T> {
  acceptSharedViews(gpu.device.queue);
  adoptClasses(gpu.device);
  tellMatrixUnits(gpu);
  const lent = { ...lentGpu(gpu), wgslLanguageFeatures: globalThis.navigator?.gpu?.wgslLanguageFeatures };
  // Node 20 has no navigator, and libraries read the browser's name from it.
  if (!globalThis.navigator)
    Object.defineProperty(globalThis, 'navigator', { value: { userAgent: 'node' }, configurable: true });
  const { navigator } = globalThis;
  const own = Object.getOwnPropertyDescriptor(navigator, 'gpu');
  Object.defineProperty(navigator, 'gpu', { value: lent, configurable: true });
  try {
    return await work();
  } finally {
    // In a browser the property is the prototype's, and shows again.
    if (own) Object.defineProperty(navigator, 'gpu', own);
    else Reflect.deleteProperty(navigator, 'gpu');
  }
}

function lentGpu({ device, adapter }: Gpu) {
  const { info } = adapter.adapter;
  return {
    requestAdapter: async () => ({
      info,
      features: device.features,
      limits: device.limits,
      requestDevice: async () => device,
    }),
    getPreferredCanvasFormat: () => 'bgra8unorm',
  };
}

/**
 * Makes the global classes those of the device: libraries ask whether a buffer is a GPUBuffer. In Node they may be
 * another's, of a copy of Dawn that found no adapter.
 */
function adoptClasses(device: GPUDevice): void {
  const buffer = device.createBuffer({ size: 4, usage: GPUBufferUsage.COPY_DST });
  for (const [name, one] of Object.entries({ GPUBuffer: buffer, GPUDevice: device }))
    Object.defineProperty(globalThis, name, { value: one.constructor, configurable: true, writable: true });
  buffer.destroy();
}

/**
 * Makes what the device says of its adapter what the adapter says: Dawn for Node (webgpu 0.6.2) leaves the shapes of
 * matrix units out, by which ONNX Runtime chooses its kernels. A browser has them in both.
 */
function tellMatrixUnits({ device, adapter }: Gpu): void {
  Object.defineProperty(device, 'adapterInfo', { value: adapter.adapter.info, configurable: true });
}

const accepting = new WeakSet<GPUQueue>();

/**
 * Makes writeBuffer take views of shared memory, as WebGPU has it: Dawn for Node (webgpu 0.6.2) refuses them, and
 * WebAssembly with threads, such as ONNX Runtime, has no other memory.
 */
function acceptSharedViews(queue: GPUQueue): void {
  if (accepting.has(queue)) return;
  accepting.add(queue);
  const writeBuffer = queue.writeBuffer.bind(queue);
  queue.writeBuffer = (buffer, offset, data, dataOffset = 0, size) => {
    const source = ArrayBuffer.isView(data) ? data.buffer : data;
    if (typeof SharedArrayBuffer === 'undefined' || !(source instanceof SharedArrayBuffer)) {
      writeBuffer(buffer, offset, data as Parameters<typeof writeBuffer>[2], dataOffset, size);
      return;
    }
    // Offset and size count elements of a typed array, and bytes of anything else.
    const unit = ArrayBuffer.isView(data) && 'BYTES_PER_ELEMENT' in data ? Number(data.BYTES_PER_ELEMENT) : 1;
    const start = (ArrayBuffer.isView(data) ? data.byteOffset : 0) + dataOffset * unit;
    const length = size === undefined ? data.byteLength - dataOffset * unit : size * unit;
    writeBuffer(buffer, offset, new Uint8Array(new Uint8Array(source, start, length)));
  };
}
