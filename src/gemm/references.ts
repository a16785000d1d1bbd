/** @file The powers of two that rows' scales are taken relative to, computed on the GPU before a folding kernel. */

import foldWgsl from '../../shaders/gemm/fold.wgsl?raw';
import scaleReferenceWgsl from '../../shaders/gemm/scale-reference.wgsl?raw';
import { type Dispatch, grid } from '../gpu/gpu.js';
import { Expression, type Shader, type ShaderPart } from '../gpu/shader.js';
import { lift } from './fold.js';
import type { GemmJob } from './kernel.js';
import { type GemmProblem, rowsOfB } from './problem.js';
import { operandsPart } from './shader.js';
import { operandParams } from './tiled.js';

/** Threads of a workgroup of scale-reference.wgsl. */
const threads = 64;

/** Bytes of the scratch buffer for the references: A's rows, then B's. */
export function referencesBytes(problem: GemmProblem): number {
  return 4 * (problem.m + rowsOfB(problem));
}

/** What has to run before a kernel that folds: writes the references into the job's first scratch buffer. */
export function referencesDispatch({ problem, matrices, scratch }: GemmJob): Dispatch {
  const { a, b } = matrices;
  const rows = a.rows + b.rows;
  const none = undefined;
  return {
    shader: referencesShader(problem),
    buffers: [none, a.scales, none, b.scales, none, none, scratch[0]],
    params: [...new Array<number>(12).fill(0), ...operandParams(a), ...operandParams(b)],
    workgroups: grid(Math.ceil(rows / threads)),
    operations: rows * Math.max(a.scaleCols, b.scaleCols) * 10,
  };
}

export function referencesShader({ a, b }: GemmProblem): Shader {
  const { files, constants } = operandsPart(a, b);
  return { label: 'gemm scale references', files: [...files, scaleReferenceWgsl], constants };
}

/** fold.wgsl with the largest power of two that values may reach, as an exponent. */
export function foldPart({ a, b }: GemmProblem, largestExponent: number): ShaderPart {
  const exponent = (value: number) => new Expression(`${value}i`);
  return {
    files: [foldWgsl],
    constants: {
      A_LIFT: exponent(lift(a.format, largestExponent)),
      B_LIFT: exponent(lift(b.format, largestExponent)),
    },
  };
}
