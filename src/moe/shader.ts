/** @file The shaders of expert routing and exchange. */

import sigmoidWgsl from '../../shaders/linear/sigmoid.wgsl?raw';
import stepsWgsl from '../../shaders/linear/steps.wgsl?raw';
import combineWgsl from '../../shaders/moe/combine.wgsl?raw';
import countWgsl from '../../shaders/moe/count.wgsl?raw';
import gatherWgsl from '../../shaders/moe/gather.wgsl?raw';
import offsetsWgsl from '../../shaders/moe/offsets.wgsl?raw';
import placeWgsl from '../../shaders/moe/place.wgsl?raw';
import routeWgsl from '../../shaders/moe/route.wgsl?raw';
import rowsParamsWgsl from '../../shaders/moe/rows-params.wgsl?raw';
import eightWgsl from '../../shaders/quantize/eight.wgsl?raw';
import plainEightWgsl from '../../shaders/quantize/plain-eight.wgsl?raw';
import { arithmeticShaders } from '../arithmetic/shader.js';
import { formats } from '../format/formats.js';
import { formatConstant, formatShaders } from '../format/shader.js';
import type { Shader } from '../gpu/shader.js';
import type { Dtype } from '../matrix.js';
import { dtypeConstants } from '../quantize/shader.js';

const { normalize, round, product, multiply, divide, fma } = arithmeticShaders;
const { format, decode, encode } = formatShaders;
const arithmetic = [format, decode, normalize, round, product, multiply, divide, fma, stepsWgsl];

/** @param native whether the adapter's own f32 arithmetic rounds as the oracle's */
export function routeShader(logits: Dtype, native: boolean): Shader {
  return {
    label: `routing by ${logits} logits`,
    files: [...arithmetic, sigmoidWgsl, routeWgsl],
    constants: { ...dtypeConstants(logits), NATIVE: native },
  };
}

export const countShader: Shader = {
  label: "counting experts' rows",
  files: [rowsParamsWgsl, countWgsl],
  constants: {},
};

export const offsetsShader: Shader = {
  label: "experts' first rows",
  files: [rowsParamsWgsl, offsetsWgsl],
  constants: {},
};

export const placeShader: Shader = {
  label: "placing experts' rows",
  files: [rowsParamsWgsl, placeWgsl],
  constants: {},
};

export const gatherShader: Shader = { label: "gathering experts' rows", files: [gatherWgsl], constants: {} };

export function combineShader(results: Dtype, out: Dtype, native: boolean): Shader {
  return {
    label: `combining ${results} results to ${out}`,
    files: [...arithmetic, encode, eightWgsl, plainEightWgsl, combineWgsl],
    constants: {
      ...dtypeConstants(results),
      NATIVE: native,
      OUT_HALVES: out !== 'f32',
      OUT_FORMAT: formatConstant(formats[out === 'f32' ? 'bf16' : out]),
    },
  };
}
