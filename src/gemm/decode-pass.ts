/** @file A pass that makes halves of both operands' codes once, scales folded in: shaders/gemm/decode-pass.wgsl. */

import decodePassWgsl from '../../shaders/gemm/decode-pass.wgsl?raw';
import { type Dispatch, grid } from '../gpu/gpu.js';
import type { Machine } from '../gpu/machine.js';
import { Expression, type Shader } from '../gpu/shader.js';
import { largestHalfExponent } from './fold.js';
import type { GemmJob } from './kernel.js';
import type { MatrixTiling } from './matrix-units.js';
import { type GemmProblem, rowsOfB } from './problem.js';
import { foldPart } from './references.js';
import { halvesPart, operandsPart, stripWgsl } from './shader.js';
import { operandParams, stepLength } from './tiled.js';

const threads = 64;

/** Bytes of A's values and of B's: two for each element, K rounded up to whole steps. */
export function decodedBytes(problem: GemmProblem): [a: number, b: number] {
  const row = 2 * stepLength * Math.ceil(problem.k / stepLength);
  return [problem.m * row, rowsOfB(problem) * row];
}

/** The dispatches that write them into the job's second and third scratch buffers; none where codes are read inline. */
export function decodeDispatches(job: GemmJob): Dispatch[] {
  const { problem, matrices, machine, scratch } = job;
  const tiling = job.tiling as MatrixTiling;
  if (tiling.decode === 'inline') return [];
  const { a, b } = matrices;
  const steps = Math.ceil(problem.k / stepLength);
  const none = undefined;
  return (['a', 'b'] as const).map((side, i) => {
    const { rows } = matrices[side];
    return {
      shader: decodeShader(side, problem, tiling, machine),
      buffers: [a.codes, a.scales, b.codes, b.scales, none, none, scratch[0], none, scratch[i + 1]],
      params: [steps, ...new Array<number>(11).fill(0), ...operandParams(a), ...operandParams(b)],
      workgroups: grid(Math.ceil((rows * steps) / threads)),
      operations: rows * steps * stepLength * 8,
    };
  });
}

export function decodeShader(
  side: 'a' | 'b',
  problem: GemmProblem,
  { scaling }: MatrixTiling,
  machine: Machine,
): Shader {
  const operands = operandsPart(problem.a, problem.b);
  const halves = halvesPart(scaling, machine.unpacksSubnormals);
  const fold = foldPart(problem, largestHalfExponent);
  return {
    label: `gemm decode ${problem[side].format.name}`,
    files: [...operands.files, ...halves.files, ...fold.files, stripWgsl, decodePassWgsl],
    constants: {
      ...operands.constants,
      ...halves.constants,
      ...fold.constants,
      SIDE: new Expression(side === 'a' ? 'A' : 'B'),
      FORMAT: new Expression(side === 'a' ? 'A_FORMAT' : 'B_FORMAT'),
    },
    enables: scaling === 'f16' ? ['f16'] : [],
  };
}
