/**
 * @file A product of small whole numbers, which every kernel has to get exactly right. Where operands are rounded to
 * halves, error bounds are so wide that a product left out in a thousand lies within them; here it is an error.
 *
 * Values are -2, -1, 1 and 2: no product is 0, and a sum of K stays far below the 2^24 that f32 adds exactly, as the
 * sums of a step do below the 2^11 of halves. Codes are near their format's largest, and one scale makes them whole, so
 * that kernels which fold scales into halves have nothing to round or to lose at the small end either.
 */

import wholeCodesWgsl from '../shaders/bench/whole-codes.wgsl?raw';
import wholeSumsWgsl from '../shaders/bench/whole-sums.wgsl?raw';
import wholeValuesWgsl from '../shaders/bench/whole-values.wgsl?raw';
import wordsWgsl from '../shaders/bench/words.wgsl?raw';
import { encode } from '../src/format/encode.js';
import { type Format, width } from '../src/format/format.js';
import { formats } from '../src/format/formats.js';
import { roundTo } from '../src/gemm/exact.js';
import type { GemmPlan } from '../src/gemm/gemm.js';
import { keepHalves } from '../src/gemm/keep-halves.js';
import type { GemmProblem, OperandKind } from '../src/gemm/problem.js';
import { type Dispatch, type Gpu, grid } from '../src/gpu/gpu.js';
import { Expression, type Shader } from '../src/gpu/shader.js';
import { GpuMatrix, GpuQuantizedMatrix } from '../src/gpu-matrix.js';
import { type Dtype, matrix, toFloat32 } from '../src/matrix.js';
import { noTraits } from '../src/quantize/traits.js';
import { randomWords } from '../src/verify/random.js';
import { wholeUnit, wholeValues } from '../src/verify/whole-numbers.js';
import { owning } from './workload.js';

/** Values that one random word chooses. */
const perWord = 16;

/** Threads in a workgroup, as in the shaders. */
const threads = 64;

const seeds = { a: 1, b: 2 } as const;

/** Value `col` of a row of `cols`, one of wholeValues: the definition that whole-values.wgsl follows. */
export function wholeValue(row: number, col: number, cols: number, seed: number): number {
  const index = row * Math.ceil(cols / perWord) + Math.floor(col / perWord);
  const choices = randomWords(index, seed)[0] as number;
  return wholeValues[(choices >>> (2 * (col % perWord))) & 3] as number;
}

export function wholeCodesShader(format: Format): Shader {
  const unit = wholeUnit(format);
  const codes = wholeValues.map((value) => `${encode(format, value * unit)}u`);
  return {
    label: `whole numbers in ${format.name}`,
    files: [wordsWgsl, wholeValuesWgsl, wholeCodesWgsl],
    constants: { CODE_BITS: width(format), CODES: new Expression(`array<u32, 4>(${codes.join(', ')})`) },
  };
}

export function wholeSumsShader(out: Dtype): Shader {
  return {
    label: `sums of whole numbers beside ${out}`,
    files: [wordsWgsl, wholeValuesWgsl, wholeSumsWgsl],
    constants: { OUT_BITS: out === 'f32' ? 32 : 16 },
  };
}

/** Room for an operand, its scales, and the dispatch that makes its codes. */
export function wholeOperand(
  gpu: Gpu,
  rows: number,
  cols: number,
  kind: OperandKind,
  seed: number,
): { readonly operand: GpuQuantizedMatrix; readonly dispatch: Dispatch } {
  const { format, granularity } = kind;
  const traits = { ...noTraits, ...kind };
  const operand = GpuQuantizedMatrix.create(gpu, rows, cols, format, granularity, 'whole numbers', traits);
  const scale = 1 / wholeUnit(format);
  const count = operand.scaleRows * operand.scaleCols;
  gpu.write(
    operand.scales,
    granularity.scaleFormat === 'e8m0'
      ? new Uint8Array(count).fill(encode(formats.e8m0, scale))
      : new Float32Array(count).fill(scale),
  );
  const words = rows * operand.wordPitch;
  const dispatch = {
    shader: wholeCodesShader(format),
    buffers: [operand.codes],
    params: [words, operand.wordPitch, cols, Math.ceil(cols / perWord), seed],
    workgroups: grid(Math.ceil(words / threads)),
    operations: words * 64,
  };
  return { operand, dispatch };
}

/** Outputs that are compared, where a larger share would cost as much as the product. */
const mostOutputs = 2 ** 14;
/**
 * Sides of the squares of which one output is compared. The last: the least tile of D that kernels give a workgroup.
 */
const sides = [1, 2, 4, 8, 16] as const;

function sideFor({ m, n }: GemmProblem): number {
  const squares = (side: number) => Math.ceil(m / side) * Math.ceil(n / side);
  return sides.find((side) => squares(side) <= mostOutputs) ?? sides[sides.length - 1] ?? 1;
}

/** The place in D that output `index` of whole-sums.wgsl has. */
function placeOf({ m, n }: GemmProblem, side: number, index: number): [row: number, col: number] {
  const across = Math.ceil(n / side);
  const [down, along] = [Math.floor(index / across), index % across];
  const row = down * side + ((along + Math.floor(down / side)) % side);
  const col = along * side + ((down + Math.floor(along / side)) % side);
  return [Math.min(row, m - 1), Math.min(col, n - 1)];
}

/** The values of outputs' bits. */
function outputs(out: Dtype, bits: Uint32Array): Float32Array {
  const data = out === 'f32' ? new Float32Array(bits.buffer) : Uint16Array.from(bits);
  return toFloat32(matrix(1, bits.length, data, out));
}

/** Sums as outputs have them: 16 bits hold long ones no more than any kernel's. */
function rounded(out: Dtype, sums: Int32Array): Float32Array {
  const bits = Array.from(sums, (sum) => roundTo(out, sum));
  const data = out === 'f32' ? Float32Array.from(bits) : Uint16Array.from(bits);
  return toFloat32(matrix(1, sums.length, data, out));
}

/**
 * Multiplies whole numbers as planned, and compares outputs all over D with the exact sums. An emulator's plan is none
 * to check so: its accumulator may be too short for exact sums.
 * @returns which output is wrong; undefined if none is
 * @throws OutOfMemoryError, UnsupportedError if a buffer would be too large, ShaderError, DeviceLostError
 */
export async function wrongWholeNumber(
  gpu: Gpu,
  problem: GemmProblem,
  plan: Pick<GemmPlan, 'scratchBytes' | 'dispatches'>,
): Promise<string | undefined> {
  const { m, n, k, out } = problem;
  const side = sideFor(problem);
  const across = Math.ceil(n / side);
  const count = Math.ceil(m / side) * across;
  const made = await owning((owned) =>
    gpu.guard('making room for whole numbers', async () => {
      const a = wholeOperand(gpu, m, k, problem.a, seeds.a);
      owned.push(a.operand);
      const b = wholeOperand(gpu, n, k, problem.b, seeds.b);
      owned.push(b.operand);
      const d = GpuMatrix.create(gpu, m, n, out);
      owned.push(d);
      const buffer = (label: string, bytes: number) => {
        const one = gpu.buffer(label, bytes);
        owned.push({ dispose: () => one.destroy() });
        return one;
      };
      const results = buffer('sums of whole numbers', 8 * count);
      const scratch = plan.scratchBytes.map((bytes) => buffer('scratch of a product', bytes));
      return { a, b, d, results, scratch };
    }),
  );
  try {
    const { a, b, d, results, scratch } = made;
    await gpu.run('making whole numbers', [a.dispatch, b.dispatch]);
    const { kept } = problem.b;
    if (kept !== undefined) await keepHalves(gpu, b.operand, { kernel: kept });
    await gpu.run('multiplying whole numbers', [
      ...plan.dispatches({ a: a.operand, b: b.operand, d }, scratch),
      {
        shader: wholeSumsShader(out),
        buffers: [d.buffer, results],
        params: [count, m, n, k, d.pitch, side, across, seeds.a, seeds.b],
        workgroups: grid(Math.ceil(count / threads)),
        operations: 8 * count * k,
      },
    ]);
    const words = new Uint32Array(await gpu.read(results, 8 * count));
    const sums = Int32Array.from({ length: count }, (_, i) => words[2 * i] as number);
    const seen = outputs(
      out,
      Uint32Array.from(sums, (_, i) => words[2 * i + 1] as number),
    );
    const wanted = rounded(out, sums);
    // Zeros may have either sign.
    const wrong = wanted.findIndex((value, i) => seen[i] !== value);
    if (wrong < 0) return undefined;
    const [row, col] = placeOf(problem, side, wrong);
    return `D(${row}, ${col}) of whole numbers is ${seen[wrong]}, not ${wanted[wrong]}`;
  } finally {
    made.dispose();
  }
}
