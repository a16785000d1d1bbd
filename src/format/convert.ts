/** @file Whole arrays from f32 to codes and back on the GPU, packed densely. */

import convertWgsl from '../../shaders/format/convert.wgsl?raw';
import { ArgumentError, requireCount } from '../errors.js';
import { type Dispatch, type Gpu, grid } from '../gpu/gpu.js';
import type { Shader } from '../gpu/shader.js';
import { type Overflow, type Rounding, requireRules } from './encode.js';
import type { Format } from './format.js';
import { packedWords } from './pack.js';
import { formatConstant, formatShaders, overflowConstant, roundingConstant } from './shader.js';

/** Values a thread converts, and threads in a workgroup: as in convert.wgsl. */
const valuesPerWorkgroup = 32 * 64;

/** The shader that converts between f32 bits and packed codes of one format. */
export function convertShader(
  format: Format,
  direction: 'encode' | 'decode',
  rounding: Rounding = 'nearest-even',
  overflow: Overflow = 'saturate',
): Shader {
  return {
    label: `${direction} ${format.name}`,
    files: [
      formatShaders.format,
      formatShaders.decode,
      formatShaders.encode,
      formatShaders.pack,
      convertWgsl,
    ],
    constants: {
      FORMAT: formatConstant(format),
      ENCODE: direction === 'encode',
      ROUNDING: roundingConstant(rounding),
      OVERFLOW: overflowConstant(overflow),
    },
  };
}

/**
 * The dispatch of a shader from convertShader over `count` values.
 * @param buffers f32 bits, packed codes, random bits
 */
export function convertDispatch(shader: Shader, buffers: readonly GPUBuffer[], count: number): Dispatch {
  const workgroups = grid(Math.ceil(count / valuesPerWorkgroup));
  return { shader, buffers, params: [count], workgroups, operations: count * 64 };
}

/**
 * Encodes f32 values given by their bits, on the GPU.
 * @param options.random one word of random bits a value, needed by stochastic rounding
 * @returns packed codes, as `pack` lays them out
 * @throws ArgumentError if there are no bits, a rule does not exist, or random words are missing
 */
export async function encodeOnGpu(
  gpu: Gpu,
  format: Format,
  bits: Uint32Array,
  options: { rounding?: Rounding; overflow?: Overflow; random?: Uint32Array } = {},
): Promise<Uint32Array> {
  requireCount('bits.length', bits.length);
  const { rounding = 'nearest-even', overflow = 'saturate', random } = options;
  requireRules(rounding, overflow);
  if (rounding === 'stochastic' && random?.length !== bits.length)
    throw new ArgumentError('random.length', random?.length, `one word a value: ${bits.length}`);
  const words = packedWords(format, bits.length);
  const buffers = await gpu.allocate(`making room for ${bits.length} values and codes`, [
    () => gpu.upload('values', bits),
    () => gpu.buffer('codes', words * 4),
    () => gpu.upload('random', random ?? new Uint32Array(1)),
  ]);
  return convert(gpu, convertShader(format, 'encode', rounding, overflow), buffers, bits.length, 1, words);
}

/**
 * Decodes `count` packed codes on the GPU to f32 bits.
 * @throws ArgumentError if `words` is too short
 */
export async function decodeOnGpu(
  gpu: Gpu,
  format: Format,
  words: Uint32Array,
  count: number,
): Promise<Uint32Array> {
  requireCount('count', count);
  if (words.length < packedWords(format, count))
    throw new ArgumentError(
      'words.length',
      words.length,
      `${packedWords(format, count)} for ${count} codes of ${format.name}`,
    );
  const buffers = await gpu.allocate(`making room for ${count} values and codes`, [
    () => gpu.buffer('values', count * 4),
    () => gpu.upload('codes', words),
    () => gpu.buffer('random', 4),
  ]);
  return convert(gpu, convertShader(format, 'decode'), buffers, count, 0, count);
}

async function convert(
  gpu: Gpu,
  shader: Shader,
  buffers: readonly GPUBuffer[],
  count: number,
  output: number,
  words: number,
): Promise<Uint32Array> {
  try {
    await gpu.run(shader.label, [convertDispatch(shader, buffers, count)]);
    return new Uint32Array(await gpu.read(buffers[output] as GPUBuffer, words * 4));
  } finally {
    for (const buffer of buffers) buffer.destroy();
  }
}
