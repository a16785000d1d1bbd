/** @file Products as a tensor core adds them up, on the GPU against the oracle: every emulator, bit for bit. */

import { resolveAccumulation } from '../gemm/accumulation.js';
import { emulatedOutputs } from '../gemm/emulated/reference.js';
import type { Emulator } from '../gemm/kernel.js';
import { gemmProblem } from '../gemm/problem.js';
import { obstacle } from '../gemm/registry.js';
import { type Check, Tally } from './check.js';
import { multiply, nameOf, operands, type Product } from './gemm.js';

/** What emulators are checked by: the instruction that octile's promises about bits are about. */
const accumulator = 'hopper-wgmma';

/** Ragged products that share a shader, which a software adapter compiles for seconds. */
const products = [
  [67, 70, 300],
  [9, 17, 128],
  [1, 3, 1],
].map(
  ([m = 1, n = 1, k = 1]): Product => ({
    shape: [m, n, k],
    granularities: ['1x128', '128x128'],
    formats: ['e4m3', 'e4m3'],
    out: 'f32',
  }),
);

/** Multiplies random matrices with outliers, promoting as DeepSeek-V3 does, and compares every output's bits. */
export function emulatorCheck(emulator: Emulator): Check {
  return {
    name: `gemm ${emulator.name}, ${accumulator}`,
    steps: products.length,
    skip: (gpu) => obstacle(gpu, emulator),
    async run(gpu, tick) {
      const tally = new Tally();
      const reasons = new Set<string>();
      for (const product of products) {
        const { a, b } = operands(product);
        const problem = gemmProblem(a, b, undefined, product.out);
        const accumulation = await resolveAccumulation(gpu, problem, { accumulator });
        const reason = emulator.unfit({ ...problem, accumulation });
        if (reason === undefined) {
          const d = await multiply(gpu, a, b, { kernel: emulator.name, accumulator });
          const outputs = emulatedOutputs(a, b, { accumulator });
          for (let i = 0; i < d.data.length; i++) {
            const [row, col] = [Math.floor(i / d.cols), i % d.cols];
            const [actual, wanted] = [d.data[i], outputs.at(row, col)];
            tally.count(
              Object.is(actual, wanted),
              () => `(${row}, ${col}) of ${nameOf(product)} is ${actual}, not ${wanted}`,
            );
          }
        } else reasons.add(reason);
        tick();
      }
      return tally.outcome(
        reasons.size > 0 ? [...reasons].join('; ') : `every bit of ${products.length} products`,
      );
    },
  };
}
