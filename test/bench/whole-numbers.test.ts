import { describe, expect, test, vi } from 'vitest';
import { caseProblem, type GemmCase } from '../../bench/cases.js';
import { wholeOperand, wholeValue, wrongWholeNumber } from '../../bench/whole-numbers.js';
import { ShaderError } from '../../src/errors.js';
import { elementFormats, formatByName } from '../../src/format/formats.js';
import { checkGemm } from '../../src/gemm/check.js';
import { type GemmPlan, planGemm } from '../../src/gemm/gemm.js';
import { half } from '../../src/gemm/half.js';
import type { Kernel, Tiling } from '../../src/gemm/kernel.js';
import { matrix } from '../../src/gemm/matrix/folded.js';
import { matrixHalf } from '../../src/gemm/matrix/half-sums.js';
import { matrixPromoted } from '../../src/gemm/matrix/promoted.js';
import { portable } from '../../src/gemm/portable.js';
import { referenceGemm } from '../../src/gemm/reference.js';
import { skinny } from '../../src/gemm/skinny.js';
import type { Dispatch } from '../../src/gpu/gpu.js';
import { dequantize } from '../../src/quantize/dequantize.js';
import { granularityByName } from '../../src/quantize/granularity.js';
import { quantize } from '../../src/quantize/quantize.js';
import { randomMatrix } from '../../src/verify/random.js';
import { openTestGpu } from '../adapter.js';
import { inSoftware } from '../gemm/in-software.js';
import { f16Units, machineWith } from '../gemm/matrix-machine.js';
import leftOutWgsl from './left-out.wgsl?raw';

const gpu = await openTestGpu();

const usual = {
  kind: 'gemm',
  aFormat: 'e4m3',
  bFormat: 'e4m3',
  aGranularity: '1x128',
  bGranularity: '128x128',
  out: 'f32',
} as const;

type Plan = Pick<GemmPlan, 'scratchBytes' | 'dispatches'>;

/** A kernel's first tiling; of what needs hardware, on units in software. */
async function planOf(kernel: Kernel, one: GemmCase): Promise<Plan> {
  const problem = caseProblem(one);
  if (kernel === portable || kernel === skinny) return planGemm(gpu, problem, { kernel: kernel.name });
  expect(kernel.unfit(problem)).toBeUndefined();
  const machine = await machineWith(gpu, f16Units);
  const tiling = kernel.tilings(problem, machine)[0] as Tiling;
  return {
    scratchBytes: kernel.scratchBytes?.(problem, tiling) ?? [],
    dispatches: (matrices, scratch = []) =>
      kernel
        .dispatches({ problem, matrices, machine, tiling, scratch, operationsPerDispatch: 1e9 })
        .map((dispatch) => ({ ...dispatch, shader: inSoftware(dispatch.shader) })),
  };
}

test.each(elementFormats)('codes of %s are those of the definition, and padding is 0', async (name) => {
  const kind = { format: formatByName(name), granularity: granularityByName('1x32') };
  const [rows, cols] = [3, 150];
  const { operand, dispatch } = wholeOperand(gpu, rows, cols, kind, 7);
  await gpu.run('making codes', [dispatch]);
  const { data } = dequantize(await operand.read());
  const wanted = Array.from({ length: rows * cols }, (_, i) =>
    wholeValue(Math.floor(i / cols), i % cols, cols, 7),
  );
  expect(Array.from(data)).toEqual(wanted);
  expect(new Set(wanted)).toEqual(new Set([-2, -1, 1, 2]));
  const words = new Uint32Array(await gpu.read(operand.codes));
  const used = Math.ceil((cols * operand.wordPitch) / operand.pitch);
  for (let row = 0; row < rows; row++)
    expect(words.slice(row * operand.wordPitch + used, (row + 1) * operand.wordPitch)).toSatisfy(
      (padding: Uint32Array) => padding.every((word) => word === 0),
    );
  operand.dispose();
});

const cases: readonly Partial<GemmCase>[] = [
  { m: 5, n: 33, k: 300, out: 'bf16' },
  { m: 16, n: 40, k: 520, out: 'f16', aGranularity: '1x32', bGranularity: '1x32' },
];
const wide: Partial<GemmCase> = {
  ...{ m: 9, n: 24, k: 260, aFormat: 'e5m2', bFormat: 'e5m6', aGranularity: 'row', bGranularity: 'tensor' },
};

describe.each([portable, skinny, matrix, matrixPromoted, matrixHalf, half])('$name is exact', (kernel) => {
  // Codes of five bits of exponent are beyond matrix-half.
  test.each(kernel === matrixHalf ? cases : [...cases, wide])('%j', async (options) => {
    const one = { ...usual, m: 1, n: 1, k: 1, ...options };
    expect(await wrongWholeNumber(gpu, caseProblem(one), await planOf(kernel, one))).toBeUndefined();
  });
});

/** Words that lose some of their bits: of codes before a product, or of D after it. */
interface LeftOut {
  readonly count: number;
  readonly first: number;
  readonly stride: number;
  readonly mask: number;
}

function leaveOut(buffer: GPUBuffer, { count, first, stride, mask }: LeftOut): Dispatch {
  return {
    shader: { label: 'left out', files: [leftOutWgsl], constants: {} },
    buffers: [buffer],
    params: [count, first, stride, mask],
    workgroups: [Math.ceil(count / 64), 1, 1],
  };
}

/** The same plan, but for some rows of A that lack their products from `first` on, in fours. */
function withoutProducts(
  plan: Plan,
  rows: readonly [first: number, count: number],
  first: number,
  mask = 0,
): Plan {
  return {
    ...plan,
    dispatches(matrices, scratch) {
      const { codes, wordPitch } = matrices.a;
      const place = { count: rows[1], first: rows[0] * wordPitch + first / 4, stride: wordPitch, mask };
      return [leaveOut(codes, place), ...plan.dispatches(matrices, scratch)];
    },
  };
}

describe.each([portable, half])('of $name', (kernel) => {
  const one = { ...usual, m: 33, n: 40, k: 1024 };
  const wrong = /^D\(\d+, \d+\) of whole numbers is -?\d+, not -?\d+$/;

  test('one product in a thousand is missed', async () => {
    const plan = await planOf(kernel, one);
    for (const k of [0, 500, 1020]) {
      const spoilt = withoutProducts(plan, [0, one.m], k, 0xffffff00);
      expect(await wrongWholeNumber(gpu, caseProblem(one), spoilt)).toMatch(wrong);
    }
  });

  test('a segment of one row is missed', async () => {
    const spoilt = withoutProducts(await planOf(kernel, one), [32, 1], 512);
    expect(await wrongWholeNumber(gpu, caseProblem(one), spoilt)).toMatch(/^D\(32, /);
  });
});

test('the bound of halves would let it pass, and that of f32 would not', () => {
  const a = quantize(randomMatrix(2, 1024, 1), { granularity: '1x128' });
  const b = quantize(randomMatrix(3, 1024, 2), { granularity: '128x128' });
  const [x, y] = [dequantize(a).data, dequantize(b).data];
  const product = referenceGemm(a, b);
  const data = Float32Array.from(product.data, (sum, i) => {
    const [row, col] = [Math.floor(i / 3), i % 3];
    return sum - (x[row * 1024 + 500] as number) * (y[col * 1024 + 500] as number);
  });
  const short = { ...product, data };
  expect(checkGemm(a, b, short, { errorBound: half.errorBound }).wrong).toEqual([]);
  expect(checkGemm(a, b, short, { errorBound: portable.errorBound }).wrong).not.toEqual([]);
});

test('a row or a column of D that is left out is missed, where a sixteenth of D is compared', async () => {
  const one = { ...usual, m: 260, n: 300, k: 16 };
  const plan = await planOf(portable, one);
  const spoilt = (place: (pitch: number) => Omit<LeftOut, 'mask'>): Plan => ({
    ...plan,
    dispatches: (matrices, scratch) => [
      ...plan.dispatches(matrices, scratch),
      leaveOut(matrices.d.buffer, { ...place(matrices.d.pitch), mask: 0 }),
    ],
  });
  for (const place of [0, 1, 130, 131, 259]) {
    const row = spoilt((pitch) => ({ count: one.n, first: place * pitch, stride: 1 }));
    expect(await wrongWholeNumber(gpu, caseProblem(one), row)).toMatch(
      new RegExp(`^D\\(${place}, .* is 0, not`),
    );
    const column = spoilt((pitch) => ({ count: one.m, first: place, stride: pitch }));
    expect(await wrongWholeNumber(gpu, caseProblem(one), column)).toMatch(
      new RegExp(`, ${place}\\) .* is 0, not`),
    );
  }
});

test('nothing stays allocated, whether all is well or not', async () => {
  const one = { ...usual, m: 5, n: 8, k: 64 };
  const plan = await planOf(portable, one);
  const made = vi.spyOn(gpu, 'buffer');
  const spoilt = { ...plan, dispatches: () => [{ shader: { label: 'none', files: ['!'], constants: {} } }] };
  try {
    await wrongWholeNumber(gpu, caseProblem(one), plan);
    await expect(wrongWholeNumber(gpu, caseProblem(one), spoilt as never)).rejects.toThrow(ShaderError);
    const buffers = made.mock.results.map(({ value }) => value as GPUBuffer);
    expect(buffers.length).toBeGreaterThan(10);
    for (const buffer of buffers) await expect(gpu.read(buffer)).rejects.toThrow(/destroyed/);
  } finally {
    made.mockRestore();
  }
});
