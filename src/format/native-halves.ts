/** @file Whether an adapter's unpack2x16float() keeps subnormal halves, so that kernels may decode codes by it. */

import unpackHalvesWgsl from '../../shaders/format/unpack-halves.wgsl?raw';
import { f32Bits } from '../arithmetic/f32.js';
import type { Gpu } from '../gpu/gpu.js';
import type { Machine } from '../gpu/machine.js';
import type { Shader } from '../gpu/shader.js';
import { decode } from './decode.js';
import { f16 } from './formats.js';

export const unpackHalvesShader: Shader = {
  label: 'unpack2x16float',
  files: [unpackHalvesWgsl],
  constants: {},
};

const known = new WeakMap<Gpu, Promise<Machine>>();

/** The device as kernels see it, with what only an experiment tells; the experiment is made once. */
export function measuredMachine(gpu: Gpu): Promise<Machine> {
  let found = known.get(gpu);
  if (!found) {
    found = unpacksSubnormals(gpu).then((unpacks) => ({ ...gpu.machine, unpacksSubnormals: unpacks }));
    known.set(gpu, found);
    // What failed for lack of memory may succeed later.
    found.catch(() => known.delete(gpu));
  }
  return found;
}

/** Every subnormal half, of both signs and in both places of a word. */
async function unpacksSubnormals(gpu: Gpu): Promise<boolean> {
  const pairs = Uint32Array.from({ length: 1024 }, (_, i) => i | ((0x8000 | (1023 - i)) << 16));
  const buffers = await gpu.allocate('making room for a test of halves', [
    () => gpu.upload('halves', pairs),
    () => gpu.buffer('values', pairs.byteLength * 2),
  ]);
  try {
    await gpu.run(unpackHalvesShader.label, [
      { shader: unpackHalvesShader, buffers, workgroups: [Math.ceil(pairs.length / 64), 1, 1] },
    ]);
    const values = new Uint32Array(await gpu.read(buffers[1] as GPUBuffer, pairs.byteLength * 2));
    return pairs.every(
      (pair, i) =>
        values[2 * i] === f32Bits(decode(f16, pair & 0xffff)) &&
        values[2 * i + 1] === f32Bits(decode(f16, pair >>> 16)),
    );
  } finally {
    for (const buffer of buffers) buffer.destroy();
  }
}
