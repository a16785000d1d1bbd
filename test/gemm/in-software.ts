/** @file Kernels on hardware that is not there: the same shaders with units in software. */

import halfPairWgsl from '../../shaders/gemm/half-pair.wgsl?raw';
import matrixUnitWgsl from '../../shaders/gemm/matrix/matrix-unit.wgsl?raw';
import { Alias, type Constant, type Shader } from '../../src/gpu/shader.js';
import softwarePairWgsl from './half-pair.wgsl?raw';
import softwareUnitWgsl from './matrix-unit.wgsl?raw';

/** Files that need hardware, and what computes the same in their place. */
const inPlaceOf = new Map([
  [matrixUnitWgsl, softwareUnitWgsl],
  [halfPairWgsl, softwarePairWgsl],
]);

/**
 * The same shader on matrix units, or in f16 arithmetic, in software.
 * @param byFour whether the matrix kernels' steps in a row stay, which a software adapter takes minutes to compile
 *   unless a subgroup has a single matrix
 */
export function inSoftware(shader: Shader, byFour = false): Shader {
  const { Component, Sum, ...constants } = shader.constants;
  const byOne = 'STEPS_AT_ONCE' in constants && !byFour ? { STEPS_AT_ONCE: 1 } : {};
  const bits = (name: string, type: Constant | undefined) =>
    type instanceof Alias ? { [name]: type.type === 'f16' ? 16 : 32 } : {};
  return {
    ...shader,
    files: shader.files.map((text) => inPlaceOf.get(text) ?? text),
    constants: {
      ...constants,
      ...bits('COMPONENT_BITS', Component),
      ...bits('SUM_BITS', Sum),
      ...byOne,
    },
    enables: [],
  };
}
