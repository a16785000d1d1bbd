import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readBand, readQuantizedBand, sampleBands } from '../../bench/sample.js';
import type { FormatName } from '../../src/format/formats.js';
import { GpuMatrix, GpuQuantizedMatrix } from '../../src/gpu-matrix.js';
import { matrix } from '../../src/matrix.js';
import { dequantize } from '../../src/quantize/dequantize.js';
import { type GranularityName, granularityNames } from '../../src/quantize/granularity.js';
import { quantize } from '../../src/quantize/quantize.js';
import { randomMatrix, randomWordList } from '../../src/verify/random.js';
import { openTestGpu } from '../adapter.js';

const gpu = await openTestGpu();

test('bands hold the first and the last row, lie in one block of 128, and come once', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1000 }),
      fc.integer({ min: 2, max: 9 }),
      fc.nat(),
      (rows, count, seed) => {
        const bands = sampleBands(rows, count, seed);
        expect(bands.length).toBeGreaterThan(0);
        expect(bands.length).toBeLessThanOrEqual(count);
        expect(new Set(bands.map(({ first }) => first)).size).toBe(bands.length);
        const covered = new Set(
          bands.flatMap(({ first, count }) => Array.from({ length: count }, (_, i) => first + i)),
        );
        expect(covered).toContain(0);
        expect(covered).toContain(rows - 1);
        for (const { first, count } of bands) {
          expect(count).toBeGreaterThan(0);
          expect(Math.floor((first + count - 1) / 128)).toBe(Math.floor(first / 128));
          expect(first + count).toBeLessThanOrEqual(rows);
        }
      },
    ),
  );
});

for (const granularity of granularityNames)
  test(`a band of a matrix quantised by ${granularity} has the values of those rows`, async () => {
    await expectBand('e4m3', granularity, { first: 126, count: 2 });
    await expectBand('e5m6', granularity, { first: 129, count: 3 });
  });

async function expectBand(
  format: FormatName,
  granularity: GranularityName,
  band: { first: number; count: number },
) {
  const cols = 141;
  const source = quantize(randomMatrix(140, cols, 1), { format, granularity });
  using onGpu = GpuQuantizedMatrix.upload(gpu, source);
  const part = await readQuantizedBand(gpu, onGpu, band);
  const whole = dequantize(source).data;
  expect(part.granularity).toBe(source.granularity);
  expect(dequantize(part).data).toEqual(whole.slice(band.first * cols, (band.first + band.count) * cols));
}

test('a band of a plain matrix is its rows', async () => {
  const [rows, cols] = [9, 13];
  for (const dtype of ['f32', 'bf16'] as const) {
    const words = randomWordList(rows * cols, 2);
    const data = dtype === 'f32' ? Float32Array.from(words) : Uint16Array.from(words);
    using onGpu = GpuMatrix.upload(gpu, matrix(rows, cols, data, dtype));
    const part = await readBand(gpu, onGpu, { first: 3, count: 4 });
    expect(part).toEqual(matrix(4, cols, data.slice(3 * cols, 7 * cols), dtype));
  }
});
