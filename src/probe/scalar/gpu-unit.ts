/** @file An adapter's shader arithmetic as a unit that can be probed. */

import arithmeticWgsl from '../../../shaders/probe/arithmetic.wgsl?raw';
import f16Wgsl from '../../../shaders/probe/f16.wgsl?raw';
import f32Wgsl from '../../../shaders/probe/f32.wgsl?raw';
import type { Gpu } from '../../gpu/gpu.js';
import type { Shader } from '../../gpu/shader.js';
import { evaluateOnGpu } from '../evaluate.js';
import type { Precision } from '../precision.js';
import { type Operation, operations, type ScalarUnit } from './operation.js';

/** Words of one case's operands. */
const operandWords = 8;

const threads = 64;

const numbers = Object.fromEntries(
  operations.map((operation, number) => [operation.toUpperCase().replaceAll('-', '_'), number]),
);

/** The shader of one operation. Each has its own, so that what a compiler does to one depends on no other. */
export function scalarShader(precision: Precision['name'], operation: Operation): Shader {
  return {
    label: `probe ${precision} ${operation}`,
    files: [arithmeticWgsl, precision === 'f16' ? f16Wgsl : f32Wgsl],
    constants: { ...numbers, OPERATION: operations.indexOf(operation) },
    ...(precision === 'f16' ? { enables: ['f16'] } : {}),
  };
}

/** @throws UnsupportedError, OutOfMemoryError, ShaderError or DeviceLostError when it evaluates */
export function gpuScalarUnit(gpu: Gpu, precision: Precision['name']): ScalarUnit {
  return {
    evaluate: (batches) =>
      evaluateOnGpu(
        gpu,
        `probing ${precision} arithmetic`,
        batches.map(({ operation, cases }) => {
          const words = new Uint32Array(cases.length * operandWords);
          cases.forEach((operands, i) => {
            words.set(operands, i * operandWords);
          });
          return {
            shader: scalarShader(precision, operation),
            inputs: [words],
            resultBytes: cases.length * 4,
            workgroups: Math.ceil(cases.length / threads),
          };
        }),
      ).then((results) => results.map((bytes) => new Uint32Array(bytes))),
  };
}
