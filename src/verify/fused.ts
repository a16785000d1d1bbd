/** @file Products whose A is quantised on its way in, against the exact ones of the oracle's codes. */

import { Context } from '../context.js';
import { measuredMachine } from '../format/native-halves.js';
import type { FusedKernel } from '../gemm/fused/kernel.js';
import { fusedObstacle, planFused } from '../gemm/fused/plan.js';
import { fusedProblem } from '../gemm/fused/problem.js';
import { runProduct } from '../gemm/gemm.js';
import type { Kernel, Tiling } from '../gemm/kernel.js';
import type { Gpu } from '../gpu/gpu.js';
import type { Matrix } from '../matrix.js';
import { quantize } from '../quantize/quantize.js';
import type { QuantizedMatrix } from '../quantize/quantized-matrix.js';
import { type Check, Tally } from './check.js';
import { countOutputs } from './gemm.js';
import { randomMatrix } from './random.js';

/** K ends within a scale, within a step, and where tiles of A end; more than one tile of rows and columns. */
const shapes = [
  [3, 133, 320],
  [7, 133, 203],
  [70, 133, 192],
  [131, 70, 256],
] as const;

/** A check of a kernel that quantises A itself. */
export function fusedCheck(fused: FusedKernel): Check {
  const sides = (m: number, n: number, k: number) => ({
    x: randomMatrix(m, k, 7, 'outliers'),
    w: quantize(randomMatrix(n, k, 8, 'outliers'), { granularity: '128x128' }),
  });
  return {
    name: `gemm ${fused.kernel.name}, A quantised on its way`,
    steps: shapes.length,
    skip: (gpu) => {
      const { x, w } = sides(1, 1, 1);
      return fusedObstacle(gpu, fused, fusedProblem(x, w));
    },
    async run(gpu, tick) {
      const tally = new Tally();
      const machine = await measuredMachine(gpu);
      let products = 0;
      for (const [m, n, k] of shapes) {
        const { x, w } = sides(m, n, k);
        const problem = fusedProblem(x, w);
        if (fused.unfit(problem, machine) === undefined) {
          // Of each way to quantise A and to decode B, the tiling that is taken first.
          const ways = new Map<unknown, Tiling>();
          for (const tiling of fused.tilings(problem, machine))
            if (!ways.has(tiling.decode)) ways.set(tiling.decode, tiling);
          for (const tiling of ways.values()) {
            await compare(gpu, fused.kernel, tiling, [x, w], tally);
            products++;
          }
        }
        tick();
      }
      return tally.outcome(`every output of ${products} products`);
    },
  };
}

async function compare(
  gpu: Gpu,
  kernel: Kernel,
  tiling: Tiling,
  [x, w]: readonly [Matrix, QuantizedMatrix],
  tally: Tally,
): Promise<void> {
  const context = new Context(gpu);
  using a = await context.upload(x);
  using b = await context.upload(w);
  const problem = fusedProblem(a, b);
  const plan = await planFused(gpu, problem, { kernel: kernel.name, tiling });
  using d = await runProduct(gpu, problem, undefined, plan.scratchBytes, (made, scratch) =>
    plan.dispatches({ a, b, ...made }, scratch),
  );
  const name = [x.rows, w.rows, x.cols].join('x');
  countOutputs(tally, kernel, { a: quantize(x, { granularity: '1x128' }), b: w, name }, await d.read());
}
