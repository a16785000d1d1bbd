/** @file Tiles along both sides of a matrix on the GPU, in one pass each, equal to the oracles in every bit. */

import codesWgsl from '../../shaders/quantize/block-source-codes.wgsl?raw';
import plainWgsl from '../../shaders/quantize/block-source-plain.wgsl?raw';
import codesEightWgsl from '../../shaders/quantize/codes-eight.wgsl?raw';
import { ArgumentError } from '../errors.js';
import type { Format } from '../format/format.js';
import { e8m0 } from '../format/formats.js';
import { formatConstant } from '../format/shader.js';
import type { Gpu } from '../gpu/gpu.js';
import type { GpuMatrix, GpuQuantizedMatrix } from '../gpu-matrix.js';
import type { Dtype } from '../matrix.js';
import {
  type BlockSource,
  chooseTiles,
  ofFormat,
  quantizeBlocks,
  requireBlockWidth,
  type TileOptions,
} from './block.js';
import type { Granularity } from './granularity.js';
import { plainAtPart } from './shader.js';
import type { QuantizedPair } from './with-transpose.js';

/** The part of a block's shader that reads a plain matrix. */
export function plainPart(dtype: Dtype): BlockSource['part'] {
  const plain = plainAtPart(dtype);
  return { ...plain, files: [...plain.files, plainWgsl] };
}

/** The part that reads codes and scales. */
export function codesPart(format: Format, { scaleFormat }: Granularity): BlockSource['part'] {
  return { files: [codesEightWgsl, codesWgsl], constants: codesConstants(format, scaleFormat) };
}

/** The constants of codes-eight.wgsl. */
export function codesConstants(format: Format, scaleFormat: Granularity['scaleFormat']) {
  return {
    SOURCE_FORMAT: formatConstant(format),
    SOURCE_E8M0: scaleFormat === 'e8m0',
    E8M0: formatConstant(e8m0),
  };
}

function plainSource(source: GpuMatrix): BlockSource {
  return {
    label: source.dtype,
    rows: source.rows,
    cols: source.cols,
    part: plainPart(source.dtype),
    buffers: [source.buffer],
    params: [source.pitch],
    operationsPerElement: 10,
  };
}

function codesSource(source: GpuQuantizedMatrix): BlockSource {
  const { rows, cols, format, granularity } = source;
  return {
    label: format.name,
    rows,
    cols,
    part: codesPart(format, granularity),
    buffers: [source.codes, source.scales],
    params: codesParams(source),
    operationsPerElement: 100,
  };
}

/** How block-source-codes.wgsl finds codes and scales. */
export function codesParams({ wordPitch, granularity, scaleCols }: GpuQuantizedMatrix): number[] {
  const all = 0xffffffff;
  return [wordPitch, Math.min(granularity.tileRows, all), Math.min(granularity.tileCols, all), scaleCols];
}

/** @throws ArgumentError unless eight consecutive elements of a row always share a scale and are whole words */
export function requireEights(argument: string, { format, granularity }: GpuQuantizedMatrix): void {
  requireBlockWidth(`${argument}.format`, format);
  const { tileCols, name } = granularity;
  if (tileCols !== Infinity && tileCols % 8 !== 0)
    throw new ArgumentError(
      `${argument}.granularity`,
      name,
      'tiles of 8 columns or a multiple: tensor, row, 1x128, 128x128, 1x32',
    );
}

/**
 * Quantises a matrix and its transpose on the GPU, reading it once: what `quantizeWithTranspose` gives.
 * @returns two matrices that the caller owns
 * @throws ArgumentError naming what does not fit; UnsupportedError if a buffer would be too large
 */
export async function quantizeWithTransposeOnGpu(
  gpu: Gpu,
  source: GpuMatrix,
  options: TileOptions,
): Promise<QuantizedPair<GpuQuantizedMatrix>> {
  requireHere(gpu, source);
  const quantization = chooseTiles(options);
  const { rows, columns } = await quantizeBlocks(
    gpu,
    plainSource(source),
    { rows: true, columns: true } as const,
    quantization,
  );
  return { quantized: rows, transposed: columns };
}

/**
 * Dequantises, transposes and quantises again on the GPU, in one pass: what `requantizeTransposed` gives.
 * @returns a matrix that the caller owns
 * @throws ArgumentError naming what does not fit; UnsupportedError if a buffer would be too large
 */
export async function requantizeTransposedOnGpu(
  gpu: Gpu,
  source: GpuQuantizedMatrix,
  options: TileOptions,
): Promise<GpuQuantizedMatrix> {
  requireHere(gpu, source);
  const quantization = chooseTiles(ofFormat(source.format, options));
  requireEights('source', source);
  const ways = { rows: false, columns: true } as const;
  return (await quantizeBlocks(gpu, codesSource(source), ways, quantization)).columns;
}

function requireHere(gpu: Gpu, source: GpuMatrix | GpuQuantizedMatrix): void {
  source.requireAlive('source');
  if (source.gpu !== gpu) throw new ArgumentError('source', source, 'a matrix on this context');
}
