/**
 * @file onnxruntime-web with its WebGPU execution provider: MatMul in f32 and f16, and MatMulNBits, whose weights have
 * 8 or 4 bits and whose accuracy level 4 lets it round A to 8 bits and multiply integers.
 */

import { env, InferenceSession, Tensor } from 'onnxruntime-web/webgpu';
import { UnsupportedError } from '../../src/errors.js';
import { decodeAll } from '../../src/format/decode.js';
import { f16 } from '../../src/format/formats.js';
import type { Gpu } from '../../src/gpu/gpu.js';
import { lendDevice } from './lend-device.js';
import { type OneNodeModel, oneNodeModel } from './onnx-model.js';
import { denseUnit, type Operands } from './operands.js';
import type { Rounding } from './oracle.js';
import manifest from './package.json' with { type: 'json' };
import type { Peer, PeerModule, PreparedPeer, Product } from './peer.js';

const library = `onnxruntime-web ${manifest.dependencies['onnxruntime-web']}`;

type Dtype = 'f32' | 'f16';
const elementType = { f32: 'float32', f16: 'float16' } as const;

/** Weights that share a scale: the usual choice of quantised models, and what its integer kernels take. */
const block = 32;
/** MatMulNBits' accuracy level that allows 8-bit integers. */
const integers = 4;
/**
 * Neighbours along K that share a scale when A is rounded to 8 bits: its shader DP4AMatMulQuantize has 32 threads of 4.
 */
const blockOfA = 128;

/** With its last session it lets the device go, and destroys it, whoever else uses it: one session always stays. */
let keptAlive: InferenceSession | undefined;

export const open: PeerModule['open'] = async (gpu) => {
  // One thread: what is measured runs on the GPU, and threads would take a page that is isolated from other origins.
  env.wasm.numThreads = 1;
  env.logLevel = 'error';
  if (!keptAlive) env.webgpu.device = gpu.device;
  if ((await env.webgpu.device) !== gpu.device)
    throw new UnsupportedError(`${library} keeps the device of an earlier run: start anew`);
  keptAlive ??= await session(gpu, {
    operator: 'Identity',
    inputs: [{ name: 'a', type: 'float32', dims: [1] }],
    output: { name: 'd', type: 'float32', dims: [1] },
  });
  const weights: Dtype = gpu.hasFeature('shader-f16') ? 'f16' : 'f32';
  return [plain('f32'), plain('f16'), withBits(8, weights), withBits(4, weights)];
};

function plain(dtype: Dtype): Peer {
  return {
    name: `MatMul ${dtype}`,
    library,
    precision: `${dtype} by ${dtype} to ${dtype}`,
    timed: 'run() of a session over GPU buffers, from the call until its work is done',
    unfit: (product, gpu) => lacksF16(dtype, gpu) ?? padded(product),
    async prepare(operands) {
      const { m, n, k } = operands.product;
      const type = elementType[dtype];
      const [a, b] = [await operands.values('a', dtype), await operands.values('b', dtype)];
      const model = {
        operator: 'MatMul',
        inputs: [
          { name: 'a', type, dims: [m, k] },
          { name: 'b', type, dims: [k, n] },
        ],
        output: { name: 'd', type, dims: [m, n] },
      } as const;
      return prepared(operands, model, [a.buffer, b.buffer], {
        a: dtype,
        b: dtype,
        sums: dtype,
        out: dtype,
      });
    },
  };
}

function withBits(bits: 8 | 4, dtype: Dtype): Peer {
  return {
    name: `MatMulNBits ${bits}-bit`,
    library,
    precision: `${dtype} by ${bits} bits in blocks of ${block} to ${dtype}, accuracy level ${integers}`,
    timed: 'run() of a session over a GPU buffer, rounding A to integers included, until its work is done',
    unfit: (product, gpu) =>
      lacksF16(dtype, gpu) ??
      padded(product) ??
      (product.k % block === 0 ? undefined : `it needs a K that is a multiple of ${block}`),
    async prepare(operands) {
      const { m, n, k } = operands.product;
      const type = elementType[dtype];
      const weights = await operands.weights.inBits(bits, block, dtype);
      const { codes, scales } = weights;
      const model: OneNodeModel = {
        operator: 'MatMulNBits',
        domain: { name: 'com.microsoft', version: 1 },
        attributes: { K: k, N: n, bits, block_size: block, accuracy_level: integers },
        inputs: [{ name: 'a', type, dims: [m, k] }],
        initializers: [
          { name: 'b', type: 'uint8', dims: [n, k / block, (block * bits) / 8], bytes: codes },
          {
            name: 'scales',
            type,
            dims: [n, k / block],
            bytes: new Uint8Array(scales.buffer, scales.byteOffset, scales.byteLength),
          },
        ],
        output: { name: 'd', type, dims: [m, n] },
      };
      const a = await operands.values('a', dtype);
      return prepared(operands, model, [a.buffer], {
        a: dtype,
        b: dtype,
        sums: dtype,
        out: dtype,
        integersOfA: { largest: 127, block: blockOfA },
        weights: weights.values,
      });
    },
  };
}

function lacksF16(dtype: Dtype, gpu: Gpu): string | undefined {
  return dtype === 'f16' && !gpu.hasFeature('shader-f16') ? 'it needs the feature shader-f16' : undefined;
}

function padded({ n, k }: Product): string | undefined {
  const dense = [n, k].every((side) => side % denseUnit === 0);
  return dense ? undefined : `it needs N and K that are multiples of ${denseUnit}`;
}

async function prepared(
  { gpu }: Operands,
  model: OneNodeModel,
  buffers: readonly GPUBuffer[],
  rounding: Rounding,
): Promise<PreparedPeer> {
  const made = await session(gpu, model);
  const feeds = Object.fromEntries(
    model.inputs.map(({ name, type, dims }, i) => {
      const dataType = type === 'float16' ? 'float16' : 'float32';
      return [name, Tensor.fromGpuBuffer(buffers[i] as GPUBuffer, { dataType, dims })];
    }),
  );
  const multiply = async () => (await made.run(feeds))[model.output.name] as Tensor;
  return {
    async run() {
      (await multiply()).dispose();
    },
    async result() {
      const d = await multiply();
      try {
        const bytes = await gpu.read(d.gpuBuffer as GPUBuffer, d.size * (d.type === 'float16' ? 2 : 4));
        if (d.type !== 'float16') return new Float32Array(bytes);
        return decodeAll(f16, new Uint16Array(bytes));
      } finally {
        d.dispose();
      }
    },
    oracle: rounding,
    dispose() {
      void made.release();
    },
  };
}

function session(gpu: Gpu, model: OneNodeModel): Promise<InferenceSession> {
  return lendDevice(gpu, () =>
    InferenceSession.create(oneNodeModel(model), {
      executionProviders: ['webgpu'],
      preferredOutputLocation: 'gpu-buffer',
    }),
  );
}
