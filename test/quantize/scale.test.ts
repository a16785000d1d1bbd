import { describe, expect, test } from 'vitest';
import { floorLog2 } from '../../src/arithmetic/floor-log2.js';
import { elementFormats, formats } from '../../src/format/formats.js';
import { dialectNames } from '../../src/quantize/dialect.js';
import { chooseQuantization, type QuantizeOptions } from '../../src/quantize/options.js';
import { factorOf, scaleOf } from '../../src/quantize/scale.js';

function scale(amax: number, options: QuantizeOptions): number {
  const { format, scaling } = chooseQuantization(options);
  return scaleOf(Math.fround(amax), format, scaling);
}

function factor(amax: number, options: QuantizeOptions): number {
  const { format, scaling } = chooseQuantization(options);
  const largest = Math.fround(amax);
  return factorOf(largest, scaleOf(largest, format, scaling), format, scaling);
}

describe('scales', () => {
  test('deepgemm, deepseek and reciprocal multiply by the rounded inverse of 448', () => {
    // r(1/448) = 9586981 · 2^-32; 7 · r(1/448) rounds to 0x3c800000 = 1/64, 3 · r(1/448) to 3 · 9586981 / 2^32.
    for (const dialect of ['deepgemm', 'deepseek', 'reciprocal'] as const) {
      expect(scale(7, { dialect })).toBe(1 / 64);
      expect(scale(3, { dialect })).toBe(Math.fround((3 * 9586981) / 2 ** 32));
    }
  });

  test('multiplying by the inverse and dividing differ in real bits', () => {
    const different = Array.from({ length: 1000 }, (_, i) => 1 + i / 1000).filter(
      (amax) => scale(amax, { dialect: 'deepgemm' }) !== scale(amax, { dialect: 'ieee' }),
    );
    // The product is rounded twice: about every third amax.
    expect(different.length).toBeGreaterThan(100);
  });

  test('dialects with a floor scale small tiles as if amax were 1e-4', () => {
    for (const dialect of ['deepgemm', 'deepseek', 'reciprocal'] as const)
      for (const amax of [0, 1e-40, 9.9e-5]) expect(scale(amax, { dialect })).toBe(scale(1e-4, { dialect }));
    expect(scale(9.9e-5, { dialect: 'ieee' })).toBeLessThan(scale(1e-4, { dialect: 'ieee' }));
  });

  test('ieee has no floor, and 1 instead of 0', () => {
    expect(scale(448, { dialect: 'ieee' })).toBe(1);
    expect(scale(2 ** -149 * 448, { dialect: 'ieee' })).toBe(2 ** -149);
    expect(scale(2 ** -149 * 100, { dialect: 'ieee' })).toBe(1);
    expect(scale(0, { dialect: 'ieee' })).toBe(1);
    expect(scale(0, { dialect: 'ieee', powerOfTwo: true })).toBe(1);
  });

  test('powers of two are rounded up, exactly', () => {
    const options = { dialect: 'ieee', powerOfTwo: true } as const;
    expect(scale(448, options)).toBe(1);
    expect(scale(448 * (1 + 2 ** -23), options)).toBe(2);
    expect(scale(448 * (1 - 2 ** -24), options)).toBe(1);
    expect(scale(225, options)).toBe(1);
    expect(scale(224, options)).toBe(0.5);
    expect(scale(3e38, { ...options, format: 'e2m1' })).toBe(2 ** 126);
  });

  test('a subnormal scale becomes 2^-126, whose inverse is an f32', () => {
    const options = { dialect: 'ieee', powerOfTwo: true } as const;
    for (const subnormal of [2 ** -149, 2 ** -130, 2 ** -126 - 2 ** -149])
      expect(scale(448 * subnormal, options)).toBe(2 ** -126);
    expect(scale(448 * 2 ** -126, options)).toBe(2 ** -126);
    expect(scale(449 * 2 ** -126, options)).toBe(2 ** -125);
  });

  test("mx takes amax's power of two down by that of the largest value", () => {
    const options = { granularity: '1x32' } as const;
    expect(scale(1, options)).toBe(2 ** -8);
    expect(scale(1.999, options)).toBe(2 ** -8);
    expect(scale(2, options)).toBe(2 ** -7);
    // The exponents of the largest values that OCP's specification lists, and of 240 and of 15.5.
    const largest = { e4m3: 8, e5m2: 15, e3m2: 4, e2m3: 2, e2m1: 2, e4m3fnuz: 7, e3m4: 3 } as const;
    for (const [format, exponent] of Object.entries(largest))
      expect(scale(1, { ...options, format: format as keyof typeof largest })).toBe(2 ** -exponent);
  });

  test('mx stays within e8m0', () => {
    const options = { granularity: '1x32' } as const;
    expect(scale(0, options)).toBe(2 ** -127);
    expect(scale(2 ** -149, options)).toBe(2 ** -127);
    expect(scale(2 ** -119, options)).toBe(2 ** -127);
    expect(scale(2 ** -118, options)).toBe(2 ** -126);
    expect(scale(3.4e38, { ...options, format: 'e2m1' })).toBe(2 ** 125);
  });

  test('NaN gives NaN, infinity gives infinity, or NaN for mx', () => {
    for (const dialect of dialectNames)
      for (const powerOfTwo of [false, true]) {
        const options: QuantizeOptions =
          dialect === 'mx' ? { dialect, granularity: '1x32' } : { dialect, powerOfTwo };
        expect(scale(Number.NaN, options)).toBeNaN();
        expect(scale(Infinity, options)).toBe(dialect === 'mx' ? Number.NaN : Infinity);
      }
  });

  test('the scale of a finite tile is finite and positive in every format', () => {
    for (const format of elementFormats)
      for (const dialect of ['deepseek', 'ieee'] as const)
        for (const powerOfTwo of [false, true])
          for (const amax of [0, 2 ** -149, 1e-38, 1, 3.4028234663852886e38]) {
            const one = scale(amax, { format, dialect, powerOfTwo });
            expect(one > 0 && one < Infinity, `${format} ${dialect} ${amax}: ${one}`).toBe(true);
          }
  });
});

describe('factors', () => {
  test('deepgemm multiplies by the rounded inverse of the scale, deepseek, ieee and mx divide by it', () => {
    expect(factor(3, { dialect: 'deepgemm' })).toBe(Math.fround(1 / scale(3, {})));
    expect(factor(3, { dialect: 'deepseek' })).toBe(scale(3, {}));
    expect(factor(3, { dialect: 'ieee' })).toBe(Math.fround(3 / 448));
    expect(factor(3, { granularity: '1x32' })).toBe(2 ** -7);
  });

  test('reciprocal multiplies by r(r(1/amax) · 448), and by the inverse of a power of two', () => {
    // r(1/3) = 11184811 · 2^-25.
    expect(factor(3, { dialect: 'reciprocal' })).toBe(Math.fround((448 * 11184811) / 2 ** 25));
    expect(factor(3, { dialect: 'reciprocal' })).not.toBe(factor(3, { dialect: 'deepgemm' }));
    expect(factor(3, { dialect: 'reciprocal', powerOfTwo: true })).toBe(128);
    expect(factor(0, { dialect: 'reciprocal' })).toBe(factor(1e-4, { dialect: 'reciprocal' }));
  });
});

test('floorLog2 is exact beside powers of two and for subnormals', () => {
  for (let exponent = -126; exponent <= 127; exponent++) {
    expect(floorLog2(2 ** exponent)).toBe(exponent);
    expect(floorLog2(2 ** exponent * (1 - 2 ** -24))).toBe(exponent - 1);
    expect(floorLog2(2 ** exponent * (2 - 2 ** -23))).toBe(exponent);
  }
  for (let exponent = -149; exponent < -126; exponent++) {
    expect(floorLog2(2 ** exponent)).toBe(exponent);
    expect(floorLog2(2 ** (exponent + 1) - 2 ** -149)).toBe(exponent);
  }
});

test('every element format fits every dialect, except that bf16 has scales without an inverse', () => {
  for (const format of elementFormats)
    for (const dialect of ['deepgemm', 'deepseek', 'reciprocal', 'ieee'] as const) {
      const options = { format, dialect };
      const refused = formats[format].exponentBits === 8 && ['deepgemm', 'reciprocal'].includes(dialect);
      if (refused) expect(() => chooseQuantization(options)).toThrow(`dialect ${dialect}`);
      else expect(chooseQuantization(options).format).toBe(formats[format]);
      expect(chooseQuantization({ ...options, powerOfTwo: true }).scaling.powerOfTwo).toBe(true);
    }
});
