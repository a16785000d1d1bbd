/**
 * @file Quantising 1×128 tiles and 128×128 blocks in one pass, at the speed of memory: shaders/quantize/row-tiles.wgsl
 * and block-tiles.wgsl.
 */

import blockTilesWgsl from '../../shaders/quantize/block-tiles.wgsl?raw';
import encodeWordsWgsl from '../../shaders/quantize/encode-words.wgsl?raw';
import plainFourWgsl from '../../shaders/quantize/plain-four.wgsl?raw';
import rowTilesWgsl from '../../shaders/quantize/row-tiles.wgsl?raw';
import scaleWgsl from '../../shaders/quantize/scale.wgsl?raw';
import { arithmeticShaders } from '../arithmetic/shader.js';
import { width } from '../format/format.js';
import { hasOrdinaryRange } from '../format/formats.js';
import { formatConstant, formatShaders } from '../format/shader.js';
import { type Dispatch, grid, operationsPerSubmission } from '../gpu/gpu.js';
import type { Shader } from '../gpu/shader.js';
import type { GpuMatrix, GpuQuantizedMatrix } from '../gpu-matrix.js';
import type { Dtype } from '../matrix.js';
import type { NativeArithmetic } from '../probe/native.js';
import type { Quantization } from './options.js';
import { dtypeConstants, scaleConstants } from './shader.js';

/** As in both shaders. */
const tileLength = 128;

/** Rough operations to quantise an element, where values are scaled and encoded in integers. */
const operationsPerElement = 160;

/** What differs between the two kinds of tiles. */
interface Pass {
  readonly name: string;
  readonly file: string;
  readonly tilesPerWorkgroup: number;
  /** Words of the shader's Params after the range of tiles. */
  params(source: GpuMatrix, target: GpuQuantizedMatrix): number[];
}

const rowTiles: Pass = {
  name: '1x128 tiles',
  file: rowTilesWgsl,
  tilesPerWorkgroup: 32,
  params: (source, target) => [target.scaleCols, source.cols, source.pitch],
};

const blockTiles: Pass = {
  name: '128x128 blocks',
  file: blockTilesWgsl,
  tilesPerWorkgroup: 1,
  params: (source, target) => [target.scaleCols, source.rows, source.cols, source.pitch, target.wordPitch],
};

/** The pass for a quantisation's tiles; undefined where they take several. */
function passOf({ format, granularity }: Quantization): Pass | undefined {
  const { tileRows, tileCols, scaleFormat } = granularity;
  if (tileCols !== tileLength || scaleFormat === 'e8m0' || format.signBits !== 1 || width(format) !== 8)
    return undefined;
  // The passes compute factors in f32 arithmetic, clear of its limits.
  if (!hasOrdinaryRange(format)) return undefined;
  if (tileRows === 1) return rowTiles;
  return tileRows === tileLength ? blockTiles : undefined;
}

/** Whether a matrix is quantised in one pass. */
export function onePassFits(quantization: Quantization): boolean {
  return passOf(quantization) !== undefined;
}

/** The dispatches that quantise `source` into `target`, which may run any number of times, where onePassFits(). */
export function onePassDispatches(
  source: GpuMatrix,
  target: GpuQuantizedMatrix,
  quantization: Quantization,
  native: NativeArithmetic,
): Dispatch[] {
  const { tilesPerWorkgroup, params } = passOf(quantization) as Pass;
  const shader = onePassShader(quantization, source.dtype, native);
  const buffers = [source.buffer, target.scales, target.codes];
  const tiles = target.scaleRows * target.scaleCols;
  const operationsPerTile = tileLength * quantization.granularity.tileRows * operationsPerElement;
  const most = Math.floor(operationsPerSubmission / operationsPerTile);
  const dispatches: Dispatch[] = [];
  for (let first = 0; first < tiles; first += most) {
    const end = Math.min(first + most, tiles);
    dispatches.push({
      shader,
      buffers,
      params: [first, end, ...params(source, target)],
      workgroups: grid(Math.ceil((end - first) / tilesPerWorkgroup)),
      operations: (end - first) * operationsPerTile,
    });
  }
  return dispatches;
}

export function onePassShader(quantization: Quantization, dtype: Dtype, native: NativeArithmetic): Shader {
  const { format, scaling } = quantization;
  const { normalize, round, product, multiply, divide } = arithmeticShaders;
  const { decode, encode } = formatShaders;
  const divides = scaling.dialect.codeRule === 'divide';
  const { name, file } = passOf(quantization) as Pass;
  return {
    label: `${dtype} ${name} to ${format.name}, ${scaling.dialect.name}`,
    files: [
      ...[formatShaders.format, decode, encode, normalize, round, product, multiply, divide],
      ...[scaleWgsl, encodeWordsWgsl, plainFourWgsl, file],
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
