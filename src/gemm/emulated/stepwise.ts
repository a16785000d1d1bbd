/** @file The straightforward kernel with the bits of a matrix instruction: shaders/gemm/emulated/stepwise.wgsl. */

import codeAtWgsl from '../../../shaders/gemm/emulated/code-at.wgsl?raw';
import stepwiseWgsl from '../../../shaders/gemm/emulated/stepwise.wgsl?raw';
import { sumPart } from '../../accumulate/shader.js';
import { width } from '../../format/format.js';
import type { Dispatch } from '../../gpu/gpu.js';
import type { Shader } from '../../gpu/shader.js';
import type { Emulator, GemmJob } from '../kernel.js';
import type { Accumulation, GemmProblem } from '../problem.js';
import { epiloguePart, strictOperandsPart, wholePlaceFiles } from '../shader.js';
import { type TiledShader, tiledDispatches } from '../tiled.js';
import { emulatedVariants } from './variants.js';

/** As in stepwise.wgsl. */
const tileRows = 8;
const tileCols = 64;

export const stepwise: Emulator = {
  name: 'stepwise',
  summary: "a matrix instruction's bits term by term in integers, for every profile",
  features: [],
  limits: { maxComputeInvocationsPerWorkgroup: 64 },
  grouped: true,

  unfit({ a, b, accumulation }) {
    if (!accumulation) return 'it emulates an accumulator, and none was asked for';
    for (const { format } of [a, b])
      if (width(format) > 8 || format.signBits === 0)
        return `it multiplies codes of 8 bits or less, not ${format.name}`;
    return undefined;
  },

  tilings() {
    return [{ rows: tileRows, cols: tileCols }];
  },

  dispatches(job) {
    return tiledDispatches(tiled(stepwiseShader(job.problem)), job);
  },

  variants() {
    return emulatedVariants((problem) => stepwise.unfit(problem) === undefined).flatMap((problem) => [
      stepwiseShader(problem),
      stepwiseShader(problem, true),
    ]);
  },
};

/** Rows of the tiles of redoDispatches(). */
export const redoRows = tileRows;

/** The dispatches that compute again every strip of D in which an emulator has left a NaN. */
export function redoDispatches(job: GemmJob): Dispatch[] {
  const groups = job.groups?.redo;
  return tiledDispatches(tiled(stepwiseShader(job.problem, true)), { ...job, groups });
}

function tiled(shader: Shader): TiledShader {
  return { shader, tileRows, tileCols, operationsPerProduct: 200 };
}

/** @param redo compute only what the dispatches before left as NaN */
function stepwiseShader(problem: GemmProblem, redo = false): Shader {
  const { a, b, c, out, grouping } = problem;
  const { plan, addendIn } = problem.accumulation as Accumulation;
  const operands = strictOperandsPart(a, b);
  const sums = sumPart(plan);
  const epilogue = epiloguePart(c, out);
  return {
    label: `gemm stepwise ${plan.profile.name} ${a.format.name} x ${b.format.name} to ${out}`,
    files: [
      ...[...operands.files, ...wholePlaceFiles(grouping), codeAtWgsl],
      ...[...sums.files, ...epilogue.files, stepwiseWgsl],
    ],
    constants: {
      ...operands.constants,
      ...sums.constants,
      ...epilogue.constants,
      ADDEND_IN_ACCUMULATOR: addendIn === 'accumulator',
      REDO: redo,
    },
  };
}
