/** @file Quantising 1×128 tiles in one pass, at the speed of memory: shaders/quantize/row-tiles.wgsl. */

import encodeWordsWgsl from '../../shaders/quantize/encode-words.wgsl?raw';
import rowTilesWgsl from '../../shaders/quantize/row-tiles.wgsl?raw';
import scaleWgsl from '../../shaders/quantize/scale.wgsl?raw';
import { arithmeticShaders } from '../arithmetic/shader.js';
import { width } from '../format/format.js';
import { formatConstant, formatShaders } from '../format/shader.js';
import { type Dispatch, grid, operationsPerSubmission } from '../gpu/gpu.js';
import type { Shader } from '../gpu/shader.js';
import type { GpuMatrix, GpuQuantizedMatrix } from '../gpu-matrix.js';
import type { Dtype } from '../matrix.js';
import type { NativeArithmetic } from '../probe/native.js';
import type { Quantization } from './options.js';
import { dtypeConstants, scaleConstants } from './shader.js';

/** As in row-tiles.wgsl. */
const tileLength = 128;
const tilesPerWorkgroup = 32;

/** Rough operations to quantise a tile, where values are scaled and encoded in integers. */
const operationsPerTile = tileLength * 160;

/** Whether a matrix is quantised in one pass. */
export function rowTilesFit({ format, granularity }: Quantization): boolean {
  const { tileRows, tileCols, scaleFormat } = granularity;
  return (
    tileRows === 1 &&
    tileCols === tileLength &&
    scaleFormat !== 'e8m0' &&
    format.signBits === 1 &&
    width(format) === 8
  );
}

/** The dispatches that quantise `source` into `target`, which may run any number of times. */
export function rowTilesDispatches(
  source: GpuMatrix,
  target: GpuQuantizedMatrix,
  quantization: Quantization,
  native: NativeArithmetic,
): Dispatch[] {
  const shader = rowTilesShader(quantization, source.dtype, native);
  const buffers = [source.buffer, target.scales, target.codes];
  const tiles = target.scaleRows * target.scaleCols;
  const most = Math.floor(operationsPerSubmission / operationsPerTile);
  const dispatches: Dispatch[] = [];
  for (let first = 0; first < tiles; first += most) {
    const end = Math.min(first + most, tiles);
    dispatches.push({
      shader,
      buffers,
      params: [first, end, target.scaleCols, source.cols, source.pitch],
      workgroups: grid(Math.ceil((end - first) / tilesPerWorkgroup)),
      operations: (end - first) * operationsPerTile,
    });
  }
  return dispatches;
}

export function rowTilesShader(
  { format, scaling }: Quantization,
  dtype: Dtype,
  native: NativeArithmetic,
): Shader {
  const { normalize, round, product, multiply, divide } = arithmeticShaders;
  const { decode, encode } = formatShaders;
  const divides = scaling.dialect.codeRule === 'divide';
  return {
    label: `${dtype} 1x128 tiles to ${format.name}, ${scaling.dialect.name}`,
    files: [
      ...[formatShaders.format, decode, encode, normalize, round, product, multiply, divide],
      ...[scaleWgsl, encodeWordsWgsl, rowTilesWgsl],
    ],
    constants: {
      ...scaleConstants(format, scaling),
      ...dtypeConstants(dtype),
      FORMAT: formatConstant(format),
      DIVIDE_VALUES: divides,
      NATIVE: native.add && native.multiply && (native.fma || !divides),
    },
  };
}
