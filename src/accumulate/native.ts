/**
 * @file Whether an adapter's own f32 arithmetic rounds as IEEE 754 says, so that kernels may use it where bits
 * are promised. WGSL allows either neighbour and an unfused fma(); most GPUs do better, and a short experiment
 * on the device tells.
 */

import nativeWgsl from '../../shaders/accumulate/native.wgsl?raw';
import { f32Bits, multiply } from '../arithmetic/f32.js';
import { fma } from '../arithmetic/fma.js';
import type { Gpu } from '../gpu/gpu.js';
import type { Shader } from '../gpu/shader.js';

/** What was found to round once, to nearest even, on numbers far from f32's limits. */
export interface NativeArithmetic {
  readonly add: boolean;
  readonly multiply: boolean;
  /** fma() rounds its product and its sum together. */
  readonly fma: boolean;
}

export const nativeShader: Shader = { label: 'native arithmetic', files: [nativeWgsl], constants: {} };

const known = new WeakMap<Gpu, Promise<NativeArithmetic>>();

/** Finds out on the device, once. */
export function nativeArithmetic(gpu: Gpu): Promise<NativeArithmetic> {
  let found = known.get(gpu);
  if (!found) {
    found = measure(gpu);
    known.set(gpu, found);
    // What failed for lack of memory may succeed later.
    found.catch(() => known.delete(gpu));
  }
  return found;
}

async function measure(gpu: Gpu): Promise<NativeArithmetic> {
  const triples = testTriples();
  const count = triples.length / 4;
  const buffers = await gpu.allocate('making room for a test of f32 arithmetic', [
    () => gpu.upload('triples', triples),
    () => gpu.buffer('results', triples.byteLength),
  ]);
  try {
    await gpu.run(nativeShader.label, [
      { shader: nativeShader, buffers, workgroups: [Math.ceil(count / 64), 1, 1] },
    ]);
    const results = new Uint32Array(await gpu.read(buffers[1] as GPUBuffer, triples.byteLength));
    const all = (offset: number, expected: (x: number, y: number, z: number) => number) => {
      for (let i = 0; i < triples.length; i += 4) {
        const [x = 0, y = 0, z = 0] = triples.subarray(i, i + 3);
        if (results[i + offset] !== f32Bits(expected(x, y, z))) return false;
      }
      return true;
    };
    return {
      add: all(0, (x, _, z) => Math.fround(x + z)),
      multiply: all(1, multiply),
      fma: all(2, fma),
    };
  } finally {
    for (const buffer of buffers) buffer.destroy();
  }
}

/**
 * Triples (x, y, z, 0) on which every other way to round shows: random significands, and z near minus the
 * product, where an unfused multiply-add loses everything.
 */
function testTriples(): Float32Array {
  const triples = new Float32Array(4 * 1024);
  let state = 1;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state;
  };
  const significand = () => (1 + (random() >>> 9) / 2 ** 23) * (random() >>> 31 === 0 ? 1 : -1);
  for (let i = 0; i < triples.length; i += 4) {
    const x = significand();
    const y = significand();
    const z = i % 8 === 0 ? -Math.fround(x * y) : significand() * 2 ** ((random() >>> 28) - 8);
    triples.set([x, y, z, 0], i);
  }
  return triples;
}
