/** @file Codes and scales transposed on the GPU, without a rounding, equal to the oracle in every bit. */

import transposeWgsl from '../../shaders/quantize/transpose.wgsl?raw';
import transposeBytesWgsl from '../../shaders/quantize/transpose-bytes.wgsl?raw';
import transposeCodesWgsl from '../../shaders/quantize/transpose-codes.wgsl?raw';
import transposeScalesWgsl from '../../shaders/quantize/transpose-scales.wgsl?raw';
import { ArgumentError } from '../errors.js';
import { type Format, width } from '../format/format.js';
import { formatConstant, formatShaders } from '../format/shader.js';
import type { Dispatch, Gpu } from '../gpu/gpu.js';
import type { Shader } from '../gpu/shader.js';
import { codePitch, GpuQuantizedMatrix } from '../gpu-matrix.js';
import { overItems } from './chunks.js';
import { type Granularity, transposedGranularity } from './granularity.js';
import { overTiles } from './tiles.js';

/** Rows and columns of the source that a workgroup turns, as the shaders' headers state. */
const tileOf = { bytes: [64, 128], codes: [32, 64] } as const;
/** Rough integer operations: to turn a code; a word of scales. */
const operations = { bytes: 4, codes: 40, scales: 40 } as const;

/** Codes of this format, columns as rows: 8-bit codes in words of four, others one by one. */
export function transposeCodesShader(format: Format): Shader {
  if (width(format) === 8)
    return { label: 'transposing 8-bit codes', files: [transposeWgsl, transposeBytesWgsl], constants: {} };
  const { format: formatWgsl, pack } = formatShaders;
  return {
    label: `transposing ${format.name} codes`,
    files: [formatWgsl, pack, transposeWgsl, transposeCodesWgsl],
    constants: { FORMAT: formatConstant(format) },
  };
}

/** The grid of scales, columns as rows. */
export function transposeScalesShader({ scaleFormat }: Granularity): Shader {
  return {
    label: `transposing ${scaleFormat} scales`,
    files: [transposeScalesWgsl],
    constants: { E8M0_SCALES: scaleFormat === 'e8m0' },
  };
}

/**
 * Transposes a quantised matrix on the GPU: the codes and scales that `transpose` gives.
 * @returns a matrix that the caller owns; nothing else stays allocated, also when an error is thrown
 * @throws ArgumentError if it is on another context; UnsupportedError if a buffer would be too large
 */
export async function transposeOnGpu(gpu: Gpu, source: GpuQuantizedMatrix): Promise<GpuQuantizedMatrix> {
  source.requireAlive('source');
  if (source.gpu !== gpu) throw new ArgumentError('source', source, 'a matrix on this context');
  const { rows, cols, format } = source;
  const granularity = transposedGranularity(source.granularity);
  let target: GpuQuantizedMatrix | undefined;
  try {
    const made = await gpu.guard('making room for a transpose', async () => {
      target = GpuQuantizedMatrix.create(gpu, cols, rows, format, granularity, 'transposed', source);
      return target;
    });
    await gpu.run('transposing', transposeDispatches(source, made));
    return made;
  } catch (error) {
    target?.dispose();
    throw error;
  }
}

/**
 * The dispatches that transpose `source` into `target`, which has its shape turned; they may run any number of times.
 */
export function transposeDispatches(source: GpuQuantizedMatrix, target: GpuQuantizedMatrix): Dispatch[] {
  const { rows, cols, format, granularity, scaleRows, scaleCols } = source;
  const kind = width(format) === 8 ? 'bytes' : 'codes';
  const [tileRows, tileCols] = tileOf[kind];
  const across = codePitch(cols) / tileCols;
  const scales = scaleRows * scaleCols;
  return [
    ...overTiles(
      {
        shader: transposeCodesShader(format),
        buffers: [source.codes, target.codes],
        params: [across, rows, cols, source.wordPitch, target.wordPitch],
      },
      (codePitch(rows) / tileRows) * across,
      tileRows * tileCols * operations[kind],
    ),
    ...overItems(
      {
        shader: transposeScalesShader(granularity),
        buffers: [source.scales, target.scales],
        params: [scaleRows, scaleCols],
      },
      Math.ceil(scales / (granularity.scaleFormat === 'e8m0' ? 4 : 1)),
      operations.scales,
    ),
  ];
}
