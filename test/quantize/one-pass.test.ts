import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fma } from '../../src/arithmetic/fma.js';
import { GpuMatrix, GpuQuantizedMatrix } from '../../src/gpu-matrix.js';
import { matrix } from '../../src/matrix.js';
import { nativeArithmetic } from '../../src/probe/native.js';
import { onePassDispatches, onePassFits } from '../../src/quantize/one-pass.js';
import { chooseQuantization, type QuantizeOptions } from '../../src/quantize/options.js';
import { quantize } from '../../src/quantize/quantize.js';
import { openTestGpu } from '../adapter.js';
import { randomWords } from '../random.js';

const gpu = await openTestGpu();
const native = await nativeArithmetic(gpu);
const exact = { add: false, multiply: false, fma: false };

/** Rows whose tiles lie around every power of two, with subnormals, zeros, NaN and infinities among their values. */
function wideRows(): Float32Array {
  const next = randomWords(3);
  const [rows, cols] = [150, 140];
  return Float32Array.from({ length: rows * cols }, (_, i) => {
    const row = Math.floor(i / cols);
    const value = (next() / 2 ** 31 - 1) * 2 ** (2 * row - 150 - (next() % 24));
    if (row % 13 === 0 && i % 29 === 0) return row % 2 ? Infinity : Number.NaN;
    return i % 31 === 0 ? -0 : Math.fround(value);
  });
}

async function quantizeInOnePass(options: QuantizeOptions, arithmetic: typeof native, pieces = 1) {
  const quantization = chooseQuantization(options);
  expect(onePassFits(quantization)).toBe(true);
  const source = GpuMatrix.upload(gpu, matrix(150, 140, wideRows()));
  const { format, granularity } = quantization;
  const target = GpuQuantizedMatrix.create(gpu, 150, 140, format, granularity);
  try {
    const [whole] = onePassDispatches(source, target, quantization, arithmetic);
    const [, end = 0, ...rest] = whole?.params ?? [];
    const dispatches = Array.from({ length: pieces }, (_, i) => ({
      ...(whole as NonNullable<typeof whole>),
      params: [Math.floor((end * i) / pieces), Math.floor((end * (i + 1)) / pieces), ...rest],
    }));
    await gpu.run('quantising', dispatches);
    return await target.read();
  } finally {
    source.dispose();
    target.dispose();
  }
}

describe('one pass gives the oracle’s codes and scales', () => {
  test.each<[QuantizeOptions, string]>([
    [{}, 'f32 arithmetic'],
    [{}, 'integers'],
    [{ powerOfTwo: true }, 'f32 arithmetic'],
    [{ format: 'e5m2', dialect: 'reciprocal' }, 'f32 arithmetic'],
    [{ format: 'e4m3fnuz', dialect: 'ieee' }, 'integers'],
    [{ dialect: 'deepseek' }, 'f32 arithmetic'],
    [{ granularity: '128x128' }, 'f32 arithmetic'],
    [{ granularity: '128x128' }, 'integers'],
    [{ granularity: '128x128', powerOfTwo: true }, 'f32 arithmetic'],
    [{ granularity: '128x128', format: 'e5m2', dialect: 'reciprocal' }, 'f32 arithmetic'],
    [{ granularity: '128x128', dialect: 'deepseek' }, 'f32 arithmetic'],
  ])('%j in %s', async (options, arithmetic) => {
    const made = await quantizeInOnePass(options, arithmetic === 'integers' ? exact : native);
    const wanted = quantize(matrix(150, 140, wideRows()), options);
    expect(made.scales).toEqual(wanted.scales);
    expect(made.codes).toEqual(wanted.codes);
  });

  test.each<QuantizeOptions>([{}, { granularity: '128x128' }])(
    '%j in several dispatches',
    async (options) => {
      const made = await quantizeInOnePass(options, native, 3);
      expect(made.codes).toEqual(quantize(matrix(150, 140, wideRows()), options).codes);
    },
  );
});

test('two corrections of the guess by its remainder round a quotient correctly', () => {
  // As scale_native() in encode-words.wgsl divides, with a fused multiply-add, which this adapter may not have.
  const bits = (max: number) =>
    fc.integer({ min: 0x00800000, max }).map((word) => {
      const float = new Float32Array(1);
      new Uint32Array(float.buffer)[0] = word;
      return float[0] as number;
    });
  fc.assert(
    fc.property(bits(0x01000000), bits(0x01000000), fc.integer({ min: -20, max: 20 }), (x, y, exponent) => {
      const value = Math.fround(x * 2 ** (126 + exponent));
      const divisor = Math.fround(y * 2 ** 126);
      const inverse = Math.fround(1 / divisor);
      const guess = Math.fround(value * inverse);
      const faithful = fma(fma(-guess, divisor, value), inverse, guess);
      expect(fma(fma(-faithful, divisor, value), inverse, faithful)).toBe(Math.fround(value / divisor));
    }),
    { numRuns: 20000 },
  );
});
