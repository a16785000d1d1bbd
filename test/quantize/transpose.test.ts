/** @file Transposes that only move: codes, scale grids, plain matrices. */

import { expect, test } from 'vitest';
import { ArgumentError, DisposedError } from '../../src/errors.js';
import { formats } from '../../src/format/formats.js';
import { GpuQuantizedMatrix } from '../../src/gpu-matrix.js';
import { matrix } from '../../src/matrix.js';
import { dequantize } from '../../src/quantize/dequantize.js';
import { allGranularityNames, transposedGranularity } from '../../src/quantize/granularity.js';
import { quantize } from '../../src/quantize/quantize.js';
import { transpose } from '../../src/quantize/transpose.js';
import { transposeDispatches, transposeOnGpu } from '../../src/quantize/transpose-gpu.js';
import { openTestGpu } from '../adapter.js';
import { randomOperand } from '../gemm/operands.js';
import { awkward } from './data.js';
import { difference, paddingIsZero, soil, uploaded } from './differences.js';

const gpu = await openTestGpu();

test('the oracle turns a plain matrix, its NaNs with their bits', () => {
  const bits = Uint32Array.of(1, 0x7fc00001, 0xffc12345, 0x80000000, 5, 6);
  const turned = transpose(matrix(2, 3, new Float32Array(bits.buffer)));
  expect([turned.rows, turned.cols]).toEqual([3, 2]);
  expect([...new Uint32Array(turned.data.buffer)]).toEqual([1, 0x80000000, 0x7fc00001, 5, 0xffc12345, 6]);
  const halves = matrix(1, 2, Uint16Array.of(7, 8), 'bf16');
  expect(transpose(halves)).toEqual(matrix(2, 1, Uint16Array.of(7, 8), 'bf16'));
});

test.each(allGranularityNames)('%s: turning and dequantising may change places', (granularity) => {
  const source = quantize(awkward(131, 259, 'f32', 'ordinary'), { granularity });
  const turned = transpose(source);
  expect(turned.granularity).toEqual(transposedGranularity(source.granularity));
  expect(dequantize(turned)).toEqual(transpose(dequantize(source)));
  expect(difference(transpose(turned), source)).toBeUndefined();
});

// One 8-bit format stands for all: their codes are bytes to the shader.
test.each(['e4m3', 'e5m6', 'e3m2', 'e2m1', 'f16'] as const)(
  '%s: the GPU turns codes and scales like the oracle',
  async (format) => {
    for (const [rows, cols, granularity] of [
      [300, 303, '1x128'],
      [65, 129, '128x128'],
      [1, 1, 'tensor'],
      [37, 161, '1x32'],
      [128, 64, 'row'],
    ] as const) {
      const source = randomOperand(rows, cols, { format, granularity, values: () => true });
      await uploaded(gpu, source, async (onGpu) => {
        using target = await transposeOnGpu(gpu, onGpu);
        expect(difference(await target.read(), transpose(source)), `${rows}x${cols}`).toBeUndefined();
      });
    }
  },
);

test('padding is written as zero, whatever was there', async () => {
  for (const format of ['e4m3', 'e5m6'] as const) {
    const source = randomOperand(70, 90, { format, values: (value) => value !== 0 });
    await uploaded(gpu, source, async (onGpu) => {
      const turned = transposedGranularity(source.granularity);
      using target = GpuQuantizedMatrix.create(gpu, 90, 70, formats[format], turned);
      soil(target);
      expect(await paddingIsZero(target)).toBe(false);
      await gpu.run('transposing', transposeDispatches(onGpu, target));
      expect(await paddingIsZero(target)).toBe(true);
    });
  }
});

test('a source on another device or disposed of is refused', async () => {
  const source = GpuQuantizedMatrix.upload(gpu, randomOperand(2, 3));
  await expect(transposeOnGpu(await openTestGpu('null'), source)).rejects.toThrow(ArgumentError);
  source.dispose();
  await expect(transposeOnGpu(gpu, source)).rejects.toThrow(DisposedError);
});
