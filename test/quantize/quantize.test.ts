import { describe, expect, test } from 'vitest';
import { nanBits } from '../../src/arithmetic/f32.js';
import { ArgumentError } from '../../src/errors.js';
import { formats } from '../../src/format/formats.js';
import { referenceGemm } from '../../src/gemm/reference.js';
import { type Dtype, type Matrix, matrix, toFloat32 } from '../../src/matrix.js';
import { dequantize } from '../../src/quantize/dequantize.js';
import { type DialectName, dialectNames } from '../../src/quantize/dialect.js';
import { type QuantizeOptions, quantize } from '../../src/quantize/quantize.js';
import { QuantizedMatrix } from '../../src/quantize/quantized-matrix.js';
import { awkward } from './data.js';

/** One row of values, quantised. */
function row(values: readonly number[], options: QuantizeOptions): QuantizedMatrix {
  return quantize(matrix(1, values.length, Float32Array.from(values)), options);
}

/** The row a matrix of one row dequantises to. */
function values(source: QuantizedMatrix): number[] {
  return [...toFloat32(dequantize(source))];
}

const plainDialects = dialectNames.filter((name) => name !== 'mx');

describe('tiles', () => {
  const [rows, cols] = [130, 300];
  /** The magnitude of all elements of tile (i, j). */
  const magnitude = (i: number, j: number) => 2 ** ((i + 3 * j) % 16);

  test.each([
    ['tensor', Infinity, Infinity, 1, 1],
    ['row', 1, Infinity, 130, 1],
    ['1x128', 1, 128, 130, 3],
    ['128x128', 128, 128, 2, 3],
    ['1x32', 1, 32, 130, 10],
  ] as const)(
    '%s has a scale for each tile of %d x %d',
    (granularity, tileRows, tileCols, scaleRows, scaleCols) => {
      const data = Float32Array.from({ length: rows * cols }, (_, n) =>
        magnitude(Math.floor(Math.floor(n / cols) / tileRows), Math.floor((n % cols) / tileCols)),
      );
      const result = quantize(matrix(rows, cols, data), { granularity, dialect: 'ieee' });
      expect([result.scaleRows, result.scaleCols]).toEqual([scaleRows, scaleCols]);
      const powerOfTwo = granularity === '1x32';
      const expected = Array.from({ length: scaleRows * scaleCols }, (_, n) => {
        const amax = magnitude(Math.floor(n / scaleCols), n % scaleCols);
        return powerOfTwo ? amax / 256 : Math.fround(amax / 448);
      });
      expect([...result.scaleValues()]).toEqual(expected);
      // Every element is its tile's largest: 448 / 1, or 256 where the scale was rounded up to amax / 256.
      expect(new Set(result.codes)).toEqual(new Set([powerOfTwo ? 0x78 : 0x7e]));
    },
  );
});

describe('special tiles', () => {
  test('zeros keep their signs, and a scale that is no zero', () => {
    const expected: Record<DialectName, number> = {
      deepgemm: Math.fround(Math.fround(1e-4) * Math.fround(1 / 448)),
      deepseek: Math.fround(Math.fround(1e-4) * Math.fround(1 / 448)),
      reciprocal: Math.fround(Math.fround(1e-4) * Math.fround(1 / 448)),
      ieee: 1,
      mx: 2 ** -127,
    };
    for (const dialect of dialectNames) {
      const result = row([0, -0, 0], { dialect, granularity: dialect === 'mx' ? '1x32' : '1x128' });
      expect([...result.codes]).toEqual([0, 0x80, 0]);
      expect([...result.scaleValues()]).toEqual([expected[dialect]]);
      expect(values(result)).toEqual([0, -0, 0]);
    }
  });

  test('NaN makes its tile NaN, positive ones, and no other tile', () => {
    const source = Array.from({ length: 256 }, () => 1);
    source[7] = Number.NaN;
    for (const dialect of plainDialects) {
      const result = row(source, { dialect });
      expect(result.codes.subarray(0, 128).every((code) => code === 0x7f)).toBe(true);
      expect(result.codes.subarray(128).every((code) => code === 0x7e)).toBe(true);
      expect(new Uint32Array(result.scales.buffer)[0]).toBe(nanBits);
      expect(values(result).slice(0, 128).every(Number.isNaN)).toBe(true);
    }
    const mx = row(source, { granularity: '1x32' });
    expect([...mx.scales]).toEqual([255, ...Array.from({ length: 7 }, () => 119)]);
    expect(mx.codes.subarray(0, 32).every((code) => code === 0x7f)).toBe(true);
    expect(mx.codes.subarray(32).every((code) => code === 0x78)).toBe(true);
  });

  test('a format without NaN has -0 in its place', () => {
    for (const format of ['e3m2', 'e2m3', 'e2m1'] as const) {
      const sign = 2 ** (formats[format].exponentBits + formats[format].mantissaBits);
      expect([...row([1, -1, Number.NaN], { format }).codes]).toEqual([sign, sign, sign]);
      expect([...row([1, -1, Infinity], { format, granularity: '1x32' }).codes]).toEqual([sign, sign, sign]);
    }
  });

  test('infinity makes the scale infinite, finite values zero and infinities NaN', () => {
    for (const dialect of plainDialects) {
      const result = row([1, -1, 0, -0, Infinity, -Infinity], { dialect });
      expect([...result.scales]).toEqual([Infinity]);
      expect([...result.codes]).toEqual([0, 0x80, 0, 0x80, 0x7f, 0x7f]);
    }
  });

  test('infinity makes scales in e8m0 NaN, and codes', () => {
    for (const dialect of dialectNames) {
      const result = row([1, -1, -Infinity], { dialect, granularity: '1x32' });
      expect([...result.scales]).toEqual([255]);
      expect([...result.codes]).toEqual([0x7f, 0x7f, 0x7f]);
    }
  });

  test('beside one huge value small ones become zero, and half of the smallest code is the border', () => {
    // The scale is 2^100; the smallest e4m3 code is 2^-9, its half goes to the even zero.
    const smallest = 2 ** 91;
    const source = [
      448 * 2 ** 100,
      1,
      -1,
      smallest,
      smallest / 2,
      -smallest / 2,
      smallest * (0.5 + 2 ** -20),
    ];
    const result = row(source, { dialect: 'ieee' });
    expect([...result.codes]).toEqual([0x7e, 0, 0x80, 1, 0, 0x80, 1]);
    expect(values(result)).toEqual([448 * 2 ** 100, 0, -0, smallest, 0, -0, smallest]);
  });

  test('mx saturates what lies beyond the largest value times its scale', () => {
    // amax 510 has the scale 1.
    expect([...row([510, -464, 460], { granularity: '1x32' }).codes]).toEqual([0x7e, 0xfe, 0x7e]);
  });

  test('subnormal magnitudes are counted', () => {
    const tiny = 2 ** -149;
    const mx = row([64 * tiny, tiny, -3 * tiny], { granularity: '1x32' });
    expect([...mx.scales]).toEqual([0]);
    // 2^-149 / 2^-127 is below the half of 2^-9.
    expect([...mx.codes]).toEqual([0, 0, 0x80]);
    const ieee = row([448 * tiny, tiny, -3 * tiny], { dialect: 'ieee' });
    expect([...ieee.scales]).toEqual([tiny]);
    expect(values(ieee)).toEqual([448 * tiny, tiny, -3 * tiny]);
  });
});

describe('element types', () => {
  test.each(['bf16', 'f16'] as const)('%s is widened exactly before anything else', (dtype) => {
    for (const kind of ['ordinary', 'finite', 'special'] as const) {
      const source = awkward(5, 150, dtype, kind);
      const widened = matrix(5, 150, toFloat32(source));
      for (const granularity of ['1x128', '1x32'] as const) {
        const [one, other] = [quantize(source, { granularity }), quantize(widened, { granularity })];
        expect(one.codes).toEqual(other.codes);
        expect(one.scales).toEqual(other.scales);
      }
    }
  });

  test('dequantising rounds to f32 and then to the element type', () => {
    const source = new QuantizedMatrix(
      1,
      3,
      'e4m3',
      'row',
      Uint8Array.of(0x7e, 0x39, 0xfe),
      Float32Array.of(1e37),
    );
    // 448e37 is beyond f32; 1.125e37 is not.
    expect(values(source)).toEqual([Infinity, Math.fround(1.125 * Math.fround(1e37)), -Infinity]);
    expect([...dequantize(source, 'f16').data]).toEqual([0x7c00, 0x7c00, 0xfc00]);
    expect([...dequantize(source, 'bf16').data]).toEqual([0x7f80, 0x7d07, 0xff80]);
  });

  test('NaN codes and NaN scales dequantise to one NaN', () => {
    const codes = Uint8Array.of(0x7f, 0xff, 0x38);
    const one = dequantize(new QuantizedMatrix(1, 3, 'e4m3', 'row', codes, Float32Array.of(1)));
    expect([...new Uint32Array(one.data.buffer)]).toEqual([nanBits, nanBits, 0x3f800000]);
    const all = dequantize(
      new QuantizedMatrix(1, 3, 'e4m3', 'row', codes, Float32Array.of(Number.NaN)),
      'bf16',
    );
    expect([...all.data]).toEqual([0x7fc0, 0x7fc0, 0x7fc0]);
  });
});

describe('what is refused', () => {
  const source = awkward(2, 2, 'f32', 'ordinary');
  test.each<[string, QuantizeOptions]>([
    ['format is "e8m0"', { format: 'e8m0' }],
    ['format is "E4M3"', { format: 'E4M3' as 'e4m3' }],
    ['granularity is "1x64"', { granularity: '1x64' as 'row' }],
    ['dialect is "toString"', { dialect: 'toString' as 'mx' }],
    [
      'dialect is "mx"; allowed: mx with granularity 1x32 or 32x1 only, not with row',
      { dialect: 'mx', granularity: 'row' },
    ],
    ['powerOfTwo is false', { granularity: '1x32', powerOfTwo: false }],
    ['powerOfTwo is false', { granularity: '1x32', dialect: 'ieee', powerOfTwo: false }],
    ['format is "bf16"', { format: 'bf16' }],
  ])('%s', (message, options) => {
    expect(() => quantize(source, options)).toThrow(ArgumentError);
    expect(() => quantize(source, options)).toThrow(message);
  });

  test('a granularity without a tile', () => {
    const granularity = { name: 'row', tileRows: 0, tileCols: Infinity, scaleFormat: 'f32' } as const;
    expect(() => quantize(source, { granularity })).toThrow('granularity.tileRows is 0');
  });

  test('an unknown element type', () => {
    expect(() => dequantize(quantize(source), 'f64' as Dtype)).toThrow(
      'dtype is "f64"; allowed: f32, bf16, f16',
    );
  });
});

test('defaults are e4m3, 1x128, deepgemm; mx for 1x32', () => {
  const source = awkward(3, 200, 'f32', 'ordinary');
  const same = (options: QuantizeOptions, full: QuantizeOptions) => {
    const [one, other] = [quantize(source, options), quantize(source, full)];
    expect(one.granularity.name).toBe(other.granularity.name);
    expect(one.codes).toEqual(other.codes);
    expect(one.scales).toEqual(other.scales);
  };
  same({}, { format: 'e4m3', granularity: '1x128', dialect: 'deepgemm', powerOfTwo: false });
  same({ granularity: '1x32' }, { format: 'e4m3', granularity: '1x32', dialect: 'mx', powerOfTwo: true });
  expect(quantize(source).granularity.name).toBe('1x128');
});

test('what is no matrix is refused by name', () => {
  for (const source of [null, undefined, {}, new Float32Array(4)] as unknown as Matrix[])
    expect(() => quantize(source)).toThrow(/^source is .*; allowed: a matrix, as matrix\(\) makes it$/);
  for (const source of [null, matrix(1, 1, Float32Array.of(1))] as unknown as QuantizedMatrix[]) {
    expect(() => dequantize(source)).toThrow(/^source is .*; allowed: a QuantizedMatrix/);
    expect(() => referenceGemm(quantize(matrix(1, 1, Float32Array.of(1))), source)).toThrow(
      /^b is .*; allowed: a QuantizedMatrix/,
    );
  }
});
