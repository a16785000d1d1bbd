/** @file Scales as folding kernels take them, computed on the GPU before such a kernel: shaders/gemm/fold-pass.wgsl. */

import foldWgsl from '../../shaders/gemm/fold.wgsl?raw';
import foldLayoutWgsl from '../../shaders/gemm/fold-layout.wgsl?raw';
import foldPassWgsl from '../../shaders/gemm/fold-pass.wgsl?raw';
import foldReferenceWgsl from '../../shaders/gemm/fold-reference.wgsl?raw';
import foldRowsWgsl from '../../shaders/gemm/fold-rows.wgsl?raw';
import foldScalesWgsl from '../../shaders/gemm/fold-scales.wgsl?raw';
import { type Dispatch, grid } from '../gpu/gpu.js';
import { Expression, type Shader, type ShaderPart } from '../gpu/shader.js';
import { scaleShape } from '../quantize/granularity.js';
import { lift } from './fold.js';
import type { GemmJob } from './kernel.js';
import { type GemmProblem, rowsOfB } from './problem.js';
import { operandsPart } from './shader.js';
import { operandParams } from './tiled.js';

/** Bytes of the scratch buffer for what fold-layout.wgsl describes: a reference a row of scales, a factor a scale. */
export function foldedBytes(problem: GemmProblem): number {
  const { m, k, a, b } = problem;
  const words = [scaleShape(a.granularity, m, k), scaleShape(b.granularity, rowsOfB(problem), k)].map(
    ({ scaleRows, scaleCols }) => scaleRows * (1 + scaleCols),
  );
  return 4 * words.reduce((sum, one) => sum + one, 0);
}

/** What has to run before a kernel that folds: fills the job's first scratch buffer. */
export function foldDispatch({ problem, matrices, scratch }: GemmJob, largestExponent: number): Dispatch {
  const { a, b } = matrices;
  const scaleRows = a.scaleRows + b.scaleRows;
  const none = undefined;
  return {
    shader: foldPassShader(problem, largestExponent),
    buffers: [none, a.scales, none, b.scales, none, none, scratch[0]],
    params: [...new Array<number>(12).fill(0), ...operandParams(a), ...operandParams(b)],
    workgroups: grid(scaleRows),
    operations: scaleRows * Math.max(a.scaleCols, b.scaleCols) * 20,
  };
}

export function foldPassShader(problem: GemmProblem, largestExponent: number): Shader {
  const operands = operandsPart(problem.a, problem.b);
  const layout = layoutPart(problem, largestExponent);
  return {
    label: 'gemm fold scales',
    files: [...operands.files, ...layout.files, foldReferenceWgsl, foldScalesWgsl, foldPassWgsl],
    constants: { ...operands.constants, ...layout.constants },
  };
}

/** fold.wgsl with what it needs, given the largest power of two that values may reach, as an exponent. */
export function foldPart(problem: GemmProblem, largestExponent: number): ShaderPart {
  const layout = layoutPart(problem, largestExponent);
  return { files: [...layout.files, foldWgsl], constants: layout.constants };
}

/** fold-rows.wgsl with what it needs, for a pass that decodes rows. */
export function foldRowsPart(problem: GemmProblem, largestExponent: number): ShaderPart {
  const layout = layoutPart(problem, largestExponent);
  return { files: [...layout.files, foldReferenceWgsl, foldRowsWgsl], constants: layout.constants };
}

function layoutPart({ a, b }: GemmProblem, largestExponent: number): ShaderPart {
  const exponent = (value: number) => new Expression(`${value}i`);
  return {
    files: [foldLayoutWgsl],
    constants: {
      A_LIFT: exponent(lift(a.format, largestExponent)),
      B_LIFT: exponent(lift(b.format, largestExponent)),
    },
  };
}
