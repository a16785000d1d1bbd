/** @file Exhaustive encoding, on the ranges where something happens; the whole is a command of its own. */

import { afterEach, describe, expect, test, vi } from 'vitest';
import { overflows } from '../../src/format/encode.js';
import { formats } from '../../src/format/formats.js';
import { exhaustiveEncode } from '../../src/verify/exhaustive.js';
import { openTestGpu } from '../adapter.js';

const gpu = await openTestGpu();
const { e4m3, e5m2, e2m1, e5m6, f16 } = formats;

afterEach(() => {
  vi.restoreAllMocks();
});

describe.each([e4m3, e5m2])('$name', (format) => {
  test.each(overflows)(
    '%s: no mismatch from zero through subnormals to overflow, nor among infinities and NaNs',
    async (overflow) => {
      const ranges: [from: number, count: number][] = [
        [0, 5000],
        // The smallest subnormals of e4m3 and e5m2 and the ties below them.
        [0x3a7fff00, 0x1000],
        [0x36ffff00, 0x1000],
        // The largest finite value and the tie above it: 448 and 464, 57344 and 61440.
        [0x43dfff00, 0x90000],
        [0x475fff00, 0x110000],
        // Infinity and the first NaNs; the last patterns of each sign.
        [0x7f7fff00, 0x1000],
        [0x7ffff000, 0x2000],
        [0xff7fff00, 0x1000],
        [0xfffff000, 0x1000],
      ];
      for (const [from, count] of ranges) {
        const result = await exhaustiveEncode(gpu, format, overflow, { from, count });
        expect(result).toEqual({ checked: count, mismatches: 0, first: [] });
      }
    },
  );
});

test.each([e2m1, e5m6, f16])('codes of other widths: $name', async (format) => {
  const result = await exhaustiveEncode(gpu, format, 'ieee', { from: 0x3f7ff000, count: 0x12345 });
  expect(result).toEqual({ checked: 0x12345, mismatches: 0, first: [] });
});

test('slices make a whole, and each is reported', async () => {
  const onProgress = vi.fn();
  const result = await exhaustiveEncode(gpu, e4m3, 'ieee', { from: 7, count: 2500, slice: 1000, onProgress });
  expect(result.checked).toBe(2500);
  expect(onProgress.mock.calls).toEqual([
    [1000, 2500],
    [2000, 2500],
    [2500, 2500],
  ]);
});

test('wrong codes are counted, and the first ten shown', async () => {
  const read = gpu.read.bind(gpu);
  vi.spyOn(gpu, 'read').mockImplementationOnce(async (...args) => {
    const bytes = new Uint8Array(await read(...args));
    return bytes.map((code) => code ^ 1).buffer;
  });
  // 1.0 is code 0x38. The second slice is read rightly.
  const result = await exhaustiveEncode(gpu, e4m3, 'ieee', { from: 0x3f800000, count: 3000, slice: 2000 });
  expect(result.checked).toBe(3000);
  expect(result.mismatches).toBe(2000);
  expect(result.first).toHaveLength(10);
  expect(result.first.slice(0, 2)).toEqual([
    { bits: 0x3f800000, got: 0x39, expected: 0x38 },
    { bits: 0x3f800001, got: 0x39, expected: 0x38 },
  ]);
});

test('the default slice fits the limits that every adapter has', async () => {
  const buffer = vi.spyOn(gpu, 'buffer').mockImplementation((label, byteLength) => {
    throw new Error(`${label}: ${byteLength}`);
  });
  await expect(exhaustiveEncode(gpu, e4m3, 'ieee')).rejects.toThrow(`patterns: ${2 ** 26}`);
  expect(buffer).toHaveBeenCalledOnce();
  // WebGPU's guaranteed maxStorageBufferBindingSize.
  expect(2 ** 26).toBeLessThanOrEqual(134_217_728);
});

test.each([
  [{ from: -1 }, 'from is -1; allowed: a whole number of at least 0'],
  [{ count: 0 }, 'count is 0; allowed: a whole number of at least 1'],
  [{ from: 2 ** 32 - 5, count: 6 }, 'count is 6; allowed: at most 2^32 - from = 5'],
  [{ from: 2 ** 32 }, 'count is 0; allowed: a whole number of at least 1'],
  [{ slice: 0.5 }, 'slice is 0.5; allowed: a whole number of at least 1'],
])('%o is refused', async (options, message) => {
  await expect(exhaustiveEncode(gpu, e4m3, 'ieee', options)).rejects.toThrow(message);
});
