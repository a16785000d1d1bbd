/** @file Quantising on the way into a product and before it, compared bit by bit. */

import { planFused } from '../../src/gemm/fused/plan.js';
import { fusedProblem, type QuantizeAndGemmOptions } from '../../src/gemm/fused/problem.js';
import { planGemm } from '../../src/gemm/gemm.js';
import type { Tiling } from '../../src/gemm/kernel.js';
import { gemmProblem } from '../../src/gemm/problem.js';
import type { Dispatch } from '../../src/gpu/dispatch.js';
import type { Gpu } from '../../src/gpu/gpu.js';
import { GpuMatrix, GpuQuantizedMatrix } from '../../src/gpu-matrix.js';
import { type Matrix, toFloat32 } from '../../src/matrix.js';
import { quantizeOnGpu } from '../../src/quantize/quantize-gpu.js';
import type { QuantizedMatrix } from '../../src/quantize/quantized-matrix.js';

export interface WayOptions extends QuantizeAndGemmOptions {
  readonly c?: Matrix;
}

/** What is multiplied, and a way to run what multiplies it. */
export interface Work {
  readonly a: GpuMatrix;
  readonly codes: GpuQuantizedMatrix;
  readonly b: GpuQuantizedMatrix;
  readonly c: GpuMatrix | undefined;
  run(
    scratchBytes: readonly number[],
    dispatches: (d: GpuMatrix, scratch: GPUBuffer[]) => Dispatch[],
  ): Promise<Matrix>;
}

/** Lets `work` multiply values that are on the GPU, and their codes. */
export async function onGpu<T>(
  gpu: Gpu,
  x: Matrix,
  w: QuantizedMatrix,
  { c, out = 'f32', ...quantization }: WayOptions,
  work: (work: Work) => Promise<T>,
): Promise<T> {
  using a = GpuMatrix.upload(gpu, x);
  using b = GpuQuantizedMatrix.upload(gpu, w);
  using addend = c && GpuMatrix.upload(gpu, c);
  using codes = await quantizeOnGpu(gpu, a, quantization);
  return await work({
    ...{ a, b, codes, c: addend },
    async run(bytes, dispatches) {
      using d = GpuMatrix.create(gpu, x.rows, w.rows, out);
      const scratch = bytes.map((size) => gpu.buffer('scratch', size));
      await gpu.run('multiplying', dispatches(d, scratch));
      for (const buffer of scratch) buffer.destroy();
      return await d.read();
    },
  });
}

/** Compares what a kernel makes of values and of codes on the same tiling. */
export async function compareWays(
  gpu: Gpu,
  kernel: string,
  tiling: Tiling,
  x: Matrix,
  w: QuantizedMatrix,
  options: WayOptions = {},
): Promise<Differences> {
  return await onGpu(gpu, x, w, options, async ({ run, ...matrices }) => {
    const { a, codes, b, c } = matrices;
    const fused = await planFused(gpu, fusedProblem(a, b, { ...options, c }), { kernel, tiling });
    const apart = await planGemm(gpu, gemmProblem(codes, b, c, options.out ?? 'f32'), { kernel, tiling });
    return differences(
      await run(fused.scratchBytes, (d, scratch) => fused.dispatches({ a, b, c, d }, scratch)),
      await run(apart.scratchBytes, (d, scratch) => apart.dispatches({ a: codes, b, c, d }, scratch)),
    );
  });
}

export interface Differences {
  /** The first places where bits differ. */
  readonly wrong: readonly number[];
  /** How many of the results are numbers other than 0. */
  readonly finite: number;
}

export function differences(fused: Matrix, apart: Matrix): Differences {
  const [left, right] = [bits(fused), bits(apart)];
  const finite = toFloat32(fused).filter((value) => Number.isFinite(value) && value !== 0).length;
  return { wrong: right.flatMap((word, i) => (word === left[i] ? [] : [i])).slice(0, 5), finite };
}

/** The bits of a matrix; one NaN is as good as another, since WGSL gives their bits, and so their signs, no meaning. */
function bits({ data, dtype }: Matrix): number[] {
  const words = data instanceof Float32Array ? new Uint32Array(data.buffer) : data;
  const [mask, infinity] = infinities[dtype];
  return Array.from(words, (word) => ((word & mask) > infinity ? infinity + 1 : word));
}

/** Magnitudes' bits, and those of infinity, above which are NaNs. */
const infinities = {
  f32: [0x7fffffff, 0x7f800000],
  bf16: [0x7fff, 0x7f80],
  f16: [0x7fff, 0x7c00],
} as const;
