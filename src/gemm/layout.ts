/**
 * @file How operands lie in memory. Kernels take both as rows along K; an operand that lies the other way is
 * transposed on its way in, codes and scales, without a rounding.
 */

import { ArgumentError } from '../errors.js';
import type { Gpu } from '../gpu/gpu.js';
import type { GpuMatrix, GpuQuantizedMatrix } from '../gpu-matrix.js';
import type { Dtype } from '../matrix.js';
import { transposedGranularity } from '../quantize/granularity.js';
import { transposeOnGpu } from '../quantize/transpose-gpu.js';
import { type GemmOptions, gemmOnGpu } from './gemm.js';
import {
  type Addend,
  type GemmProblem,
  gemmProblem,
  kindOf,
  leastTileCols,
  type Operand,
} from './problem.js';

/**
 * D = op(A) · op(B) as BLAS has it, a letter for A and one for B: N as it is, T transposed.
 *
 * - NT: A is M × K, B is N × K, K running along the rows of both; nothing is moved
 * - NN: A is M × K, B is K × N
 * - TN: A is K × M, B is K × N
 * - TT: A is K × M, B is N × K
 */
export const layouts = ['NT', 'NN', 'TN', 'TT'] as const;
export type Layout = (typeof layouts)[number];

export interface LayoutOptions {
  /** How A and B lie. Default NT: D = A · Bᵀ, both with K along their rows. */
  readonly layout?: Layout;
}

/** Which operands have K along their columns, and need turning. */
export function turnedSides(layout: Layout): { readonly a: boolean; readonly b: boolean } {
  return { a: layout[0] === 'T', b: layout[1] === 'N' };
}

/**
 * The problem that operands of a layout pose, both with K along their rows.
 * @throws ArgumentError if there is no such layout, shapes do not fit, or an operand's tiles do not go along K
 */
export function layoutProblem(
  a: Operand,
  b: Operand,
  c: Addend | undefined,
  out: Dtype,
  layout: Layout = 'NT',
): GemmProblem {
  if (!layouts.includes(layout)) throw new ArgumentError('layout', layout, layouts.join(', '));
  if (layout === 'NT') return gemmProblem(a, b, c, out);
  const turned = turnedSides(layout);
  const left = turned.a ? turnedOperand('a', a, layout) : a;
  const right = turned.b ? turnedOperand('b', b, layout) : b;
  if (left.cols !== right.cols) {
    const [sideA, sideB] = [turned.a ? 'rows' : 'cols', turned.b ? 'rows' : 'cols'];
    throw new ArgumentError(
      `b.${sideB}`,
      right.cols,
      `a.${sideA}, ${left.cols}: with layout ${layout} the sum goes over the ${sideA} of A and the ${sideB} of B`,
    );
  }
  if (c && (c.rows !== left.rows || c.cols !== right.rows))
    throw new ArgumentError(
      'c',
      `${c.rows}x${c.cols}`,
      `a matrix of ${left.rows}x${right.rows}, the shape of D with layout ${layout}`,
    );
  return gemmProblem(left, right, c, out);
}

function turnedOperand(argument: string, operand: Operand, layout: Layout): Operand {
  const { rows, cols, granularity } = operand;
  if (granularity.tileRows < leastTileCols)
    throw new ArgumentError(
      `${argument}.granularity`,
      granularity.name,
      `with layout ${layout} tiles that go down the columns of ${argument.toUpperCase()}, as its sum does: ` +
        'tensor, column, 128x1, 128x128, 32x1; requantizeTransposed() makes 1x128 of the transpose out of 1x128',
    );
  // Halves that are kept are those of the rows there are.
  return {
    ...kindOf(operand),
    kept: undefined,
    rows: cols,
    cols: rows,
    granularity: transposedGranularity(granularity),
  };
}

/**
 * Multiplies two quantised matrices of any layout. Arguments are checked before anything is allocated; the result is
 * the caller's to dispose of, and nothing else is left behind.
 * @throws ArgumentError if shapes or options do not fit, UnsupportedError if no kernel can run them,
 *   DisposedError if a matrix has been disposed of
 */
export async function gemmOfLayout(
  gpu: Gpu,
  a: GpuQuantizedMatrix,
  b: GpuQuantizedMatrix,
  { layout = 'NT', ...options }: GemmOptions & LayoutOptions,
): Promise<GpuMatrix> {
  layoutProblem(a, b, options.c, options.out ?? 'f32', layout);
  const turned = turnedSides(layout);
  const temporary: GpuQuantizedMatrix[] = [];
  const rowsAlongK = async (source: GpuQuantizedMatrix, turn: boolean) => {
    if (!turn) return source;
    const made = await transposeOnGpu(gpu, source);
    temporary.push(made);
    return made;
  };
  try {
    const left = await rowsAlongK(a, turned.a);
    // A product of a matrix with itself turns it once.
    const right = a === b && turned.a && turned.b ? left : await rowsAlongK(b, turned.b);
    return await gemmOnGpu(gpu, left, right, options);
  } finally {
    for (const one of temporary) one.dispose();
  }
}
