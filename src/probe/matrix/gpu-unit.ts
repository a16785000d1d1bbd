/** @file An adapter's matrix units, by subgroup matrices. */

import matrixWgsl from '../../../shaders/probe/matrix.wgsl?raw';
import f16F16Wgsl from '../../../shaders/probe/matrix-f16-f16.wgsl?raw';
import f16F32Wgsl from '../../../shaders/probe/matrix-f16-f32.wgsl?raw';
import f32F32Wgsl from '../../../shaders/probe/matrix-f32-f32.wgsl?raw';
import i8I32Wgsl from '../../../shaders/probe/matrix-i8-i32.wgsl?raw';
import u8U32Wgsl from '../../../shaders/probe/matrix-u8-u32.wgsl?raw';
import type { Gpu } from '../../gpu/gpu.js';
import type { Shader } from '../../gpu/shader.js';
import { evaluateOnGpu } from '../evaluate.js';
import type { MatrixShape, MatrixUnit, Tile } from './unit.js';

/** Texts of the types, by operand and result. */
const typeFiles: Readonly<Record<string, string>> = {
  'f16 f16': f16F16Wgsl,
  'f16 f32': f16F32Wgsl,
  'f32 f32': f32F32Wgsl,
  'i8 i32': i8I32Wgsl,
  'u8 u32': u8U32Wgsl,
};

export const matrixFeature = 'chromium-experimental-subgroup-matrix';

/** A shape as `GPUAdapterInfo.subgroupMatrixConfigs` gives it: not in WebGPU's types yet. */
interface SubgroupMatrixConfig {
  readonly M: number;
  readonly N: number;
  readonly K: number;
  readonly componentType: string;
  readonly resultComponentType: string;
}

/** A shape that the adapter offers, in types that octile may not know. */
export interface OfferedShape extends Omit<MatrixShape, 'operand' | 'result'> {
  readonly operand: string;
  readonly result: string;
}

/** Every shape of an adapter's matrix units. */
export function offeredShapes(gpu: Gpu): OfferedShape[] {
  const { info } = gpu.adapter.adapter;
  const { subgroupMatrixConfigs = [] } = info as { subgroupMatrixConfigs?: Iterable<SubgroupMatrixConfig> };
  return Array.from(subgroupMatrixConfigs, ({ M, N, K, componentType, resultComponentType }) => ({
    m: M,
    n: N,
    k: K,
    operand: componentType,
    result: resultComponentType,
  }));
}

/** Whether octile knows the types. */
export function isKnown(shape: OfferedShape): shape is MatrixShape {
  return `${shape.operand} ${shape.result}` in typeFiles;
}

/** @param subgroups the smallest and the largest subgroup size of the adapter */
export function matrixShader(
  shape: MatrixShape,
  subgroups: readonly [smallest: number, largest: number],
): Shader {
  const { m, n, k, operand, result } = shape;
  const [smallest, largest] = subgroups;
  return {
    label: `probe ${operand} to ${result} ${m}x${n}x${k}`,
    files: [typeFiles[`${operand} ${result}`] ?? '', matrixWgsl],
    constants: { M: m, N: n, K: k, THREADS: largest, COPIES: largest / smallest },
    enables: [...(operand === 'f16' ? ['f16'] : []), 'subgroups', 'chromium_experimental_subgroup_matrix'],
  };
}

/** Numbers of a type in memory. */
const arrays = {
  f16: Uint16Array,
  f32: Uint32Array,
  i8: Uint8Array,
  u8: Uint8Array,
  i32: Uint32Array,
  u32: Uint32Array,
} as const;

/**
 * A matrix unit of the adapter.
 * @throws UnsupportedError, OutOfMemoryError, ShaderError or DeviceLostError when it multiplies
 */
export function gpuMatrixUnit(gpu: Gpu, shape: MatrixShape): MatrixUnit {
  const { subgroupMinSize, subgroupMaxSize } = gpu.adapter.adapter.info;
  const shader = matrixShader(shape, [subgroupMinSize, subgroupMaxSize]);
  return shaderUnit(gpu, shape, shader, subgroupMaxSize / subgroupMinSize);
}

/**
 * What a shader of the bindings of matrix.wgsl computes.
 * @param copies that it stores of each tile, of which the first is read
 */
export function shaderUnit(gpu: Gpu, shape: MatrixShape, shader: Shader, copies: number): MatrixUnit {
  const entries = shape.m * shape.n;
  const [Operand, Result] = [arrays[shape.operand], arrays[shape.result]];
  const joined = (tiles: readonly Tile[], part: 'a' | 'b' | 'c', Type: typeof Operand) =>
    Type.from(tiles.flatMap((tile) => Array.from(tile[part])));
  return {
    shape,
    multiplyAccumulate: async (tiles) => {
      const [bytes = new ArrayBuffer(0)] = await evaluateOnGpu(gpu, `probing ${shader.label}`, [
        {
          shader,
          inputs: [joined(tiles, 'a', Operand), joined(tiles, 'b', Operand), joined(tiles, 'c', Result)],
          resultBytes: tiles.length * copies * entries * Result.BYTES_PER_ELEMENT,
          workgroups: tiles.length,
        },
      ]);
      const results = new Result(bytes);
      return tiles.map((_, i) => results.subarray(i * copies * entries, (i * copies + 1) * entries));
    },
  };
}
