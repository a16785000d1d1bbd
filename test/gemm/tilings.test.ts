import { describe, expect, test } from 'vitest';
import { decodeTable } from '../../src/format/decode.js';
import { encode } from '../../src/format/encode.js';
import { formatByName } from '../../src/format/formats.js';
import { checkGemm } from '../../src/gemm/check.js';
import { fusedPortable } from '../../src/gemm/fused/portable.js';
import { fusedProblem } from '../../src/gemm/fused/problem.js';
import { planGemm } from '../../src/gemm/gemm.js';
import { half } from '../../src/gemm/half.js';
import type { Kernel, Tiling } from '../../src/gemm/kernel.js';
import { type PortableTiling, portable } from '../../src/gemm/portable.js';
import { gemmProblem } from '../../src/gemm/problem.js';
import { skinny } from '../../src/gemm/skinny.js';
import type { Machine } from '../../src/gpu/machine.js';
import { GpuMatrix, GpuQuantizedMatrix } from '../../src/gpu-matrix.js';
import { type Dtype, type Matrix, toFloat32 } from '../../src/matrix.js';
import { granularityByName } from '../../src/quantize/granularity.js';
import { QuantizedMatrix } from '../../src/quantize/quantized-matrix.js';
import { openTestGpu } from '../adapter.js';
import { altered, randomMatrix, randomOperand } from './operands.js';

const gpu = await openTestGpu();

interface Options {
  readonly c?: Matrix;
  readonly out?: Dtype;
}

async function multiply(
  kernel: Kernel,
  tiling: Tiling,
  [a, b]: readonly [QuantizedMatrix, QuantizedMatrix],
  { c, out = 'f32' }: Options = {},
): Promise<Matrix> {
  const plan = await planGemm(gpu, gemmProblem(a, b, c, out), { kernel: kernel.name, tiling });
  const matrices = {
    a: GpuQuantizedMatrix.upload(gpu, a),
    b: GpuQuantizedMatrix.upload(gpu, b),
    c: c && GpuMatrix.upload(gpu, c),
    d: GpuMatrix.create(gpu, a.rows, b.rows, out),
  };
  const scratch = plan.scratchBytes.map((bytes) => gpu.buffer('scratch', bytes));
  try {
    await gpu.run('multiplying', plan.dispatches(matrices, scratch));
    return await matrices.d.read();
  } finally {
    for (const matrix of Object.values(matrices)) matrix?.dispose();
    for (const buffer of scratch) buffer.destroy();
  }
}

async function expectWithinBound(
  kernel: Kernel,
  tiling: Tiling,
  operands: readonly [QuantizedMatrix, QuantizedMatrix],
  options: Options = {},
): Promise<void> {
  const d = await multiply(kernel, tiling, operands, options);
  const { checked, wrong } = checkGemm(...operands, d, { c: options.c, errorBound: kernel.errorBound });
  expect(wrong.slice(0, 5)).toEqual([]);
  expect(checked.filter(({ bound }) => bound === Infinity)).toEqual([]);
}

/** A device with more of everything than any tiling needs. */
const large: Machine = {
  ...gpu.machine,
  limits: {
    maxComputeWorkgroupStorageSize: 65536,
    maxComputeInvocationsPerWorkgroup: 1024,
    maxComputeWorkgroupSizeX: 1024,
    maxComputeWorkgroupSizeY: 1024,
    maxStorageBufferBindingSize: 2 ** 31,
  },
};

describe('portable', () => {
  const a = randomOperand(130, 330, { seed: 1 });
  const b = randomOperand(140, 330, { seed: 2, granularity: '128x128' });
  const problem = gemmProblem(a, b, undefined, 'f32');
  // A tile is a shader, parts of K are parameters of it.
  const tile = ({ rows, cols, depth, threadRows }: Tiling) =>
    `${[rows, cols, depth].join(' x ')} of ${threadRows} x 8`;
  const tilings = portable.tilings(problem, gpu.machine);
  // The others differ from these in numbers alone, and each takes a software adapter seconds to compile.
  const tiles = [
    '64 x 64 x 32 of 8 x 8',
    '128 x 128 x 16 of 8 x 8',
    '128 x 128 x 32 of 16 x 8',
    '32 x 64 x 16 of 8 x 8',
  ];

  test.each(tiles)('%s, with K whole and in parts', async (name) => {
    const [whole, parts] = tilings.filter((tiling) => tile(tiling) === name);
    if (!whole || !parts) throw new Error('there is only one count of parts');
    for (const tiling of [whole, parts]) await expectWithinBound(portable, tiling, [a, b]);
    expect(whole.parts).not.toBe(parts.parts);
  });

  test('adds C and rounds once where K is in parts', async () => {
    const tiling = { rows: 64, cols: 64, depth: 32, threadRows: 8, parts: 3 };
    const c = randomMatrix(130, 140, 'bf16');
    await expectWithinBound(portable, tiling, [a, b], { c, out: 'bf16' });
  });
});

describe('what portable takes untuned, as measured on a large GPU', () => {
  const granularity = granularityByName('1x128');
  const operand = (rows: number, cols: number) => ({ rows, cols, format: formatByName('e4m3'), granularity });
  const first = (m: number, n: number, k: number, machine = large) => {
    const problem = gemmProblem(operand(m, k), operand(n, k), undefined, 'f32');
    const { rows, cols, depth, parts } = portable.tilings(problem, machine)[0] as PortableTiling;
    return `${rows} x ${cols} x ${depth} in ${parts}`;
  };

  test.each([
    [8192, 8192, 8192, '256 x 128 x 32 in 1'],
    [2048, 2048, 2048, '256 x 128 x 32 in 1'],
    [1024, 1024, 1024, '128 x 64 x 16 in 4'],
    [512, 512, 512, '64 x 64 x 16 in 4'],
    [128, 7168, 2048, '128 x 64 x 16 in 4'],
    [32, 7168, 2048, '32 x 64 x 16 in 8'],
    // Rows of a tile that D does not have: 256 would make twice as many of 257.
    [257, 16384, 2048, '128 x 128 x 16 in 1'],
    // No parts of so short a K.
    [1024, 1024, 128, '64 x 64 x 16 in 1'],
  ])('%d x %d x %d', (m, n, k, tiling) => {
    expect(first(m, n, k)).toBe(tiling);
  });

  test('with less workgroup memory', () => {
    const limits = { ...large.limits, maxComputeWorkgroupStorageSize: 16384 };
    expect(first(4096, 4096, 4096, { ...large, limits })).toBe('128 x 128 x 16 in 1');
  });

  test('fewer columns never get a larger tile', () => {
    const outputs = [4096, 2048, 1984, 1024, 512, 64].map((n) => {
      const [rows, cols] = first(64, n, 7168).split(' x ').map(Number.parseFloat) as [number, number];
      return rows * cols;
    });
    expect(outputs).toEqual([...outputs].sort((a, b) => b - a));
  });
});

describe.each([
  { way: 'staged', threads: 128, lanes: 16, mostRows: 16 },
  { way: 'direct', threads: 128, lanes: 128, mostRows: 2 },
] as const)('skinny, $way', ({ mostRows, ...size }) => {
  const b = randomOperand(70, 2500, { seed: 2, granularity: '128x128' });
  const whole = { ...size, parts: 1 };

  test.each([1, 2, 3, 16].filter((rows) => rows <= mostRows))('%d rows', async (rows) => {
    const a = randomOperand(rows, 2500, { seed: rows });
    for (const parts of [1, 3]) await expectWithinBound(skinny, { ...size, parts }, [a, b]);
  });

  test('more threads than K keeps busy', async () => {
    const threads = 256;
    const lanes = size.way === 'direct' ? threads : 32;
    const [left, right] = [randomOperand(2, 500, { seed: 5 }), randomOperand(13, 500, { seed: 6 })];
    await expectWithinBound(skinny, { ...whole, threads, lanes }, [left, right]);
  });

  test.each(['e2m1', 'f16'] as const)('operands in %s', async (format) => {
    const narrow = randomOperand(20, 300, { format, seed: 7, granularity: '1x32' });
    await expectWithinBound(skinny, whole, [randomOperand(1, 300, { seed: 6 }), narrow]);
    const row = randomOperand(1, 300, { format, seed: 8, granularity: '1x32' });
    await expectWithinBound(skinny, whole, [row, randomOperand(20, 300, { seed: 9 })]);
  });

  test('every code of B, NaN and infinities among them, in every format of eight bits', async () => {
    const ones = randomOperand(1, 1, { values: (value) => value === 1, granularity: 'tensor', spread: 0 });
    for (const format of ['e4m3', 'e5m2', 'e4m3fnuz'] as const) {
      const codes = randomOperand(256, 1, { format, granularity: 'tensor', spread: 0 });
      for (let code = 0; code < 256; code++) codes.codes[code] = code;
      const d = await multiply(skinny, whole, [ones, codes]);
      // A sum that starts from 0 has no -0.
      const scale = codes.scales[0] as number;
      expect(toFloat32(d)).toEqual(decodeTable(formatByName(format)).map((value) => value * scale + 0));
    }
  });

  test('every finite code of A, and NaN', async () => {
    const values = decodeTable(formatByName('e4m3')).map((value) => (Number.isNaN(value) ? 0 : value));
    const identity = randomOperand(256, 256, { granularity: 'tensor', spread: 0 });
    const one = encode(formatByName('e4m3'), 1);
    identity.codes.fill(0);
    for (let code = 0; code < 256; code++) identity.codes[code * 257] = one;
    const codes = randomOperand(1, 256, { granularity: 'tensor', spread: 0 });
    for (let code = 0; code < 256; code++) codes.codes[code] = Number.isNaN(values[code]) ? 0 : code;
    for (const nan of [0x7f, 0xff]) codes.codes[nan] = 0;
    const scale = Math.fround((codes.scales[0] as number) * (identity.scales[0] as number));
    const d = toFloat32(await multiply(skinny, whole, [codes, identity]));
    expect(d).toEqual(values.map((value) => value * scale + 0));
    codes.codes[77] = 0xff;
    expect(toFloat32(await multiply(skinny, whole, [codes, identity])).every(Number.isNaN)).toBe(true);
  });

  test('a format whose values are no halves times a power of two in range', async () => {
    const far = { ...formatByName('e5m2'), name: 'far', bias: 143 };
    const a = randomOperand(1, 300, { format: 'e5m2', seed: 6 });
    const row = new QuantizedMatrix(
      1,
      300,
      far,
      a.granularity,
      a.codes,
      a.scales.map(() => 2 ** 100),
    );
    await expectWithinBound(skinny, whole, [row, randomOperand(20, 300, { seed: 9 })]);
  });

  test.each([0, Infinity, -Infinity, Number.NaN, 2 ** 124])('a scale of %d', async (scale) => {
    // K ends within a segment, whose codes beyond K are zeros and no part of the product.
    const positive = {
      values: (value: number) => value >= 2 ** -6 && value <= 1,
      granularity: '1x128',
    } as const;
    const rows = Math.min(mostRows, 3);
    const [left, right] = [
      randomOperand(rows, 201, positive),
      randomOperand(35, 201, { ...positive, seed: 2 }),
    ];
    for (const operands of [
      [altered(left, { scale: [2 * (rows - 1) + 1, scale] }), right],
      [left, altered(right, { scale: [2 * 34 + 1, scale] })],
    ] as const) {
      const d = await multiply(skinny, whole, operands);
      expect(checkGemm(...operands, d).wrong.slice(0, 5)).toEqual([]);
    }
  });

  test('C and 16-bit outputs', async () => {
    const rows = Math.min(mostRows, 3);
    const a = randomOperand(rows, 500, { spread: 0, values: (value) => Math.abs(value) <= 8 });
    const c = randomMatrix(rows, 70, 'f16');
    const narrow = randomOperand(70, 500, { spread: 0, values: (value) => Math.abs(value) <= 8, seed: 9 });
    for (const parts of [1, 2])
      await expectWithinBound(skinny, { ...size, parts }, [a, narrow], { c, out: 'f16' });
  });
});

test.each([
  [1, 7168, 16384, 'direct 256 1'],
  [1, 7168, 2048, 'direct 128 1'],
  [2, 7168, 16384, 'direct 128 1'],
  // Too few columns to fill a large GPU, but no K for more than one part of 256 threads, and for four.
  [1, 576, 7168, 'direct 256 1'],
  [1, 576, 16384, 'direct 256 4'],
  // Two rows of a short K are as fast with A in workgroup memory, and a row of less than 64 segments is.
  [2, 7168, 2048, 'staged 256 1'],
  [1, 32768, 512, 'staged 256 1'],
  [3, 7168, 16384, 'staged 256 1'],
])('what skinny takes untuned for %d x %d x %d', (m, n, k, expected) => {
  const granularity = granularityByName('1x128');
  const operand = (rows: number) => ({ rows, cols: k, format: formatByName('e4m3'), granularity });
  const [{ way, threads, parts } = {}] = skinny.tilings(
    gemmProblem(operand(m), operand(n), undefined, 'f32'),
    large,
  );
  expect(`${way} ${threads} ${parts}`).toBe(expected);
});

describe('no tiling takes more than the device has', () => {
  const a = randomOperand(200, 1024);
  const problem = gemmProblem(a, a, undefined, 'f32');

  test('portable', () => {
    for (const { limits } of [gpu.machine, large])
      for (const tiling of portable.tilings(problem, { ...large, limits })) {
        const { rows, cols, depth, threadRows } = tiling as PortableTiling;
        expect(4 * depth * (rows + cols)).toBeLessThanOrEqual(limits.maxComputeWorkgroupStorageSize);
        expect((rows * cols) / (8 * threadRows)).toBeLessThanOrEqual(
          limits.maxComputeInvocationsPerWorkgroup,
        );
      }
    const less = { ...large.limits, maxComputeWorkgroupStorageSize: 8192 };
    const count = (limits: Machine['limits']) => portable.tilings(problem, { ...large, limits }).length;
    expect(count(less)).toBeGreaterThan(0);
    expect(count(less)).toBeLessThan(count(large.limits));
  });

  test('skinny', () => {
    const one = randomOperand(2, 1024);
    const few = gemmProblem(one, a, undefined, 'f32');
    const most = (limits: Machine['limits']) =>
      Math.max(...skinny.tilings(few, { ...large, limits }).map(({ threads }) => Number(threads)));
    expect(most(large.limits)).toBe(256);
    expect(most({ ...large.limits, maxComputeInvocationsPerWorkgroup: 128 })).toBe(128);
  });
});

describe('no workgroup adds up more than 2^18 of K', () => {
  const granularity = granularityByName('1x128');
  const operand = (rows: number, cols: number) => ({ rows, cols, format: formatByName('e4m3'), granularity });

  test.each([
    [16, 16, 2 ** 22],
    [1, 4096, 2 ** 18 + 1],
    // Workgroups enough without parts of K.
    [2048, 4096, 2 ** 20],
  ])('%d x %d x %d', (m, n, k) => {
    const problem = gemmProblem(operand(m, k), operand(n, k), undefined, 'f32');
    const kernels = [portable, half, skinny].filter((kernel) => kernel.unfit(problem) === undefined);
    for (const kernel of kernels) {
      const parts = kernel.tilings(problem, large).map((tiling) => Number(tiling.parts));
      expect(parts.length).toBeGreaterThan(0);
      expect(k / Math.min(...parts)).toBeLessThanOrEqual(2 ** 18);
    }
    const values = { rows: m, cols: k, dtype: 'f32' } as const;
    const fused = fusedPortable.tilings(fusedProblem(values, operand(n, k)), large);
    expect(k / Math.min(...fused.map(({ parts }) => Number(parts)))).toBeLessThanOrEqual(2 ** 18);
  });

  test('but where there are groups, whose sums go to D itself', () => {
    const grouping = { kind: 'rows', groups: 2 } as const;
    const problem = {
      ...gemmProblem(operand(16, 2 ** 20), operand(16, 2 ** 20), undefined, 'f32'),
      grouping,
    };
    expect(portable.tilings(problem, large).map(({ parts }) => parts)).toEqual(
      portable.tilings(problem, large).map(() => 1),
    );
  });
});

test('B in bf16, whose codes alone may overflow, is left to portable', () => {
  const few = randomOperand(2, 128);
  const wide = randomOperand(20, 128, { format: 'bf16' });
  expect(skinny.unfit(gemmProblem(few, wide, undefined, 'f32'))).toMatch(/bf16 reach f32's limits/);
  expect(skinny.unfit(gemmProblem(wide, few, undefined, 'f32'))).toMatch(/at most 16 rows/);
});
