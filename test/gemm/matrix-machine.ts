/** @file A device that seems to have matrix units, and a tiling for tests on it. */

import { measuredMachine } from '../../src/format/native-halves.js';
import type { MatrixTiling } from '../../src/gemm/matrix/tile.js';
import type { Gpu } from '../../src/gpu/gpu.js';
import type { Machine, MatrixConfig } from '../../src/gpu/machine.js';

export const intoF32 = (M: number, N: number, K: number, componentType: string): MatrixConfig => ({
  M,
  N,
  K,
  componentType,
  resultComponentType: 'f32',
});

/** A shape of units as adapters offer it: where operands are f16, into either type. */
export function shapesLike(config: MatrixConfig): MatrixConfig[] {
  return config.componentType === 'f16' ? [config, { ...config, resultComponentType: 'f16' }] : [config];
}

/** A device, as if it had matrix units, and subgroups of 16. */
export async function machineWith(gpu: Gpu, config: MatrixConfig): Promise<Machine> {
  return { ...(await measuredMachine(gpu)), matrixConfigs: shapesLike(config), subgroupMaxSize: 16 };
}

export const f16Units = intoF32(8, 8, 8, 'f16');

export const matrixTiling: MatrixTiling = {
  rows: 32,
  cols: 32,
  unitRows: 16,
  unitCols: 16,
  depth: 32,
  scaling: 'f32',
  decode: 'inline',
  parts: 1,
};

/** As an NVIDIA H100 is, through Dawn on Vulkan. */
export const h100: Machine = {
  limits: {
    maxComputeWorkgroupStorageSize: 49152,
    maxComputeInvocationsPerWorkgroup: 1024,
    maxComputeWorkgroupSizeX: 1024,
    maxComputeWorkgroupSizeY: 1024,
    maxStorageBufferBindingSize: 2 ** 31,
  },
  matrixConfigs: shapesLike(intoF32(16, 16, 16, 'f16')),
  subgroupMaxSize: 32,
  unpacksSubnormals: true,
  multipliesSubnormals: true,
  operationsPerDispatch: 2 ** 40,
};
