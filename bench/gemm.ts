/** @file A product as a workload: random operands, quantised on the GPU, and their product. */

import { UnsupportedError } from '../src/errors.js';
import { resolveAccumulation } from '../src/gemm/accumulation.js';
import { type CheckedOutput, checkGemm } from '../src/gemm/check.js';
import { emulatedOutputs } from '../src/gemm/emulated/reference.js';
import { roundTo } from '../src/gemm/exact.js';
import { planGemm } from '../src/gemm/gemm.js';
import { keepHalves } from '../src/gemm/keep-halves.js';
import type { Tiling } from '../src/gemm/kernel.js';
import { keepers } from '../src/gemm/matrix/keepers.js';
import { readsHalves } from '../src/gemm/matrix/read-halves.js';
import type { MatrixTiling } from '../src/gemm/matrix/tile.js';
import { type GemmProblem, gemmProblem } from '../src/gemm/problem.js';
import { emulators, kernelByName } from '../src/gemm/registry.js';
import type { Gpu } from '../src/gpu/gpu.js';
import { GpuMatrix, type GpuQuantizedMatrix } from '../src/gpu-matrix.js';
import { type Matrix, matrix } from '../src/matrix.js';
import type { QuantizeOptions } from '../src/quantize/quantize.js';
import { quantizeOnGpu } from '../src/quantize/quantize-gpu.js';
import type { QuantizedMatrix } from '../src/quantize/quantized-matrix.js';
import { calcDiff, maxOverRms } from '../src/report/metrics.js';
import { caseBytes, caseProblem, type GemmCase } from './cases.js';
import { type Distribution, randomOnGpu } from './random.js';
import { type Band, readBand, readQuantizedBand, sampleBands } from './sample.js';
import { wrongWholeNumber } from './whole-numbers.js';
import { makeSets, owning, type Quality, setCount, type Workload } from './workload.js';

/** What an emulator is measured with. */
function emulationOf({ accumulator = 'hopper-wgmma', promote }: GemmCase) {
  return { accumulator, ...(promote === undefined ? {} : { promote }) };
}

/** Bands of rows of each operand whose products are checked: 36 squares of 4 x 4 outputs. */
const bands = 6;

/**
 * Multiplies random data, quantised as the case says, by one kernel. The check compares outputs all over D with
 * the exact products of the same codes and scales, or bit for bit with what an emulator emulates. Where that leaves
 * room for errors, the kernel has to multiply whole numbers without one.
 * @throws OutOfMemoryError, UnsupportedError if a buffer would be too large or the kernel cannot run
 */
export async function gemmWorkload(
  gpu: Gpu,
  one: GemmCase,
  kernel: string,
  seed: number,
  tiling?: Tiling,
): Promise<Workload> {
  const { m, n, k, out, distribution = 'normal' } = one;
  const scaling = {
    ...(one.dialect === undefined ? {} : { dialect: one.dialect }),
    ...(one.powerOfTwo ? { powerOfTwo: true } : {}),
  };
  const quantization = {
    a: { format: one.aFormat, granularity: one.aGranularity, ...scaling },
    b: { format: one.bFormat, granularity: one.bGranularity, ...scaling },
  };
  const problem = await askedProblem(gpu, one, kernel, tiling);
  const { kept } = problem.b;
  // First of all, while there is room.
  const inexact = isEmulator(kernel)
    ? undefined
    : await wrongWholeNumber(gpu, problem, await planGemm(gpu, problem, { kernel, tiling }));
  // Outlier channels are the activations': B holds weights.
  const ofWeights = distribution === 'outlier-channels' ? 'normal' : distribution;
  const sets = await makeSets(gpu, setCount(gpu, caseBytes(one)), (index) =>
    owning(async (owned) => {
      const a = await randomOperand(gpu, m, k, quantization.a, distribution, seed + 2 * index);
      owned.push(a);
      const b = await randomOperand(gpu, n, k, quantization.b, ofWeights, seed + 2 * index + 1);
      owned.push(b);
      if (kept !== undefined) await keepHalves(gpu, b, { kernel: kept });
      const d = await gpu.guard('making room for a product', async () => GpuMatrix.create(gpu, m, n, out));
      owned.push(d);
      const posed = gemmProblem(a, b, undefined, out);
      const accumulation = await resolveAccumulation(gpu, posed, isEmulator(kernel) ? emulationOf(one) : {});
      const plan = await planGemm(gpu, { ...posed, accumulation }, { kernel, tiling });
      const scratch = await gpu.allocate(
        'making room between dispatches',
        plan.scratchBytes.map((bytes) => () => gpu.buffer('scratch of a product', bytes)),
      );
      for (const buffer of scratch) owned.push({ dispose: () => buffer.destroy() });
      const { tiling: taken, tuned } = plan;
      return { a, b, d, how: { tiling: taken, tuned }, dispatches: plan.dispatches({ a, b, d }, scratch) };
    }),
  );
  return {
    how: sets.first.how,
    rotation: sets.rotation,
    async check() {
      if (inexact !== undefined) return { failure: inexact };
      const { a, b, d, dispatches } = sets.first;
      await gpu.run('multiplying', dispatches);
      return checkOutputs(gpu, one, kernel, { a, b, d }, seed);
    },
    dispose: sets.dispose,
  };
}

/**
 * The problem that a case poses, with halves of B kept if the case has it so.
 * @throws UnsupportedError if nothing would read them
 */
async function askedProblem(
  gpu: Gpu,
  one: GemmCase,
  kernel: string,
  tiling: Tiling | undefined,
): Promise<GemmProblem> {
  const problem = caseProblem(one);
  if (!one.keepsB) return problem;
  const { name } = (await planGemm(gpu, problem, { kernel, tiling })).kernel;
  const keeping = { ...problem, b: { ...problem.b, kept: keepers.find((keeper) => keeper === name) } };
  const plan = await planGemm(gpu, keeping, { kernel: name, tiling });
  if (!readsHalves(keeping, plan.tiling as MatrixTiling, name))
    throw new UnsupportedError(
      `nothing reads halves of B here: ${keepers.join(' and ')} do, where they make them before a product, ` +
        `untuned from 128 rows on; this would be ${name}`,
    );
  return keeping;
}

/** A matrix of random values, quantised. */
export async function randomOperand(
  gpu: Gpu,
  rows: number,
  cols: number,
  options: QuantizeOptions,
  distribution: Distribution,
  seed: number,
): Promise<GpuQuantizedMatrix> {
  const values = await randomOnGpu(gpu, rows, cols, seed, distribution);
  try {
    return await quantizeOnGpu(gpu, values, options);
  } finally {
    values.dispose();
  }
}

/** Whether a kernel's results are bits that an oracle defines. */
export function isEmulator(kernel: string): boolean {
  return emulators.some(({ name }) => name === kernel);
}

/** Compares outputs all over D, as a kernel has left it, with the oracle of that kernel. */
export async function checkOutputs(
  gpu: Gpu,
  one: GemmCase,
  kernel: string,
  { a, b, d }: { readonly a: GpuQuantizedMatrix; readonly b: GpuQuantizedMatrix; readonly d: GpuMatrix },
  seed: number,
): Promise<Quality> {
  const bandsOfB = sampleBands(b.rows, bands, seed + 1);
  const partsOfB: QuantizedMatrix[] = [];
  for (const band of bandsOfB) partsOfB.push(await readQuantizedBand(gpu, b, band));

  const values: number[] = [];
  const exact: number[] = [];
  for (const bandOfA of sampleBands(a.rows, bands, seed)) {
    const partOfA = await readQuantizedBand(gpu, a, bandOfA);
    const rowsOfD = await readBand(gpu, d, bandOfA);
    for (const [i, partOfB] of partsOfB.entries()) {
      const bandOfB = bandsOfB[i] as Band;
      const part = columns(rowsOfD, bandOfB);
      const { checked, wrong } = checkGemm(partOfA, partOfB, part, boundOf(kernel));
      const mistake = isEmulator(kernel) ? wrongBits(one, partOfA, partOfB, part) : beyondBound(wrong);
      if (mistake) {
        const place = `(${bandOfA.first + mistake.row}, ${bandOfB.first + mistake.col})`;
        return { failure: `D${place} is ${mistake.text}` };
      }
      values.push(...checked.map((output) => output.value));
      exact.push(...checked.map((output) => output.exact));
    }
  }
  return { error: maxOverRms(values, exact), calcDiff: calcDiff(values, exact) };
}

/** A wrong output of a part of D. */
interface Mistake {
  readonly row: number;
  readonly col: number;
  readonly text: string;
}

function boundOf(kernel: string) {
  return isEmulator(kernel) ? {} : { errorBound: kernelByName(kernel).errorBound };
}

function beyondBound([first]: readonly CheckedOutput[]): Mistake | undefined {
  if (!first) return undefined;
  const { row, col, value, exact, bound } = first;
  return { row, col, text: `${value}, not ${exact} ± ${bound.toPrecision(3)}` };
}

function wrongBits(one: GemmCase, a: QuantizedMatrix, b: QuantizedMatrix, d: Matrix): Mistake | undefined {
  const outputs = emulatedOutputs(a, b, emulationOf(one));
  for (let i = 0; i < d.data.length; i++) {
    const [row, col] = [Math.floor(i / d.cols), i % d.cols];
    const wanted = roundTo(d.dtype, outputs.at(row, col));
    if (!Object.is(d.data[i], wanted)) return { row, col, text: `${d.data[i]}, not ${wanted}` };
  }
  return undefined;
}

/** Neighbouring columns of a matrix. */
export function columns(source: Matrix, { first, count }: Band): Matrix {
  const { rows, cols, dtype } = source;
  const data = dtype === 'f32' ? new Float32Array(rows * count) : new Uint16Array(rows * count);
  for (let row = 0; row < rows; row++)
    data.set(source.data.subarray(row * cols + first, row * cols + first + count), row * count);
  return matrix(rows, count, data, dtype);
}
