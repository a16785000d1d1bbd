/** @file octile beside the others: the product of codes and scales, alone and with A quantised in the run. */

import { planGemm } from '../../src/gemm/gemm.js';
import { gemmProblem } from '../../src/gemm/problem.js';
import { kernelByName, obstacle } from '../../src/gemm/registry.js';
import { GpuMatrix } from '../../src/gpu-matrix.js';
import { version } from '../../src/library.js';
import { chooseQuantization } from '../../src/quantize/options.js';
import { checkOutputs, isEmulator } from '../gemm.js';
import { quantizing } from '../quantize.js';
import type { GemmCase } from '../suites.js';
import { wrongWholeNumber } from '../whole-numbers.js';
import { owning } from '../workload.js';
import type { Operands } from './operands.js';
import type { Peer, PreparedPeer } from './peer.js';

const usual = {
  kind: 'gemm',
  aFormat: 'e4m3',
  bFormat: 'e4m3',
  aGranularity: '1x128',
  bGranularity: '128x128',
  out: 'f32',
} as const;

const quantization = { format: usual.aFormat, granularity: usual.aGranularity };

/** Checks look at other places of D with another seed. */
const seed = 1;

/**
 * octile as peers: each kernel on operands that are quantised already, and the first of them with A quantised in the
 * run, which is what a layer does to activations that come in f32.
 * @param kernels names, or auto
 */
export function octilePeers(kernels: readonly string[]): Peer[] {
  const alone = kernels.map((kernel) => peer(kernel, false));
  return [...alone, peer(kernels[0] ?? 'auto', true)];
}

function peer(kernel: string, quantizesA: boolean): Peer {
  return {
    name: quantizesA ? `${kernel} with A quantised` : kernel,
    library: `octile ${version}`,
    precision: quantizesA
      ? 'f32 by e4m3 128x128 to f32, A rounded to e4m3 1x128'
      : 'e4m3 1x128 by e4m3 128x128 to f32',
    timed: quantizesA
      ? 'dispatches that quantise A and multiply, from their submission until they are done'
      : 'dispatches that multiply codes and scales, from their submission until they are done',
    unfit: (_product, gpu) => (kernel === 'auto' ? undefined : obstacle(gpu, kernelByName(kernel))),
    prepare: (operands) => prepare(operands, kernel, quantizesA),
  };
}

async function prepare(operands: Operands, kernel: string, quantizesA: boolean): Promise<PreparedPeer> {
  const { gpu, product, b } = operands;
  const one: GemmCase = { ...usual, ...product };
  const made = await owning(async (owned) => {
    const d = await gpu.guard('making room for a product', async () =>
      GpuMatrix.create(gpu, product.m, product.n, one.out),
    );
    owned.push(d);
    const quantized = quantizesA
      ? await quantizing(gpu, await operands.values('a', 'f32'), chooseQuantization(quantization), owned)
      : { target: operands.a, dispatches: [] };
    const a = quantized.target;
    const problem = gemmProblem(a, b, undefined, one.out);
    const plan = await planGemm(gpu, problem, { kernel });
    const scratch = await gpu.allocate(
      'making room between dispatches',
      plan.scratchBytes.map((bytes) => () => gpu.buffer('scratch of a product', bytes)),
    );
    for (const buffer of scratch) owned.push({ dispose: () => buffer.destroy() });
    const inexact = isEmulator(plan.kernel.name) ? undefined : await wrongWholeNumber(gpu, problem, plan);
    const dispatches = [...quantized.dispatches, ...plan.dispatches({ a: a, b, d }, scratch)];
    const prepared = await gpu.guard('compiling and binding', () => gpu.prepare(dispatches));
    owned.push({ dispose: () => prepared.destroy() });
    return { d, a: a, prepared, kernel: plan.kernel.name, inexact };
  });
  const run = async () => gpu.submit(made.prepared.dispatches);
  return {
    kernel: made.kernel,
    run,
    async result() {
      await run();
      return (await made.d.read()).data as Float32Array;
    },
    async oracle() {
      if (made.inexact !== undefined) return { failure: made.inexact };
      await gpu.guard('multiplying', run);
      return checkOutputs(gpu, one, made.kernel, { a: made.a, b, d: made.d }, seed);
    },
    dispose: made.dispose,
  };
}
