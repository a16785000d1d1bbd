/** @file The product of octile gemm, on the CPU and on an adapter. */

import { resolveAccumulation } from '../gemm/accumulation.js';
import { emulatedOutputs } from '../gemm/emulated/reference.js';
import { kernelFor } from '../gemm/gemm.js';
import { emulatedGroupedOutputs, type HostGroups, referenceGroupedGemm } from '../gemm/grouped-reference.js';
import { type Layout, turnedSides } from '../gemm/layout.js';
import { type GemmProblem, rowsOfD } from '../gemm/problem.js';
import type { Dtype, Matrix } from '../matrix.js';
import { traitsOf } from '../quantize/traits.js';
import { transpose } from '../quantize/transpose.js';
import type { Accumulator } from './accumulator.js';
import { type ProductFolding, productFolding } from './folding.js';
import { withGroups } from './groups.js';
import type { FileOperand } from './operand.js';
import { withProgress } from './progress.js';
import { emulatedGemm, exactGemm } from './reference.js';
import { type AdapterResult, adapterResult, withContext } from './session.js';
import type { JsonOption } from './terminal.js';

/** What to multiply, and how to add it up. */
export interface Work {
  readonly a: FileOperand;
  readonly b: FileOperand;
  readonly c: Matrix | undefined;
  readonly groups: HostGroups | undefined;
  readonly problem: GemmProblem;
  readonly accumulator: Accumulator | undefined;
}

export interface ProductOptions extends JsonOption {
  readonly layout: Layout;
  readonly kernel: string;
  readonly out: Dtype;
  readonly adapter: string;
}

export interface Product {
  readonly matrix: Matrix;
  readonly kernel: string;
  /** Whether folding scales into halves was exact, where the kernel does so. */
  readonly folding?: ProductFolding;
  readonly adapter?: AdapterResult;
  readonly milliseconds: number;
}

/** The product by the oracles. */
export async function productOnCpu(
  { a, b, c, groups, problem, accumulator }: Work,
  { out, json, layout }: ProductOptions,
): Promise<Product> {
  const start = performance.now();
  if (groups && !accumulator) {
    const matrix = referenceGroupedGemm(a.matrix, b.matrix, groups, out);
    return { matrix, kernel: 'reference', milliseconds: performance.now() - start };
  }
  const turned = turnedSides(layout);
  const left = turned.a ? transpose(a.matrix) : a.matrix;
  const right = turned.b ? transpose(b.matrix) : b.matrix;
  const rows = rowsOfD(problem);
  const matrix = await withProgress(
    accumulator ? 'emulated product' : 'exact product',
    rows,
    (tick) => {
      if (!accumulator) return exactGemm(left, right, c, out, tick);
      const { options } = accumulator;
      const outputs = groups
        ? emulatedGroupedOutputs(left, right, groups, options)
        : emulatedOutputs(left, right, options);
      return emulatedGemm(outputs, { rows, cols: problem.n, c, out, addendIn: options.addendIn }, tick);
    },
    { json },
  );
  return { matrix, kernel: 'reference', milliseconds: performance.now() - start };
}

/** The product by a kernel. */
export function productOnGpu(
  { a, b, c, groups, problem, accumulator }: Work,
  options: ProductOptions,
): Promise<Product> {
  return withContext(options, async (context) => {
    const { out, layout } = options;
    const emulation = accumulator?.options ?? {};
    const accumulation = await resolveAccumulation(context.gpu, problem, emulation);
    // As the context will know them once they are uploaded.
    const known = {
      ...problem,
      accumulation,
      a: { ...problem.a, ...traitsOf(a.matrix) },
      b: { ...problem.b, ...traitsOf(b.matrix) },
    };
    const { name } = kernelFor(context.gpu, known, options.kernel);
    const start = performance.now();
    const multiply = () =>
      groups
        ? withGroups(context, groups, (onGpu) =>
            context.groupedGemm(a.matrix, b.matrix, onGpu, { ...emulation, kernel: name, out }),
          )
        : context.gemm(a.matrix, b.matrix, { ...emulation, kernel: name, out, c, layout });
    const matrix = await withProgress(
      'multiplying',
      undefined,
      async () => (await multiply()).read(),
      options,
    );
    const milliseconds = performance.now() - start;
    const folding = productFolding(name, a.matrix, b.matrix, layout);
    return {
      matrix,
      kernel: name,
      ...(folding ? { folding } : {}),
      adapter: adapterResult(context),
      milliseconds,
    };
  });
}
