/** @file Quantising and multiplying as a workload: values in memory to their product, by each way there is. */

import { planFused } from '../src/gemm/fused/plan.js';
import { fusedProblem } from '../src/gemm/fused/problem.js';
import { type GemmPlan, planGemm } from '../src/gemm/gemm.js';
import { gemmProblem } from '../src/gemm/problem.js';
import type { Dispatch, Gpu } from '../src/gpu/gpu.js';
import { GpuMatrix, type GpuQuantizedMatrix } from '../src/gpu-matrix.js';
import { chooseQuantization } from '../src/quantize/options.js';
import { quantizeOnGpu } from '../src/quantize/quantize-gpu.js';
import { type CastCase, caseBytes, type GemmCase } from './cases.js';
import { checkOutputs, randomOperand } from './gemm.js';
import { quantizing } from './quantize.js';
import { randomOnGpu } from './random.js';
import { type Disposable, makeSets, owning, setCount, type Workload } from './workload.js';

/**
 * Quantises random values and multiplies them by random weights. The check compares outputs all over D with the exact
 * products of the codes and scales that quantising gives.
 * @throws OutOfMemoryError, UnsupportedError if a buffer would be too large or no kernel can run
 */
export async function castWorkload(gpu: Gpu, one: CastCase, seed: number): Promise<Workload> {
  const { m, n, k, out } = one;
  const sets = await makeSets(gpu, setCount(gpu, caseBytes(one)), (index) =>
    owning(async (owned) => {
      const values = await randomOnGpu(gpu, m, k, seed + 2 * index);
      owned.push(values);
      const b = await randomOperand(gpu, n, k, { granularity: '128x128' }, 'normal', seed + 2 * index + 1);
      owned.push(b);
      const d = await gpu.guard('making room for a product', async () => GpuMatrix.create(gpu, m, n, out));
      owned.push(d);
      const work = { values, b, d };
      return { ...work, ...(await castDispatches(gpu, one, work, owned)) };
    }),
  );
  return {
    how: sets.first.how,
    rotation: sets.rotation,
    async check() {
      const { values, b, d, kernel, dispatches } = sets.first;
      await gpu.run('quantising and multiplying', dispatches);
      const a = await quantizeOnGpu(gpu, values, {});
      try {
        return await checkOutputs(gpu, productOf(one), kernel, { a, b, d }, seed);
      } finally {
        a.dispose();
      }
    },
    dispose: sets.dispose,
  };
}

interface CastWork {
  readonly values: GpuMatrix;
  readonly b: GpuQuantizedMatrix;
  readonly d: GpuMatrix;
}

/**
 * How a product is computed: the kernel whose error bound holds for it, and what records say, which is the kernel too.
 */
interface Planned {
  readonly kernel: string;
  readonly how: NonNullable<Workload['how']>;
}

function planned({ kernel, tiling, tuned }: Pick<GemmPlan, 'kernel' | 'tiling' | 'tuned'>): Planned {
  return { kernel: kernel.name, how: { tiling: { kernel: kernel.name, ...tiling }, tuned } };
}

/** The dispatches of one way. */
async function castDispatches(
  gpu: Gpu,
  { cast, out }: CastCase,
  { values, b, d }: CastWork,
  owned: Disposable[],
): Promise<Planned & { readonly dispatches: Dispatch[] }> {
  const scratchOf = async (sizes: readonly number[]) => {
    const buffers = await gpu.allocate(
      'making room between dispatches',
      sizes.map((bytes) => () => gpu.buffer('scratch of a product', bytes)),
    );
    for (const buffer of buffers) owned.push({ dispose: () => buffer.destroy() });
    return buffers;
  };
  if (cast !== 'separate') {
    // Also where quantizeAndGemm() takes another way, so that all can be seen.
    const plan = await planFused(gpu, fusedProblem(values, b, { out }), { staged: cast === 'fused' });
    const dispatches = plan.dispatches({ a: values, b, d }, await scratchOf(plan.scratchBytes));
    return { ...planned({ ...plan, tuned: false }), dispatches };
  }
  const { target: a, dispatches: first } = await quantizing(gpu, values, chooseQuantization(), owned);
  const plan = await planGemm(gpu, gemmProblem(a, b, undefined, out));
  const then = plan.dispatches({ a, b, d }, await scratchOf(plan.scratchBytes));
  return { ...planned(plan), dispatches: [...first, ...then] };
}

/** The product in itself, for its oracle. */
function productOf({ m, n, k, out }: CastCase): GemmCase {
  const e4m3 = { aFormat: 'e4m3', bFormat: 'e4m3' } as const;
  return { kind: 'gemm', m, n, k, ...e4m3, aGranularity: '1x128', bGranularity: '128x128', out };
}
