/** @file Products by a B whose halves are kept: the bits of the same tiling without, which are within the bound. */

import { Context } from '../context.js';
import { measuredMachine } from '../format/native-halves.js';
import { planGemm, runProduct } from '../gemm/gemm.js';
import type { Tiling } from '../gemm/kernel.js';
import type { Keeper } from '../gemm/matrix/keepers.js';
import { gemmProblem } from '../gemm/problem.js';
import { kernelByName, obstacle } from '../gemm/registry.js';
import type { Gpu } from '../gpu/gpu.js';
import type { GpuQuantizedMatrix } from '../gpu-matrix.js';
import { type Matrix, toFloat32Bits } from '../matrix.js';
import { type Check, Tally } from './check.js';
import { countOutputs, nameOf, operands, type Product } from './gemm.js';

/** The fewest rows that read kept halves untuned, and more than a tile; K ends within a scale and a step. */
const products = [
  { shape: [131, 133, 203], granularities: ['1x128', '128x128'], formats: ['e4m3', 'e4m3'], out: 'f32' },
  { shape: [150, 70, 256], granularities: ['row', '1x128'], formats: ['e5m2', 'e3m2'], out: 'f32' },
] as const satisfies readonly Product[];

/** A check of a kernel that reads halves of B. */
export function keptCheck(keeper: Keeper): Check {
  const kernel = kernelByName(keeper);
  return {
    name: `gemm ${keeper}, halves of B kept`,
    steps: products.length,
    skip: (gpu) => obstacle(gpu, kernel) ?? makesNoHalves(gpu, keeper),
    async run(gpu, tick) {
      const tally = new Tally();
      for (const product of products) {
        await compare(gpu, keeper, product, tally);
        tick();
      }
      return tally.outcome(`every output of ${products.length} products, and each bit of it`);
    },
  };
}

/** Of tilings that decode both operands before, in the arithmetic of halves that are kept, the one to take first. */
function tilingOf(tilings: readonly Tiling[]): Tiling | undefined {
  return tilings.find(({ decode, scaling }) => decode === 'pass' && scaling === 'f32');
}

function makesNoHalves(gpu: Gpu, keeper: Keeper): string | undefined {
  const { a, b } = operands({ ...products[0], shape: [1, 1, 1] });
  const tilings = kernelByName(keeper).tilings(gemmProblem(a, b, undefined, 'f32'), gpu.machine);
  return tilingOf(tilings) ? undefined : 'it makes no halves before a product here';
}

async function compare(gpu: Gpu, keeper: Keeper, product: Product, tally: Tally): Promise<void> {
  const { a, b } = operands(product);
  const context = new Context(gpu);
  using left = await context.upload(a);
  using right = await context.upload(b);
  const kernel = kernelByName(keeper);
  const machine = await measuredMachine(gpu);
  const tiling = tilingOf(kernel.tilings(gemmProblem(left, right, undefined, 'f32'), machine));
  const made = await multiply(gpu, [left, right], keeper, tiling);
  await context.keepHalves(right, { kernel: keeper });
  const kept = await multiply(gpu, [left, right], keeper, tiling);
  const name = nameOf(product);
  tally.countAll(toFloat32Bits(kept), toFloat32Bits(made), (index) => {
    const place = `(${Math.floor(index / made.cols)}, ${index % made.cols})`;
    return `${place} of ${name} by kept halves is ${kept.data[index]}, not ${made.data[index]}`;
  });
  countOutputs(tally, kernel, { a, b, name }, made);
}

async function multiply(
  gpu: Gpu,
  [a, b]: readonly [GpuQuantizedMatrix, GpuQuantizedMatrix],
  kernel: Keeper,
  tiling: Tiling | undefined,
): Promise<Matrix> {
  const problem = gemmProblem(a, b, undefined, 'f32');
  const plan = await planGemm(gpu, problem, { kernel, tiling });
  using d = await runProduct(gpu, problem, undefined, plan.scratchBytes, (made, scratch) =>
    plan.dispatches({ a, b, ...made }, scratch),
  );
  return await d.read();
}
