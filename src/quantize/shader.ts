/** @file The quantising shaders, and their constants for a format, a dialect and an element type. */

import amaxWgsl from '../../shaders/quantize/amax.wgsl?raw';
import chunkWgsl from '../../shaders/quantize/chunk.wgsl?raw';
import dequantizeWgsl from '../../shaders/quantize/dequantize.wgsl?raw';
import encodeTilesWgsl from '../../shaders/quantize/encode-tiles.wgsl?raw';
import plainAtWgsl from '../../shaders/quantize/plain-at.wgsl?raw';
import plainEightWgsl from '../../shaders/quantize/plain-eight.wgsl?raw';
import scaleWgsl from '../../shaders/quantize/scale.wgsl?raw';
import scalesWgsl from '../../shaders/quantize/scales.wgsl?raw';
import sourceWgsl from '../../shaders/quantize/source.wgsl?raw';
import { divide, f32Bits } from '../arithmetic/f32.js';
import { floorLog2 } from '../arithmetic/floor-log2.js';
import { arithmeticShaders } from '../arithmetic/shader.js';
import type { Format } from '../format/format.js';
import { e8m0, formats, maxFinite } from '../format/formats.js';
import { formatConstant, formatShaders } from '../format/shader.js';
import { type Constant, Expression, type Shader, type ShaderPart } from '../gpu/shader.js';
import type { Dtype } from '../matrix.js';
import type { Dialect, Scaling } from './dialect.js';
import type { Granularity } from './granularity.js';
import type { Quantization } from './options.js';

const { normalize, round, product, multiply, divide: divideShader } = arithmeticShaders;

const scaleRules: Record<Dialect['scaleRule'], string> = {
  'times-reciprocal': 'TIMES_RECIPROCAL',
  divide: 'DIVIDE',
  octave: 'OCTAVE',
};

const codeRules: Record<Dialect['codeRule'], string> = {
  'times-inverse': 'TIMES_INVERSE',
  divide: 'DIVIDE_BY_SCALE',
  'times-max-over-amax': 'TIMES_MAX_OVER_AMAX',
};

/**
 * The three steps of quantising a matrix of `dtype`. The shape, the tile and the scales' number are parameters,
 * not constants: matrices of all shapes and granularities share the pipelines.
 */
export function quantizeShaders(
  quantization: Quantization,
  dtype: Dtype,
): { readonly amax: Shader; readonly scales: Shader; readonly encode: Shader } {
  const { format, granularity, scaling } = quantization;
  const { dialect, powerOfTwo } = scaling;
  const { decode, encode, pack } = formatShaders;
  const arithmetic = [normalize, round, product, multiply, divideShader];
  return {
    amax: {
      label: `largest magnitudes of ${dtype} tiles`,
      files: [formatShaders.format, decode, pack, chunkWgsl, sourceWgsl, amaxWgsl],
      constants: dtypeConstants(dtype),
    },
    scales: {
      label: `${dialect.name}${powerOfTwo ? ' power-of-two' : ''} scales for ${format.name}`,
      files: [formatShaders.format, decode, ...arithmetic, scaleWgsl, scalesWgsl],
      constants: {
        ...scaleConstants(format, scaling),
        ...scaleFormatConstants(granularity),
      },
    },
    encode: {
      label: `${dtype} values to ${format.name} codes`,
      files: [
        ...[formatShaders.format, decode, encode, pack, ...arithmetic],
        ...[chunkWgsl, sourceWgsl, encodeTilesWgsl],
      ],
      constants: {
        FORMAT: formatConstant(format),
        DIVIDE_VALUES: dialect.codeRule === 'divide',
        ...dtypeConstants(dtype),
      },
    },
  };
}

/** The constants of scale.wgsl. */
export function scaleConstants(
  format: Format,
  { dialect, powerOfTwo }: Scaling,
): Readonly<Record<string, Constant>> {
  const max = maxFinite(format);
  return {
    SCALE_RULE: new Expression(scaleRules[dialect.scaleRule]),
    CODE_RULE: new Expression(codeRules[dialect.codeRule]),
    POWER_OF_TWO: powerOfTwo,
    AMAX_FLOOR: f32Bits(dialect.amaxFloor),
    MAX: f32Bits(max),
    INVERSE_MAX: f32Bits(divide(1, max)),
    MAX_EXPONENT: new Expression(`${floorLog2(max)}i`),
  };
}

/** From codes and scales to a matrix of `dtype`. */
export function dequantizeShader(format: Format, granularity: Granularity, dtype: Dtype): Shader {
  const { decode, encode, pack } = formatShaders;
  return {
    label: `${format.name} codes to ${dtype} values`,
    files: [
      ...[formatShaders.format, decode, encode, pack, normalize, round, product, multiply],
      ...[chunkWgsl, dequantizeWgsl],
    ],
    constants: {
      FORMAT: formatConstant(format),
      ...scaleFormatConstants(granularity),
      ...dtypeConstants(dtype),
    },
  };
}

/** The constants of shaders that read or write plain matrices. */
export function dtypeConstants(dtype: Dtype): Record<string, Constant> {
  // A format there must be for the shader to compile, although f32 elements have no use for it.
  return {
    HALVES: dtype !== 'f32',
    HALF_FORMAT: formatConstant(dtype === 'f32' ? formats.bf16 : formats[dtype]),
  };
}

/** What reads the plain matrix that is bound at 1. */
export function plainAtPart(dtype: Dtype): ShaderPart {
  return { files: [plainEightWgsl, plainAtWgsl], constants: dtypeConstants(dtype) };
}

function scaleFormatConstants(granularity: Granularity): Record<string, Constant> {
  return { E8M0_SCALES: granularity.scaleFormat === 'e8m0', E8M0: formatConstant(e8m0) };
}
