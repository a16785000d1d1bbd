/**
 * @file What only experiments tell of a device: how fast it is, and whether it keeps subnormal halves where WGSL lets
 * it flush them, so that kernels may use them.
 */

import multiplyHalvesWgsl from '../../shaders/format/multiply-halves.wgsl?raw';
import unpackHalvesWgsl from '../../shaders/format/unpack-halves.wgsl?raw';
import { f32Bits } from '../arithmetic/f32.js';
import type { Gpu } from '../gpu/gpu.js';
import type { Machine } from '../gpu/machine.js';
import type { Shader } from '../gpu/shader.js';
import { operationsPerDispatch } from '../gpu/speed.js';
import { decode } from './decode.js';
import { encode } from './encode.js';
import { f16 } from './formats.js';

export const unpackHalvesShader: Shader = {
  label: 'unpack2x16float',
  files: [unpackHalvesWgsl],
  constants: {},
};

export const multiplyHalvesShader: Shader = {
  label: 'f16 products',
  files: [multiplyHalvesWgsl],
  constants: {},
  enables: ['f16'],
};

const known = new WeakMap<Gpu, Promise<Machine>>();

/** The device as kernels see it, with what only experiments tell; they are made once. */
export function measuredMachine(gpu: Gpu): Promise<Machine> {
  let found = known.get(gpu);
  if (!found) {
    found = measure(gpu);
    known.set(gpu, found);
    // What failed for lack of memory may succeed later.
    found.catch(() => known.delete(gpu));
  }
  return found;
}

async function measure(gpu: Gpu): Promise<Machine> {
  // Every subnormal half, of both signs and in both places of a word.
  const pairs = Uint32Array.from({ length: 1024 }, (_, i) => i | ((0x8000 | (1023 - i)) << 16));
  const halves = [...pairs].flatMap((pair) => [pair & 0xffff, pair >>> 16]);

  const values = await answers(gpu, unpackHalvesShader, pairs, 2);
  const unpacksSubnormals = halves.every((half, i) => values[i] === f32Bits(decode(f16, half)));
  const machine = {
    ...gpu.machine,
    unpacksSubnormals,
    operationsPerDispatch: await operationsPerDispatch(gpu),
  };
  if (!gpu.hasFeature('shader-f16')) return machine;

  const products = await answers(gpu, multiplyHalvesShader, pairs, 1);
  const multipliesSubnormals = halves.every((half, i) => {
    const product = ((products[i >> 1] ?? 0) >>> (16 * (i & 1))) & 0xffff;
    return product === encode(f16, 256 * decode(f16, half));
  });
  return { ...machine, multipliesSubnormals };
}

/** What a shader makes of each pair, in words. */
async function answers(gpu: Gpu, shader: Shader, pairs: Uint32Array, words: number): Promise<Uint32Array> {
  const bytes = pairs.byteLength * words;
  const buffers = await gpu.allocate('making room for a test of halves', [
    () => gpu.upload('halves', pairs),
    () => gpu.buffer('answers', bytes),
  ]);
  try {
    await gpu.run(shader.label, [{ shader, buffers, workgroups: [Math.ceil(pairs.length / 64), 1, 1] }]);
    return new Uint32Array(await gpu.read(buffers[1] as GPUBuffer, bytes));
  } finally {
    for (const buffer of buffers) buffer.destroy();
  }
}
