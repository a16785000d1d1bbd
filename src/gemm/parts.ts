/** @file K in parts: each workgroup computes a part of K for its tile in f32, and reduce.wgsl adds the parts. */

import decode4Wgsl from '../../shaders/format/decode4.wgsl?raw';
import reduceWgsl from '../../shaders/gemm/reduce.wgsl?raw';
import { ArgumentError } from '../errors.js';
import { formatShaders } from '../format/shader.js';
import { type Dispatch, grid } from '../gpu/gpu.js';
import type { Shader } from '../gpu/shader.js';
import { matrixPitch } from '../gpu-matrix.js';
import type { Dtype } from '../matrix.js';
import type { GemmJob, GemmMatrices } from './kernel.js';
import type { GemmProblem } from './problem.js';
import { epiloguePart } from './shader.js';

/** Strips of eight elements that a workgroup of reduce.wgsl adds up. */
const stripsPerWorkgroup = 64;

/** Bytes of the scratch buffer for the parts' f32 sums; none for one part, which is D itself. */
export function partialsBytes({ m, n }: GemmProblem, parts: number): number[] {
  return parts > 1 ? [parts * m * matrixPitch(n) * 4] : [];
}

/** Where the parts' sums go: the last scratch buffer of a job whose kernel asked for partialsBytes() last. */
export function partialsOf({ scratch }: Pick<GemmJob, 'scratch'>): GPUBuffer {
  const last = scratch.at(-1);
  if (!last) throw new ArgumentError('scratch', 'no buffers', "one for the sums of K's parts");
  return last;
}

/** Of a job, what adding up its parts takes. */
interface PartsJob extends Pick<GemmJob, 'scratch'> {
  readonly matrices: Pick<GemmMatrices, 'c' | 'd'>;
}

/** The dispatches that add up the parts in ascending k, add C, and write D. */
export function reduceDispatches(job: PartsJob, parts: number): Dispatch[] {
  const { c, d } = job.matrices;
  const strips = (d.rows * d.pitch) / 8;
  const none = undefined;
  return [
    {
      shader: reduceShader(c?.dtype, d.dtype),
      buffers: [partialsOf(job), none, none, none, d.buffer, c?.buffer],
      params: [parts, strips],
      workgroups: grid(Math.ceil(strips / stripsPerWorkgroup)),
      operations: strips * 8 * parts * 10,
    },
  ];
}

export function reduceShader(c: Dtype | undefined, out: Dtype): Shader {
  const epilogue = epiloguePart(c, out);
  const { format, decode } = formatShaders;
  return {
    label: `gemm reduce${c === undefined ? '' : ` + ${c}`} to ${out}`,
    files: [format, decode, decode4Wgsl, ...epilogue.files, reduceWgsl],
    constants: epilogue.constants,
  };
}
