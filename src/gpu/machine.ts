/** @file What of a device a kernel depends on, as a plain value: a Gpu has one, and tests make others up. */

import { operationsPerSubmission } from './dispatch.js';

/** Limits that kernels and their tilings depend on. */
export type LimitName =
  | 'maxComputeWorkgroupStorageSize'
  | 'maxComputeInvocationsPerWorkgroup'
  | 'maxComputeWorkgroupSizeX'
  | 'maxComputeWorkgroupSizeY'
  | 'maxStorageBufferBindingSize';

/** A shape that matrix units multiply: an M × K matrix by a K × N one, and the types in and out. */
export interface MatrixConfig {
  readonly M: number;
  readonly N: number;
  readonly K: number;
  readonly componentType: string;
  readonly resultComponentType: string;
}

export interface Machine {
  readonly limits: Readonly<Record<LimitName, number>>;
  /** As in GPUAdapterInfo; empty without matrix units. */
  readonly matrixConfigs: readonly MatrixConfig[];
  /** Threads of the largest subgroup the device may form. */
  readonly subgroupMaxSize: number;
  /** Whether unpack2x16float() was seen to keep subnormal halves, which WGSL lets it flush. */
  readonly unpacksSubnormals: boolean;
  /** The most operations that one dispatch should do, where work can be divided. */
  readonly operationsPerDispatch: number;
  /** Whether f16 arithmetic was seen to keep subnormal halves that it multiplies. */
  readonly multipliesSubnormals: boolean;
}

/** GPUAdapterInfo where Chromium tells of matrix units. */
interface InfoWithMatrixUnits {
  readonly subgroupMatrixConfigs?: readonly MatrixConfig[];
}

/** What a device says of itself; what has to be measured is taken to be missing. */
export function machineOf(device: GPUDevice, info: GPUAdapterInfo): Machine {
  const { limits } = device;
  const features: ReadonlySet<string> = device.features;
  const units = features.has('chromium-experimental-subgroup-matrix')
    ? ((info as InfoWithMatrixUnits).subgroupMatrixConfigs ?? [])
    : [];
  return {
    limits: {
      maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
      maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
      maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX,
      maxComputeWorkgroupSizeY: limits.maxComputeWorkgroupSizeY,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
    },
    matrixConfigs: units.map(({ M, N, K, componentType, resultComponentType }) => ({
      M,
      N,
      K,
      componentType,
      resultComponentType,
    })),
    subgroupMaxSize: info.subgroupMaxSize ?? 32,
    unpacksSubnormals: false,
    multipliesSubnormals: false,
    operationsPerDispatch: operationsPerSubmission,
  };
}
