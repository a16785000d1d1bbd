/** @file TensorFlow.js with its WebGPU backend: matMul in f32, the one type of numbers it computes in. */

import * as backendModule from '@tensorflow/tfjs-backend-webgpu';
import * as coreModule from '@tensorflow/tfjs-core';
import { UnsupportedError } from '../../src/errors.js';
import { lendDevice } from './lend-device.js';
import { denseUnit, type Operands } from './operands.js';
import manifest from './package.json' with { type: 'json' };
import type { Peer, PeerModule, PreparedPeer } from './peer.js';

const library = `@tensorflow/tfjs-backend-webgpu ${manifest.dependencies['@tensorflow/tfjs-backend-webgpu']}`;

// In Node both packages are CommonJS, whose names are not all known before it runs.
const { WebGPUBackend } = unwrapped(backendModule);
const tf = unwrapped(coreModule);

function unwrapped<Module extends object>(module: Module): Module {
  return 'default' in module ? (module.default as Module) : module;
}

/** The name that the backend's kernels are registered under. */
const backendName = 'webgpu';

type Backend = InstanceType<typeof WebGPUBackend>;

export const open: PeerModule['open'] = async (gpu) => {
  const backend = await lendDevice(gpu, async () => {
    if (tf.findBackendFactory(backendName)) tf.removeBackend(backendName);
    const backend = new WebGPUBackend(gpu.device, gpu.adapter.adapter.info);
    tf.registerBackend(backendName, () => backend);
    if (!(await tf.setBackend(backendName))) throw new UnsupportedError(`${library} refused the device`);
    return backend;
  });
  return [peer(backend)];
};

function peer(backend: Backend): Peer {
  return {
    name: 'matMul f32',
    library,
    precision: 'f32 by f32 to f32',
    timed: 'matMul of tensors over GPU buffers and its submission, until its work is done',
    unfit: ({ n, k }) =>
      [n, k].some((side) => side % denseUnit !== 0)
        ? `it needs N and K that are multiples of ${denseUnit}`
        : undefined,
    prepare: (operands) => prepare(operands, backend),
  };
}

async function prepare(operands: Operands, backend: Backend): Promise<PreparedPeer> {
  const { m, n, k } = operands.product;
  const [aValues, bValues] = [await operands.values('a', 'f32'), await operands.values('b', 'f32')];
  const a = tf.tensor({ buffer: aValues.buffer, zeroCopy: true }, [m, k], 'float32');
  const b = tf.tensor({ buffer: bValues.buffer, zeroCopy: true }, [k, n], 'float32');
  return {
    async run() {
      tf.matMul(a, b).dispose();
      // Work is gathered until there is enough of it, unless it is told to begin.
      backend.endComputePassEncoder();
      backend.submitQueue();
    },
    async result() {
      const d = tf.matMul(a, b);
      const values = await d.data<'float32'>();
      d.dispose();
      return values;
    },
    oracle: { a: 'f32', b: 'f32', sums: 'f32', out: 'f32' },
    dispose() {
      a.dispose();
      b.dispose();
    },
  };
}
