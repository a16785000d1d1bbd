/** @file Shaders that between them hold every piece of the matrix kernels, on machines that are made up. */

import { elementFormats, formats } from '../../format/formats.js';
import type { Machine, MatrixConfig } from '../../gpu/machine.js';
import type { Shader } from '../../gpu/shader.js';
import { dtypes } from '../../matrix.js';
import { granularityByName } from '../../quantize/granularity.js';
import { type GemmProblem, groupings } from '../problem.js';
import { unfitLifted } from './lifted.js';
import type { MatrixTile, MatrixTiling, SumType } from './tile.js';
import { matrixTilings } from './tilings.js';
import { unfitMatrix } from './units.js';

/**
 * Subgroups of 128 threads are the largest that WebGPU knows, and what Dawn's null backend, which compiles these,
 * says its own may be.
 */
const machine = (config: MatrixConfig, unpacksSubnormals: boolean): Machine => ({
  limits: {
    maxComputeWorkgroupStorageSize: 16384,
    maxComputeInvocationsPerWorkgroup: 256,
    maxComputeWorkgroupSizeX: 256,
    maxComputeWorkgroupSizeY: 256,
    maxStorageBufferBindingSize: 2 ** 27,
  },
  matrixConfigs: [config],
  subgroupMaxSize: 128,
  unpacksSubnormals,
  multipliesSubnormals: true,
  operationsPerDispatch: 2 ** 36,
});

const config = (M: number, N: number, K: number, component: 'f16' | 'f32', sums: SumType): MatrixConfig => ({
  M,
  N,
  K,
  componentType: component,
  resultComponentType: sums,
});

/** As NVIDIA's, Intel's and Apple's adapters offer them. */
const configs = {
  f32: [config(16, 16, 16, 'f16', 'f32'), config(8, 16, 16, 'f16', 'f32'), config(8, 8, 8, 'f32', 'f32')],
  f16: [config(16, 16, 16, 'f16', 'f16'), config(8, 16, 16, 'f16', 'f16'), config(8, 8, 8, 'f16', 'f16')],
} as const;

/** A machine of each shape with such sums, NVIDIA's first, and one that loses subnormal halves. */
function machinesWith(sums: SumType): readonly Machine[] {
  const [nvidia] = configs[sums];
  return [...configs[sums].map((shape) => machine(shape, true)), machine(nvidia, false)];
}

/** Those that add up in f32. */
export const machines = machinesWith('f32');

export type MakeShader = (problem: GemmProblem, tiling: MatrixTiling, machine: Machine) => Shader;

/** Every configuration, format, way to scale, C and output. */
export function matrixVariants(
  tiles: readonly MatrixTile[],
  make: MakeShader,
  sums: SumType = 'f32',
): Shader[] {
  const all = machinesWith(sums);
  const granularity = granularityByName('row');
  const kind = (name: keyof typeof formats) => ({ granularity, format: formats[name] });
  const base = {
    m: 512,
    n: 512,
    k: 512,
    a: kind('e4m3'),
    b: kind('e4m3'),
    c: undefined,
    out: 'f32' as const,
  };
  const epilogues = [undefined, ...dtypes].flatMap((c) =>
    dtypes.map((out): GemmProblem => ({ ...base, c, out })),
  );
  const kinds = elementFormats.map((name): GemmProblem => ({ ...base, a: kind(name) }));
  const one = (problem: GemmProblem, on: Machine) =>
    matrixTilings(tiles, problem, on, { sums })
      .filter(({ parts }, i) => i === 0 || parts === 1)
      .map((tiling) => make(problem, tiling, on));
  return [
    ...all.flatMap((on) => one(base, on)),
    ...[
      ...epilogues,
      { ...base, a: { ...base.a, scaleTellsNaN: true }, b: { ...base.b, scaleTellsNaN: true } },
      ...groupings.map((grouping) => ({ ...base, grouping })),
      ...kinds.filter((problem) => (unfitMatrix(problem) ?? unfitLifted(problem, sums)) === undefined),
    ].flatMap((problem) => one(problem, all[0] as Machine).slice(0, 1)),
  ];
}
