import { describe, expect, test } from 'vitest';
import { Context } from '../../src/context.js';
import { ArgumentError, UnsupportedError } from '../../src/errors.js';
import type { Groups } from '../../src/gemm/grouped.js';
import { rowTiles } from '../../src/gemm/grouped.js';
import { type HostGroups, referenceGroupedGemm } from '../../src/gemm/grouped-reference.js';
import { referenceGemm } from '../../src/gemm/reference.js';
import { toFloat32 } from '../../src/matrix.js';
import type { QuantizedMatrix } from '../../src/quantize/quantized-matrix.js';
import { openTestGpu } from '../adapter.js';
import { randomOperand } from './operands.js';

const gpu = await openTestGpu();
const context = new Context(gpu);

/** Sums of these are whole numbers below 2^24 in every order, and scales powers of two: products are exact in f32. */
const small = { values: (value: number) => Number.isInteger(value) && Math.abs(value) <= 8, spread: 1 };
const operand = (
  rows: number,
  cols: number,
  seed: number,
  granularity: '1x32' | '1x128' | '128x128' = '1x32',
) =>
  randomOperand(rows, cols, {
    ...small,
    granularity,
    seed,
    ...(granularity === '1x32' ? {} : { spread: 0 }),
  });

async function multiply(a: QuantizedMatrix, b: QuantizedMatrix, groups: HostGroups): Promise<Float32Array> {
  const counts = groups.kind === 'masked' ? gpu.upload('counts', Uint32Array.from(groups.counts)) : undefined;
  const onGpu: Groups =
    groups.kind === 'masked'
      ? { ...groups, groups: groups.counts.length, counts: counts as GPUBuffer }
      : groups;
  using d = await context.groupedGemm(a, b, onGpu);
  counts?.destroy();
  return toFloat32(await d.read());
}

describe('groups of rows', () => {
  test.each([[[70, 0, 1, 129]], [[0, 0, 200]], [[200]], [[64, 64, 64, 8]]])('of %j rows', async (sizes) => {
    const rows = sizes.reduce((sum, size) => sum + size, 0);
    const a = operand(rows, 300, 1);
    const b = operand(sizes.length * 70, 300, 2);
    const groups = { kind: 'rows', sizes } as const;
    expect(await multiply(a, b, groups)).toEqual(toFloat32(referenceGroupedGemm(a, b, groups)));
  });

  test('take no more workgroups than their rows need', () => {
    expect(rowTiles([70, 0, 1, 129], 64)).toEqual([
      [0, 70, 0, 0],
      [64, 70, 0, 0],
      [70, 71, 2, 0],
      [71, 200, 3, 0],
      [135, 200, 3, 0],
      [199, 200, 3, 0],
    ]);
  });

  test('with blocks of weights that end with each group', async () => {
    const a = operand(90, 256, 1, '1x128');
    const b = operand(256, 256, 2, '128x128');
    const groups = { kind: 'rows', sizes: [40, 50] } as const;
    expect(await multiply(a, b, groups)).toEqual(toFloat32(referenceGroupedGemm(a, b, groups)));
  });
});

test('masked groups compute the rows that are there and touch no others', async () => {
  const a = operand(3 * 80, 200, 1);
  const b = operand(3 * 40, 200, 2);
  for (const counts of [
    [3, 0, 80],
    // More than there is room for.
    [65, 64, 1000],
  ]) {
    const groups = { kind: 'masked', capacity: 80, counts } as const;
    const room = { ...groups, counts: counts.map((count) => Math.min(count, 80)) };
    expect(await multiply(a, b, groups)).toEqual(toFloat32(referenceGroupedGemm(a, b, room)));
  }
});

test('groups along K have a product each, an empty one zeros', async () => {
  const a = operand(70, 128 + 256 + 40, 1, '1x128');
  const b = operand(90, 128 + 256 + 40, 2, '1x128');
  const groups = { kind: 'k', sizes: [128, 0, 256, 40] } as const;
  const product = await multiply(a, b, groups);
  expect(product).toEqual(toFloat32(referenceGroupedGemm(a, b, groups)));
  expect(product.subarray(70 * 90, 2 * 70 * 90).every((value) => value === 0)).toBe(true);
});

test('the oracle is the product of one group, and the sum of all along K', () => {
  const a = operand(20, 256, 1, '1x128');
  const b = operand(30, 256, 2, '1x128');
  const whole = toFloat32(referenceGemm(a, b));
  expect(toFloat32(referenceGroupedGemm(a, b, { kind: 'rows', sizes: [20] }))).toEqual(whole);
  const halves = toFloat32(referenceGroupedGemm(a, b, { kind: 'k', sizes: [128, 128] }));
  expect(whole.map((_, i) => (halves[i] as number) + (halves[600 + i] as number))).toEqual(whole);
});

describe('refuses', () => {
  const a = operand(20, 256, 1, '1x128');
  const b = operand(30, 256, 2, '1x128');
  const counts = gpu.buffer('counts', 4);

  test.each<[string, Groups, RegExp]>([
    [
      'sizes that do not add up',
      { kind: 'rows', sizes: [10, 9] },
      /groups\.sizes is "19 in all".*a\.rows, 20/,
    ],
    ['a size that is none', { kind: 'rows', sizes: [21, -1] }, /groups\.sizes\[1\] is -1/],
    ['no groups', { kind: 'rows', sizes: [] }, /groups\.sizes\.length is 0/],
    ['what rows do not have', { kind: 'rows', sizes: [20], size: 3 } as Groups, /^groups\.size is 3/],
    ['rows of B that are not a multiple', { kind: 'rows', sizes: [5, 5, 5, 5] }, /b\.rows is 30.*4 groups/],
    [
      'tiles that two groups share',
      { kind: 'k', sizes: [100, 156] },
      /groups\.sizes\[0\] is 100.*multiple of 128/,
    ],
    ['room that A does not have', { kind: 'masked', groups: 2, capacity: 11, counts }, /a\.rows is 20.*22/],
    [
      'counts for fewer groups',
      { kind: 'masked', groups: 5, capacity: 4, counts },
      /groups\.counts is "16 bytes".*20 bytes/,
    ],
    ['another kind', { kind: 'columns', sizes: [20] } as never, /groups\.kind is "columns".*rows, masked, k/],
  ])('%s', async (_, groups, message) => {
    await expect(context.groupedGemm(a, b, groups)).rejects.toThrow(ArgumentError);
    await expect(context.groupedGemm(a, b, groups)).rejects.toThrow(message);
  });

  test('blocks of weights that two groups share, and kernels without groups', async () => {
    const blocks = operand(30, 256, 2, '128x128');
    const groups = { kind: 'rows', sizes: [10, 10] } as const;
    await expect(context.groupedGemm(a, blocks, groups)).rejects.toThrow(
      /b\.granularity is "128x128".*15 rows/,
    );
    await expect(context.groupedGemm(a, b, groups, { kernel: 'skinny' })).rejects.toThrow(UnsupportedError);
  });
});
