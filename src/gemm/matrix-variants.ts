/** @file Shaders that between them hold every piece of the matrix kernels, on machines that are made up. */

import { elementFormats, formats } from '../format/formats.js';
import type { Machine, MatrixConfig } from '../gpu/machine.js';
import type { Shader } from '../gpu/shader.js';
import { dtypes } from '../matrix.js';
import { granularityByName } from '../quantize/granularity.js';
import { matrixTilings } from './matrix-tilings.js';
import { type MatrixTile, type MatrixTiling, unfitMatrix } from './matrix-units.js';
import { type GemmProblem, groupings } from './problem.js';

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

const config = (M: number, N: number, K: number, componentType: string): MatrixConfig => ({
  M,
  N,
  K,
  componentType,
  resultComponentType: 'f32',
});

/** As NVIDIA's, Intel's and Apple's adapters offer them. */
const configs = {
  nvidia: config(16, 16, 16, 'f16'),
  intel: config(8, 16, 16, 'f16'),
  apple: config(8, 8, 8, 'f32'),
};

/** A machine of each shape, NVIDIA's first, and one that loses subnormal halves. */
export const machines: readonly Machine[] = [
  ...Object.values(configs).map((shape) => machine(shape, true)),
  machine(configs.nvidia, false),
];

type MakeShader = (problem: GemmProblem, tiling: MatrixTiling, machine: Machine) => Shader;

/** Every configuration, format, way to scale, C and output. */
export function matrixVariants(tiles: readonly MatrixTile[], make: MakeShader): Shader[] {
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
    matrixTilings(tiles, problem, on)
      .filter(({ parts }, i) => i === 0 || parts === 1)
      .map((tiling) => make(problem, tiling, on));
  return [
    ...machines.flatMap((on) => one(base, on)),
    ...[
      ...epilogues,
      { ...base, a: { ...base.a, scaleTellsNaN: true }, b: { ...base.b, scaleTellsNaN: true } },
      ...groupings.map((grouping) => ({ ...base, grouping })),
      ...kinds.filter((problem) => unfitMatrix(problem) === undefined),
    ].flatMap((problem) => one(problem, machines[0] as Machine).slice(0, 1)),
  ];
}
