/** @file The values of a block's source as a plain matrix: what a quantiser of its own pass would read. */

import blockParamsWgsl from '../../shaders/quantize/block-params.wgsl?raw';
import blockPlainWgsl from '../../shaders/quantize/block-plain.wgsl?raw';
import eightWgsl from '../../shaders/quantize/eight.wgsl?raw';
import { arithmeticShaders } from '../arithmetic/shader.js';
import { formats } from '../format/formats.js';
import { formatConstant, formatShaders } from '../format/shader.js';
import type { Gpu } from '../gpu/gpu.js';
import type { Shader } from '../gpu/shader.js';
import { GpuMatrix, matrixPitch } from '../gpu-matrix.js';
import type { Dtype } from '../matrix.js';
import { type BlockSource, type SourceShader, sourceWords } from './block.js';
import { overItems } from './chunks.js';

/** Elements that a thread writes. */
const eight = 8;

/** The shader that writes a source's values as elements of `dtype`. */
export function blockPlainShader({ label, part, bufferCount }: SourceShader, dtype: Dtype): Shader {
  const { normalize, round, product, multiply, divide } = arithmeticShaders;
  const { format, decode, encode } = formatShaders;
  return {
    label: `${label} in ${dtype}`,
    files: [
      ...[format, decode, encode, normalize, round, product, multiply, divide, eightWgsl, blockParamsWgsl],
      ...part.files,
      blockPlainWgsl,
    ],
    constants: {
      RESULT: bufferCount + 1,
      RESULT_HALVES: dtype !== 'f32',
      // As in dtypeConstants(): f32 elements have no use for it.
      RESULT_FORMAT: formatConstant(formats[dtype === 'f32' ? 'bf16' : dtype]),
      ...part.constants,
    },
  };
}

/**
 * Writes a source's values as a plain matrix, rounded once to `dtype`.
 * @returns a matrix that the caller owns; nothing else stays allocated, also when an error is thrown
 * @throws UnsupportedError if the buffer would be too large
 */
export async function plainOfBlocks(gpu: Gpu, source: BlockSource, dtype: Dtype = 'f32'): Promise<GpuMatrix> {
  const { rows, cols, buffers } = source;
  const across = matrixPitch(cols) / eight;
  let target: GpuMatrix | undefined;
  try {
    const made = await gpu.guard('making room for values', async () => {
      target = GpuMatrix.create(gpu, rows, cols, dtype, source.label);
      return target;
    });
    const dispatches = overItems(
      {
        shader: blockPlainShader({ ...source, bufferCount: buffers.length }, dtype),
        buffers: [...buffers, made.buffer],
        params: [across, 0, rows, cols, 0, 0, ...sourceWords(source)],
      },
      rows * across,
      source.operationsPerElement * eight,
    );
    await gpu.run(source.label, dispatches);
    return made;
  } catch (error) {
    target?.dispose();
    throw error;
  }
}
