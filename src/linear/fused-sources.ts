/**
 * @file Activations, SwiGLU and RMSNorm as sources of the one-pass quantiser: their shaders, buffers and parameters.
 */

import activationWgsl from '../../shaders/linear/activation.wgsl?raw';
import gatesCodesWgsl from '../../shaders/linear/gates-codes.wgsl?raw';
import gatesPlainWgsl from '../../shaders/linear/gates-plain.wgsl?raw';
import gradientEightWgsl from '../../shaders/linear/gradient-eight.wgsl?raw';
import inverseRmsWgsl from '../../shaders/linear/inverse-rms.wgsl?raw';
import sigmoidWgsl from '../../shaders/linear/sigmoid.wgsl?raw';
import sourceActivationWgsl from '../../shaders/linear/source-activation.wgsl?raw';
import sourceNormWgsl from '../../shaders/linear/source-norm.wgsl?raw';
import sourceSwigluWgsl from '../../shaders/linear/source-swiglu.wgsl?raw';
import sourceSwigluGradientWgsl from '../../shaders/linear/source-swiglu-gradient.wgsl?raw';
import stepsWgsl from '../../shaders/linear/steps.wgsl?raw';
import codesEightWgsl from '../../shaders/quantize/codes-eight.wgsl?raw';
import eightWgsl from '../../shaders/quantize/eight.wgsl?raw';
import plainEightWgsl from '../../shaders/quantize/plain-eight.wgsl?raw';
import { f32Bits } from '../arithmetic/f32.js';
import { arithmeticShaders } from '../arithmetic/shader.js';
import type { Format } from '../format/format.js';
import { formats } from '../format/formats.js';
import { formatConstant, formatShaders } from '../format/shader.js';
import type { Dispatch } from '../gpu/gpu.js';
import { type Constant, Expression, type Shader } from '../gpu/shader.js';
import { GpuMatrix, type GpuQuantizedMatrix } from '../gpu-matrix.js';
import type { Dtype } from '../matrix.js';
import type { BlockSource } from '../quantize/block.js';
import type { Granularity } from '../quantize/granularity.js';
import { dtypeConstants, plainAtPart } from '../quantize/shader.js';
import { overTiles } from '../quantize/tiles.js';
import { codesConstants, codesParams } from '../quantize/with-transpose-gpu.js';
import type { Activation } from './activation.js';

type Part = BlockSource['part'];

/** Rough integer operations for a value of the sigmoid. */
const operationsPerSigmoid = 400;

/** @param native whether the adapter's own f32 arithmetic rounds as the oracle's */
export function activationPart(activation: Activation, dtype: Dtype, native: boolean): Part {
  const plain = plainAtPart(dtype);
  return {
    files: [...plain.files, ...activationFiles, sourceActivationWgsl],
    constants: { ...plain.constants, ...activationConstants(activation, native) },
  };
}

/** Inputs of SwiGLU: plain matrices of one type, or quantised ones of one format and granularity. */
export type GateKind =
  | { readonly dtype: Dtype }
  | { readonly format: Format; readonly granularity: Granularity };

export function swigluPart(kind: GateKind, native: boolean): Part {
  const gates = gatesPart(kind);
  return {
    files: [...gates.files, ...activationFiles, sourceSwigluWgsl],
    constants: { ...gates.constants, ...activationConstants('silu', native) },
  };
}

/** @param of the input whose gradient it is */
export function swigluGradientPart(kind: GateKind, of: 'gate' | 'up', dtype: Dtype, native: boolean): Part {
  const gates = gatesPart(kind);
  const gradient = gradientPart(gateBuffers(kind) + 1, dtype);
  return {
    files: [...gates.files, ...activationFiles, ...gradient.files, sourceSwigluGradientWgsl],
    constants: {
      ...gates.constants,
      ...activationConstants('silu', native),
      ...gradient.constants,
      OF_GATE: of === 'gate',
    },
  };
}

/** What reads the gradient with respect to a result, bound at `binding`. */
export function gradientPart(binding: number, dtype: Dtype): Part {
  return {
    files: [gradientEightWgsl],
    constants: {
      GRADIENT: binding,
      GRADIENT_HALVES: dtype !== 'f32',
      GRADIENT_FORMAT: formatConstant(formats[dtype === 'f32' ? 'bf16' : dtype]),
    },
  };
}

export function normPart(dtype: Dtype): Part {
  const plain = plainAtPart(dtype);
  return { ...plain, files: [...plain.files, sourceNormWgsl] };
}

/** The shader of rows' inverse root mean squares. */
export function inverseRmsShader(dtype: Dtype, native: boolean): Shader {
  const { format, decode } = formatShaders;
  const { normalize, round, product, multiply, divide, fma } = arithmeticShaders;
  const plain = plainAtPart(dtype);
  return {
    label: `inverse root mean squares of ${dtype} rows`,
    files: [
      ...[format, decode, normalize, round, product, multiply, divide, fma],
      ...[eightWgsl, ...plain.files, stepsWgsl, inverseRmsWgsl],
    ],
    constants: { ...plain.constants, NATIVE: native },
  };
}

const activationFiles = [arithmeticShaders.fma, stepsWgsl, sigmoidWgsl, activationWgsl];

function activationConstants(activation: Activation, native: boolean): Record<string, Constant> {
  return { NATIVE: native, ACTIVATION: new Expression(activation.toUpperCase()) };
}

function gatesPart(kind: GateKind): Part {
  return 'dtype' in kind
    ? { files: [plainEightWgsl, gatesPlainWgsl], constants: dtypeConstants(kind.dtype) }
    : {
        files: [codesEightWgsl, gatesCodesWgsl],
        constants: codesConstants(kind.format, kind.granularity.scaleFormat),
      };
}

/** Buffers that the inputs of SwiGLU are bound in. */
export function gateBuffers(kind: GateKind): number {
  return 'dtype' in kind ? 2 : 4;
}

export function activationSource(source: GpuMatrix, activation: Activation, native: boolean): BlockSource {
  const { rows, cols, dtype, buffer, pitch } = source;
  return {
    label: `${activation} of ${dtype}`,
    rows,
    cols,
    part: activationPart(activation, dtype, native),
    buffers: [buffer],
    params: [pitch],
    operationsPerElement: operationsPerSigmoid,
  };
}

/** Both inputs of SwiGLU, of one shape and kind. */
export type Gates =
  | readonly [gate: GpuMatrix, up: GpuMatrix]
  | readonly [gate: GpuQuantizedMatrix, up: GpuQuantizedMatrix];

function bound(gates: Gates): Pick<BlockSource, 'buffers' | 'params'> {
  const [gate, up] = gates;
  if (gate instanceof GpuMatrix)
    return {
      buffers: [gate.buffer, (up as GpuMatrix).buffer],
      params: [gate.pitch, (up as GpuMatrix).pitch, 0, 0],
    };
  const other = up as GpuQuantizedMatrix;
  return { buffers: [gate.codes, gate.scales, other.codes, other.scales], params: codesParams(gate) };
}

export function swigluSource(gates: Gates, native: boolean): BlockSource {
  const [{ rows, cols }] = gates;
  return {
    label: 'SwiGLU',
    rows,
    cols,
    part: swigluPart(gates[0], native),
    ...bound(gates),
    operationsPerElement: operationsPerSigmoid,
  };
}

export function swigluGradientSource(
  gates: Gates,
  dh: GpuMatrix,
  of: 'gate' | 'up',
  native: boolean,
): BlockSource {
  const [{ rows, cols }] = gates;
  const { buffers, params } = bound(gates);
  return {
    label: `gradient of SwiGLU's ${of}`,
    rows,
    cols,
    part: swigluGradientPart(gates[0], of, dh.dtype, native),
    buffers: [...buffers, dh.buffer],
    params: [...params, dh.pitch],
    operationsPerElement: operationsPerSigmoid,
  };
}

/** @param inverses of inverseRmsDispatches; @param gains of paddedGains */
export function normSource(source: GpuMatrix, inverses: GPUBuffer, gains: GPUBuffer): BlockSource {
  const { rows, cols, dtype, buffer, pitch } = source;
  return {
    label: `RMSNorm of ${dtype}`,
    rows,
    cols,
    part: normPart(dtype),
    buffers: [buffer, inverses, gains],
    params: [pitch],
    operationsPerElement: 120,
  };
}

/** The gains of the columns of `source`, with zeros for those that pad its rows. */
export function paddedGains({ pitch }: GpuMatrix, gain: Float32Array): Float32Array {
  const padded = new Float32Array(pitch);
  padded.set(gain);
  return padded;
}

/** The dispatches that write the inverse root mean square of each row of `source`. */
export function inverseRmsDispatches(
  source: GpuMatrix,
  inverses: GPUBuffer,
  epsilon: number,
  native: boolean,
): Dispatch[] {
  const { rows, cols, dtype, buffer, pitch } = source;
  return overTiles(
    {
      shader: inverseRmsShader(dtype, native),
      buffers: [buffer, inverses],
      params: [cols, pitch, f32Bits(epsilon), f32Bits(cols)],
    },
    rows,
    cols * 10 + 3000,
  );
}
