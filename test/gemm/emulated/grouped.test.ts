/** @file Grouped products with an accumulator: the bits of each group's product alone, and of the oracle. */

import { describe, expect, test } from 'vitest';
import type { AccumulateOptions } from '../../../src/accumulate/plan.js';
import { customProfile } from '../../../src/accumulate/profile.js';
import { tensorCoreNaN } from '../../../src/accumulate/step.js';
import { f32Bits } from '../../../src/arithmetic/f32.js';
import { Context } from '../../../src/context.js';
import { ArgumentError, UnsupportedError } from '../../../src/errors.js';
import type { Groups } from '../../../src/gemm/grouped.js';
import { emulatedGroupedOutputs, type HostGroups } from '../../../src/gemm/grouped-reference.js';
import { emulators } from '../../../src/gemm/registry.js';
import { toFloat32Bits } from '../../../src/matrix.js';
import { QuantizedMatrix } from '../../../src/quantize/quantized-matrix.js';
import { openTestGpu } from '../../adapter.js';
import { altered, randomOperand } from '../operands.js';

const gpu = await openTestGpu();
const context = new Context(gpu);

/** A part of a matrix with tiles of one row, which begins with a tile. */
function part(
  source: QuantizedMatrix,
  { row = 0, rows = source.rows, col = 0, cols = source.cols },
): QuantizedMatrix {
  const { format, granularity, codes, scales, scaleCols } = source;
  const wide = granularity.tileCols;
  const [firstTile, tiles] = wide === Infinity ? [0, 1] : [col / wide, Math.ceil(cols / wide)];
  const cut = (from: ArrayLike<number>, pitch: number, first: number, count: number) =>
    Array.from({ length: rows * count }, (_, i) => {
      const at = (row + Math.floor(i / count)) * pitch + first + (i % count);
      return from[at] as number;
    });
  return new QuantizedMatrix(
    rows,
    cols,
    format,
    granularity,
    Uint8Array.from(cut(codes, source.cols, col, cols)),
    Float32Array.from(cut(scales, scaleCols, firstTile, tiles)),
  );
}

type Options = AccumulateOptions & { readonly kernel: string };

async function grouped(
  a: QuantizedMatrix,
  b: QuantizedMatrix,
  groups: HostGroups,
  options: Options,
): Promise<Uint32Array> {
  const counts = groups.kind === 'masked' ? gpu.upload('counts', Uint32Array.from(groups.counts)) : undefined;
  const onGpu: Groups =
    groups.kind === 'masked'
      ? { ...groups, groups: groups.counts.length, counts: counts as GPUBuffer }
      : groups;
  using d = await context.groupedGemm(a, b, onGpu, options);
  counts?.destroy();
  return toFloat32Bits(await d.read());
}

/** Each group's product by itself, one after another where D has them; zeros elsewhere. */
async function alone(
  a: QuantizedMatrix,
  b: QuantizedMatrix,
  groups: HostGroups,
  options: Options,
): Promise<Uint32Array> {
  const sizes = groups.kind === 'masked' ? groups.counts : groups.sizes;
  const n = groups.kind === 'k' ? b.rows : b.rows / sizes.length;
  const result = new Uint32Array((groups.kind === 'k' ? a.rows * sizes.length : a.rows) * n);
  let start = 0;
  for (const [group, size] of sizes.entries()) {
    const first = groups.kind === 'masked' ? group * groups.capacity : start;
    start += size;
    if (size === 0) continue;
    const [left, right] =
      groups.kind === 'k'
        ? [part(a, { col: first, cols: size }), part(b, { col: first, cols: size })]
        : [part(a, { row: first, rows: size }), part(b, { row: group * n, rows: n })];
    using d = await context.gemm(left, right, options);
    result.set(toFloat32Bits(await d.read()), (groups.kind === 'k' ? group * a.rows : first) * n);
  }
  return result;
}

/** NaNs as NVIDIA writes them. */
function oracle(
  a: QuantizedMatrix,
  b: QuantizedMatrix,
  groups: HostGroups,
  options: AccumulateOptions,
  length: number,
): Uint32Array {
  const outputs = emulatedGroupedOutputs(a, b, groups, options);
  const n =
    groups.kind === 'k' ? b.rows : b.rows / (groups.kind === 'masked' ? groups.counts : groups.sizes).length;
  return Uint32Array.from({ length }, (_, i) => {
    const value = outputs.at(Math.floor(i / n), i % n);
    return Number.isNaN(value) ? tensorCoreNaN : f32Bits(value);
  });
}

function differences(got: Uint32Array, expected: Uint32Array): string[] {
  expect(got.length).toBe(expected.length);
  return [...expected.keys()]
    .filter((i) => got[i] !== expected[i])
    .slice(0, 10)
    .map((i) => `${i}: ${got[i]?.toString(16)}, not ${expected[i]?.toString(16)}`);
}

const finite = { values: Number.isFinite };
const operand = (rows: number, cols: number, seed: number, granularity: '1x128' | 'row' = '1x128') =>
  randomOperand(rows, cols, { ...finite, granularity, seed });

type Case = readonly [HostGroups, QuantizedMatrix, QuantizedMatrix, Partial<AccumulateOptions>];
const rows: HostGroups = { kind: 'rows', sizes: [9, 0, 70, 1] };
const masked: HostGroups = { kind: 'masked', capacity: 20, counts: [3, 0, 20] };
const cases: Case[] = [
  [rows, operand(80, 300, 1), operand(4 * 20, 300, 2), {}],
  [rows, operand(80, 700, 3), operand(4 * 9, 700, 4), { promotion: 'transformer-engine', splitK: 3 }],
  [masked, operand(60, 300, 5), operand(3 * 20, 300, 6), { promote: 32 }],
  [masked, operand(60, 300, 7), operand(3 * 20, 300, 8), { accumulator: 'ada-mma' }],
  [{ kind: 'k', sizes: [128, 0, 256, 40] }, operand(20, 424, 9), operand(30, 424, 10), {}],
  // Without tiles along K groups may end wherever a round of 32 does; intervals start again with each.
  [{ kind: 'k', sizes: [96, 32, 160, 24, 0] }, operand(20, 312, 11, 'row'), operand(30, 312, 12, 'row'), {}],
  [
    { kind: 'k', sizes: [160, 152] },
    operand(20, 312, 13, 'row'),
    operand(30, 312, 14, 'row'),
    { promote: 'none', accumulator: customProfile(8, 10, 7) },
  ],
];

describe.each(emulators.map(({ name }) => name))('%s', (kernel) => {
  test.each(cases)('%j: the bits of each group alone', async (groups, a, b, change) => {
    const options: Options = { accumulator: 'hopper-wgmma', ...change, kernel };
    const got = await grouped(a, b, groups, options);
    // By the straightforward kernel, whose bits the fast one's are known to be.
    expect(differences(got, await alone(a, b, groups, { ...options, kernel: 'stepwise' }))).toEqual([]);
    expect(differences(got, oracle(a, b, groups, options, got.length))).toEqual([]);
    expect(got.some((word) => word !== 0)).toBe(true);
  });

  test.each<HostGroups>([
    { kind: 'rows', sizes: [10, 70, 4] },
    { kind: 'masked', capacity: 28, counts: [10, 28, 2] },
    { kind: 'k', sizes: [128, 0, 256] },
  ])('%j with NaN among the codes', async (groups) => {
    const special = (height: number, seed: number) =>
      [5, 77, 200, 380].reduce(
        (source, col, i) => altered(source, { code: [(7 + 23 * i) * 384 + col, 0x7f] }),
        operand(height, 384, seed),
      );
    const [a, b] = [special(84, 15), special(90, 16)];
    const options: Options = { accumulator: 'hopper-wgmma', kernel };
    const got = await grouped(a, b, groups, options);
    expect(got.includes(tensorCoreNaN)).toBe(true);
    expect(differences(got, oracle(a, b, groups, options, got.length))).toEqual([]);
  });
});

test('results in bf16 are those in f32, rounded once', async () => {
  const [a, b] = [operand(80, 300, 1), operand(4 * 20, 300, 2)];
  const options = { accumulator: 'hopper-wgmma' } as const;
  using whole = await context.groupedGemm(a, b, rows as Groups, options);
  using halves = await context.groupedGemm(a, b, rows as Groups, { ...options, out: 'bf16' });
  const rounded = toFloat32Bits(await whole.read()).map((word) => {
    const up = (word + 0x7fff + ((word >>> 16) & 1)) >>> 0;
    return (up & 0xffff0000) >>> 0;
  });
  expect(toFloat32Bits(await halves.read())).toEqual(rounded);
});

describe('refuses', () => {
  const [a, b] = [operand(20, 384, 1), operand(30, 384, 2)];
  const [wideA, wideB] = [operand(20, 320, 1, 'row'), operand(30, 320, 2, 'row')];
  const accumulator = 'hopper-wgmma';
  test.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'parts of K with groups along K',
      () => context.groupedGemm(a, b, { kind: 'k', sizes: [128, 256] }, { accumulator, splitK: 2 }),
      /splitK is 2; allowed: 1 with groups along K/,
    ],
    [
      'groups along K that cut a round',
      () => context.groupedGemm(wideA, wideB, { kind: 'k', sizes: [48, 272] }, { accumulator }),
      /groups\.sizes\[0\] is 48; allowed: a multiple of 32, so that no step/,
    ],
    [
      'an order without an accumulator',
      () => context.groupedGemm(a, b, { kind: 'rows', sizes: [20] }, { promote: 32 }),
      /promote is 32; allowed: given together with an accumulator/,
    ],
    [
      'an option for one product alone',
      () =>
        context.groupedGemm(a, b, { kind: 'rows', sizes: [20] }, {
          accumulator,
          addendIn: 'accumulator',
        } as object),
      /options\.addendIn is "accumulator"; allowed/,
    ],
  ])('%s', async (_, work, message) => {
    await expect(work()).rejects.toThrow(ArgumentError);
    await expect(work()).rejects.toThrow(message);
  });

  test('a kernel of the other sort', async () => {
    const groups = { kind: 'rows', sizes: [20] } as const;
    await expect(context.groupedGemm(a, b, groups, { kernel: 'emulated' })).rejects.toThrow(UnsupportedError);
  });
});
