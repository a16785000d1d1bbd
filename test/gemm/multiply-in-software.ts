/** @file Products by the kernels of matrix units, and of packed f16 arithmetic, where there are none. */

import { expect } from 'vitest';
import { checkGemm } from '../../src/gemm/check.js';
import { half } from '../../src/gemm/half.js';
import type { Kernel } from '../../src/gemm/kernel.js';
import type { MatrixTiling } from '../../src/gemm/matrix/tile.js';
import { gemmProblem } from '../../src/gemm/problem.js';
import type { Dispatch } from '../../src/gpu/dispatch.js';
import type { Gpu } from '../../src/gpu/gpu.js';
import type { MatrixConfig } from '../../src/gpu/machine.js';
import { GpuMatrix, GpuQuantizedMatrix } from '../../src/gpu-matrix.js';
import type { Dtype, Matrix } from '../../src/matrix.js';
import type { QuantizedMatrix } from '../../src/quantize/quantized-matrix.js';
import { inSoftware } from './in-software.js';
import { f16Units, machineWith, matrixTiling } from './matrix-machine.js';

/** How to multiply. */
export interface Options {
  readonly c?: Matrix;
  readonly out?: Dtype;
  readonly config?: MatrixConfig;
  readonly parts?: number;
  readonly decode?: MatrixTiling['decode'];
  readonly alter?: (dispatch: Dispatch) => Dispatch;
  readonly tile?: Partial<MatrixTiling>;
  readonly byFour?: boolean;
}

/** A product by a kernel whose units, or packed arithmetic, are in software, on a GPU of the caller's. */
export async function multiplyInSoftware(
  gpu: Gpu,
  kernel: Kernel,
  [a, b]: readonly [QuantizedMatrix, QuantizedMatrix],
  {
    c,
    out = 'f32',
    config = f16Units,
    parts = 1,
    decode = 'inline',
    alter = (one) => one,
    tile = {},
    byFour = false,
  }: Options = {},
): Promise<Matrix> {
  const problem = gemmProblem(a, b, c, out);
  expect(kernel.unfit(problem)).toBeUndefined();
  const machine = await machineWith(gpu, config);
  const matrices = {
    a: GpuQuantizedMatrix.upload(gpu, a),
    b: GpuQuantizedMatrix.upload(gpu, b),
    c: c && GpuMatrix.upload(gpu, c),
    d: GpuMatrix.create(gpu, a.rows, b.rows, out),
  };
  const tiling = kernel === half ? { rows: 64, cols: 64, scaling: 'f32' } : matrixTiling;
  const chosen = { ...tiling, ...tile, decode, parts };
  const scratch = (kernel.scratchBytes?.(problem, chosen) ?? []).map((bytes) => gpu.buffer('scratch', bytes));
  const job = { problem, matrices, machine, tiling: chosen, scratch, operationsPerDispatch: 1e9 };
  try {
    const dispatches = kernel.dispatches(job);
    await gpu.run(
      'multiplying',
      dispatches.map((dispatch) => alter({ ...dispatch, shader: inSoftware(dispatch.shader, byFour) })),
    );
    return await matrices.d.read();
  } finally {
    for (const one of Object.values(matrices)) one?.dispose();
    for (const buffer of scratch) buffer.destroy();
  }
}

/** The same, within the kernel's bound, which has to be finite; the largest error over its bound. */
export async function expectWithinBound(
  gpu: Gpu,
  kernel: Kernel,
  operands: readonly [QuantizedMatrix, QuantizedMatrix],
  options: Options = {},
): Promise<number> {
  const d = await multiplyInSoftware(gpu, kernel, operands, options);
  const { c } = options;
  const { errorBound } = kernel;
  const { checked, wrong, worstRatio } = checkGemm(...operands, d, { c, errorBound });
  expect(wrong.slice(0, 5)).toEqual([]);
  expect(checked.filter(({ bound }) => bound === Infinity)).toEqual([]);
  return worstRatio;
}
