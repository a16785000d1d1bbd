import { describe, expect, test, vi } from 'vitest';
import { f32Bits } from '../../src/arithmetic/f32.js';
import { ArgumentError, DisposedError } from '../../src/errors.js';
import { codeCount } from '../../src/format/format.js';
import { elementFormats, type FormatName, formats } from '../../src/format/formats.js';
import { makeCodes } from '../../src/format/pack.js';
import { GpuQuantizedMatrix } from '../../src/gpu-matrix.js';
import { type Dtype, dtypes, type Matrix } from '../../src/matrix.js';
import { dequantize } from '../../src/quantize/dequantize.js';
import { dequantizeOnGpu } from '../../src/quantize/dequantize-gpu.js';
import {
  allGranularityNames,
  type GranularityName,
  granularityByName,
  granularityNames,
  scaleShape,
} from '../../src/quantize/granularity.js';
import { QuantizedMatrix } from '../../src/quantize/quantized-matrix.js';
import { openTestGpu } from '../adapter.js';
import { randomWords } from '../random.js';

const gpu = await openTestGpu();

/** Random codes, every code of the format among them where there is room, and scales of any bits. */
function anyCodes(
  rows: number,
  cols: number,
  name: FormatName,
  granularity: GranularityName,
): QuantizedMatrix {
  const format = formats[name];
  const next = randomWords(rows * cols);
  const codes = makeCodes(format, rows * cols).map((_, i) =>
    i < codeCount(format) ? i : next() % codeCount(format),
  );
  const { scaleRows, scaleCols } = scaleShape(granularityByName(granularity), rows, cols);
  const count = scaleRows * scaleCols;
  // Odd scales are such that most products are normal f32s, even ones have any bits: subnormal, NaN, negative.
  const scaleBits = Uint32Array.from({ length: count }, (_, i) =>
    i % 2 === 0 && count > 1 ? next() : f32Bits(2 ** ((next() % 20) - 10) * (1 + (next() % 8) / 8)),
  );
  const scales =
    granularityByName(granularity).scaleFormat === 'e8m0'
      ? Uint8Array.from(scaleBits, (bits) => bits >>> 23)
      : new Float32Array(scaleBits.buffer);
  return new QuantizedMatrix(rows, cols, format, granularity, codes, scales);
}

function difference(actual: Matrix, expected: Matrix): string | undefined {
  const bits = ({ data }: Matrix) => (data instanceof Float32Array ? new Uint32Array(data.buffer) : data);
  const [a, b] = [bits(actual), bits(expected)];
  if (a.length !== b.length) return `${a.length} elements, not ${b.length}`;
  const at = b.findIndex((word: number, i: number) => word !== a[i]);
  return at < 0 ? undefined : `element ${at} is ${a[at]?.toString(16)}, not ${b[at]?.toString(16)}`;
}

async function compare(source: QuantizedMatrix, dtype: Dtype): Promise<string | undefined> {
  using onGpu = GpuQuantizedMatrix.upload(gpu, source);
  using result = await dequantizeOnGpu(gpu, onGpu, dtype);
  return difference(await result.read(), dequantize(source, dtype));
}

for (const format of elementFormats)
  test(`${format}: the GPU dequantises any codes and scales like the oracle`, async () => {
    for (const granularity of granularityNames)
      for (const dtype of dtypes)
        expect(
          await compare(anyCodes(33, 161, format, granularity), dtype),
          `${granularity} ${dtype}`,
        ).toBeUndefined();
  });

for (const granularity of allGranularityNames)
  test(`${granularity}: the GPU dequantises ragged shapes like the oracle`, async () => {
    for (const [rows, cols] of [
      [300, 303],
      [129, 257],
      [5, 128],
      [1, 1],
    ] as const)
      expect(
        await compare(anyCodes(rows, cols, 'e4m3', granularity), 'f32'),
        `${rows}x${cols}`,
      ).toBeUndefined();
  });

describe('what is refused', () => {
  test('an unknown dtype, before anything is allocated', async () => {
    using source = GpuQuantizedMatrix.upload(gpu, anyCodes(2, 3, 'e4m3', 'row'));
    const allocate = vi.spyOn(gpu, 'buffer');
    const refusal = dequantizeOnGpu(gpu, source, 'f64' as Dtype);
    await expect(refusal).rejects.toThrow(ArgumentError);
    await expect(refusal).rejects.toThrow('dtype is "f64"; allowed: f32, bf16, f16');
    expect(allocate).not.toHaveBeenCalled();
    allocate.mockRestore();
  });

  test('a source that has been disposed of, or lives on another device', async () => {
    const source = GpuQuantizedMatrix.upload(gpu, anyCodes(2, 3, 'e4m3', 'row'));
    await expect(dequantizeOnGpu(await openTestGpu('null'), source, 'f32')).rejects.toThrow(ArgumentError);
    source.dispose();
    await expect(dequantizeOnGpu(gpu, source, 'f32')).rejects.toThrow(DisposedError);
  });
});
