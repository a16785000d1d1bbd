import { expect, describe as group, test } from 'vitest';
import { e4m3 } from '../../src/format/formats.js';
import { QuantizedMatrix } from '../../src/quantize/quantized-matrix.js';
import { codeShares, dequantizeInF64, describe } from '../../src/report/statistics.js';

group('describe', () => {
  test('amax, RMS, their ratio, and the octaves down to the median tile', () => {
    // Four tiles of 1 × 128 with the largest values 64, 8, 2 and 1; the lower median is 2: five octaves.
    const values = new Float32Array(2 * 256);
    values[3] = -64;
    values[130] = 8;
    values[256] = 2;
    values[511] = 1;
    const { amax, rms, crest, tileOctaves } = describe(values, 2, 256);
    expect(amax).toBe(64);
    expect(rms).toBeCloseTo(Math.sqrt((4096 + 64 + 4 + 1) / 512), 12);
    expect(crest).toBeCloseTo(64 / rms, 12);
    expect(tileOctaves).toBe(5);
  });
  test('a ragged last tile counts, and zeros are no division by zero', () => {
    const values = new Float32Array(130);
    values[129] = 4;
    values[0] = 1;
    expect(describe(values, 1, 130).tileOctaves).toBe(2);
    expect(describe(new Float32Array(5), 1, 5)).toEqual({ amax: 0, rms: 0, crest: 1, tileOctaves: 0 });
  });
});

group('codes', () => {
  // e4m3: 0x00 is 0, 0x01 is 2^-9, 0x07 the largest subnormal, 0x08 is 2^-6, 0x7e is 448, 0xfe is -448.
  const codes = Uint8Array.from([0x00, 0x01, 0x87, 0x08, 0x7e, 0xfe, 0x00, 0x7e]);
  const quantized = new QuantizedMatrix(1, 8, e4m3, 'tensor', codes, Float32Array.from([0.5]));

  test('shares of values that became 0, subnormal, or were cut', () => {
    // With the scale 0.5, 224 is the largest value; up to 232 rounding brings values there, 233 is cut.
    const values = [1e-6, 2 ** -10, -7 * 2 ** -10, 2 ** -7, 224, -233, 0, 231];
    expect(codeShares(quantized, values)).toEqual({ flushed: 1 / 7, subnormal: 2 / 7, saturated: 1 / 7 });
  });
  test('a matrix of zeros has no shares', () => {
    expect(codeShares(quantized, new Float32Array(8))).toEqual({ flushed: 0, subnormal: 0, saturated: 0 });
  });
  test('dequantised in f64 without rounding, by each tile its own scale', () => {
    const scales = Float32Array.from([0.1, 3]);
    const rows = new QuantizedMatrix(2, 4, e4m3, 'row', codes, scales);
    const tenth = Math.fround(0.1);
    expect([...dequantizeInF64(rows)]).toEqual([
      0,
      tenth * 2 ** -9,
      tenth * -7 * 2 ** -9,
      tenth * 2 ** -6,
      1344,
      -1344,
      0,
      1344,
    ]);
    expect(dequantizeInF64(rows, 1).length).toBe(4);
  });
});
