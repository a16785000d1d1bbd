import fc from 'fast-check';
import { expect, test } from 'vitest';
import { floorLog2 } from '../../src/arithmetic/floor-log2.js';
import { type Format, minExponent, signBit } from '../../src/format/format.js';
import { type FormatName, formats, maxFinite } from '../../src/format/formats.js';
import { type Matrix, matrix, toFloat32 } from '../../src/matrix.js';
import { dequantize } from '../../src/quantize/dequantize.js';
import { scaleIndex } from '../../src/quantize/granularity.js';
import { quantize } from '../../src/quantize/quantize.js';
import { scalings } from './data.js';

/** Zeros, and magnitudes from 2^-60 to 2^60: no scale, product or quotient leaves the normal f32s. */
const value = fc.oneof(
  { arbitrary: fc.constantFrom(0, -0), weight: 1 },
  {
    arbitrary: fc
      .tuple(fc.boolean(), fc.integer({ min: -60, max: 59 }), fc.integer({ min: 0, max: 2 ** 23 - 1 }))
      .map(
        ([negative, exponent, mantissa]) => (negative ? -1 : 1) * 2 ** exponent * (1 + mantissa / 2 ** 23),
      ),
    weight: 4,
  },
  // Of one size, so that a tile uses the upper codes, too.
  { arbitrary: fc.integer({ min: -(2 ** 24), max: 2 ** 24 }).map((n) => n / 2 ** 20), weight: 10 },
);

const source: fc.Arbitrary<Matrix> = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 140 }))
  .chain(([rows, cols]) =>
    fc
      .array(value, { minLength: rows * cols, maxLength: rows * cols, size: 'max' })
      .map((values) => matrix(rows, cols, Float32Array.from(values))),
  );

const format = fc.constantFrom<FormatName>('e4m3', 'e5m2', 'e5m6', 'e3m2', 'e2m3', 'e2m1', 'e4m3fnuz', 'f16');
const scaling = fc.constantFrom(...scalings);
const powerOfTwoScaling = fc.constantFrom(...scalings.filter(({ powerOfTwo }) => powerOfTwo));

/**
 * The largest relative error of a code: half of the distance to the next code, 2^-(m + 1). OCP MX saturates
 * values between the largest code and the next power of two, which matters where the largest code is not the one
 * before that power (e4m3: 448, not 480).
 */
function relativeError(one: Format, dialect: string): number {
  const max = maxFinite(one);
  const saturated = dialect === 'mx' ? 1 - max / 2 ** (floorLog2(max) + 1) : 0;
  return Math.max(2 ** -(one.mantissaBits + 1), saturated);
}

test('each element is at most a rounding away from what it was', () => {
  // With u = 2^-24: the number that is encoded is t = v / scale · (1 + 5u) at most (reciprocal: three roundings of
  // its own, two of the scale's), and |t| <= max · (1 + 8u), so that saturation moves it no further than rounding
  // does. Its code c has |c - t| <= max(|t| · relative, half of the smallest code). Dequantising rounds once
  // more. All of the u together stay below 16u of the value and of the bound.
  fc.assert(
    fc.property(source, format, scaling, (original, name, options) => {
      const one = formats[name];
      const result = quantize(original, { ...options, format: name });
      const restored = toFloat32(dequantize(result));
      const scales = result.scaleValues();
      const half = 2 ** (minExponent(one) - one.mantissaBits - 1);
      const relative = relativeError(one, options.dialect);
      toFloat32(original).forEach((v, i) => {
        const [row, col] = [Math.floor(i / original.cols), i % original.cols];
        const scale = scales[scaleIndex(result.granularity, result.scaleCols, row, col)] as number;
        const bound =
          Math.max(Math.abs(v) * relative, half * scale) * (1 + 2 ** -20) + Math.abs(v) * 2 ** -20;
        const error = Math.abs((restored[i] as number) - v);
        if (!(error <= bound)) throw new Error(`${v} became ${restored[i]}: ${error} is more than ${bound}`);
      });
    }),
    { numRuns: 150 },
  );
});

test('each tile uses the codes that it has: its largest element is at least half of the largest code', () => {
  // A scale rounded up to a power of two is less than twice the exact one; mx leaves the largest element in the
  // octave of the largest code. Tiles below the floor of a dialect are left out.
  fc.assert(
    fc.property(source, format, scaling, (original, name, options) => {
      const one = formats[name];
      const result = quantize(original, { ...options, format: name });
      const largest = new Map<number, { amax: number; code: number }>();
      toFloat32(original).forEach((v, i) => {
        const [row, col] = [Math.floor(i / original.cols), i % original.cols];
        const tile = scaleIndex(result.granularity, result.scaleCols, row, col);
        const magnitude = (result.codes[i] as number) & (signBit(one) - 1);
        const before = largest.get(tile) ?? { amax: 0, code: 0 };
        largest.set(tile, {
          amax: Math.max(before.amax, Math.abs(v)),
          code: Math.max(before.code, magnitude),
        });
      });
      const halfOfMax = magnitudeCode(one, maxFinite(one) / 2);
      expect(largest.size).toBe(result.scales.length);
      for (const { amax, code } of largest.values())
        if (amax >= 1e-4) expect(code).toBeGreaterThanOrEqual(halfOfMax);
    }),
    { numRuns: 100 },
  );
});

test('what quantising with powers of two gave is kept by quantising again', () => {
  // Every code times its scale is an f32. The largest code is from max / 2 to max, so that the second scale is
  // the first or half of it, and either holds every value exactly. Scales that are no powers of two have no such
  // property: the product of the largest code and the scale is rounded.
  fc.assert(
    fc.property(source, format, powerOfTwoScaling, (original, name, options) => {
      const once = dequantize(quantize(original, { ...options, format: name }));
      const twice = dequantize(quantize(once, { ...options, format: name }));
      expect(new Uint32Array(twice.data.buffer)).toEqual(new Uint32Array(once.data.buffer));
    }),
    { numRuns: 150 },
  );
});

test('mx gives the same codes and scales again', () => {
  fc.assert(
    fc.property(source, format, (original, name) => {
      const options = { granularity: '1x32', dialect: 'mx', format: name } as const;
      const once = quantize(original, options);
      const twice = quantize(dequantize(once), options);
      expect(twice.codes).toEqual(once.codes);
      expect(twice.scales).toEqual(once.scales);
    }),
    { numRuns: 100 },
  );
});

test('the other sign gives the same scales, and codes of the other sign', () => {
  fc.assert(
    fc.property(source, scaling, (original, options) => {
      const negated = matrix(
        original.rows,
        original.cols,
        toFloat32(original).map((v) => -v),
      );
      const [one, other] = [quantize(original, options), quantize(negated, options)];
      expect(other.scales).toEqual(one.scales);
      expect(other.codes).toEqual(one.codes.map((code: number) => code ^ 0x80));
    }),
    { numRuns: 50 },
  );
});

test('rows do not know of each other where no tile spans them', () => {
  const alone = fc.constantFrom(...scalings.filter(({ granularity }) => /row|^1x/.test(String(granularity))));
  fc.assert(
    fc.property(source, alone, (original, options) => {
      const { rows, cols } = original;
      const whole = quantize(original, options);
      for (let row = 0; row < rows; row++) {
        const part = original.data.slice(row * cols, (row + 1) * cols);
        const result = quantize(matrix(1, cols, part), options);
        expect(whole.codes.slice(row * cols, (row + 1) * cols)).toEqual(result.codes);
        const { scaleCols } = whole;
        expect(whole.scales.slice(row * scaleCols, (row + 1) * scaleCols)).toEqual(result.scales);
      }
    }),
    { numRuns: 30 },
  );
});

/** The code of a positive value that has one. */
function magnitudeCode(one: Format, exact: number): number {
  const exponent = floorLog2(exact);
  const mantissa = exact / 2 ** exponent - 1;
  return (exponent + one.bias + mantissa) * 2 ** one.mantissaBits;
}
