/** @file @jax-js/jax: numpy.matmul in f32 and f16, by kernels that it generates. */

import { defaultDevice, getWebGPUDevice, init, numpy } from '@jax-js/jax';
import { UnsupportedError } from '../../src/errors.js';
import type { Gpu } from '../../src/gpu/gpu.js';
import { lendDevice } from './lend-device.js';
import type { Operands } from './operands.js';
import manifest from './package.json' with { type: 'json' };
import type { Peer, PeerModule, PreparedPeer } from './peer.js';

const library = `@jax-js/jax ${manifest.dependencies['@jax-js/jax']}`;

export const open: PeerModule['open'] = async (gpu) => {
  const backends = await lendDevice(gpu, () => init('webgpu'));
  if (!backends.includes('webgpu')) throw new UnsupportedError(`${library} found no WebGPU`);
  if (getWebGPUDevice() !== gpu.device)
    throw new UnsupportedError(`${library} keeps the device of an earlier run: start anew`);
  defaultDevice('webgpu');
  return [peer('f32'), peer('f16')];
};

function peer(dtype: 'f32' | 'f16'): Peer {
  return {
    name: `matmul ${dtype}`,
    library,
    precision: `${dtype} by ${dtype} to ${dtype}`,
    timed: 'numpy.matmul of arrays on the GPU, from the call until its work is done',
    unfit: (_product, gpu) =>
      dtype === 'f16' && !gpu.hasFeature('shader-f16') ? 'it needs the feature shader-f16' : undefined,
    prepare: (operands) => prepare(operands, dtype),
  };
}

async function prepare(operands: Operands, dtype: 'f32' | 'f16'): Promise<PreparedPeer> {
  const { gpu, product } = operands;
  const { m, n, k } = product;
  // There is no way to give it a buffer: values go through host memory, before the time counts.
  const a = await arrayOf(gpu, await operands.host('a'), [m, k], dtype);
  const b = await arrayOf(gpu, await operands.host('b'), [k, n], dtype).catch((error: unknown) => {
    a.dispose();
    throw error;
  });
  return {
    async run() {
      // Arrays are counted references, and a function takes one of each. gpuBuffer() submits and does not wait.
      await numpy.matmul(a.ref, b.ref).gpuBuffer();
    },
    async result() {
      const d = await numpy.matmul(a.ref, b.ref).astype(numpy.float32).data();
      return d as Float32Array;
    },
    oracle: { a: dtype, b: dtype, sums: dtype, out: dtype },
    dispose() {
      a.dispose();
      b.dispose();
    },
  };
}

function arrayOf(
  gpu: Gpu,
  values: Float32Array,
  shape: number[],
  dtype: 'f32' | 'f16',
): Promise<numpy.Array> {
  return gpu.guard('making room for arrays of jax', async () => {
    const array = numpy.array(values as Float32Array<ArrayBuffer>, { shape });
    return (dtype === 'f16' ? array.astype(numpy.float16) : array).blockUntilReady();
  });
}
