import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decode } from '../../src/format/decode.js';
import { elementFormats, type FormatName, formatByName } from '../../src/format/formats.js';
import { checkGemm, sampleOutputs } from '../../src/gemm/check.js';
import { f32ErrorBound } from '../../src/gemm/error-bound.js';
import { ExactProduct, roundTo } from '../../src/gemm/exact.js';
import { referenceGemm } from '../../src/gemm/reference.js';
import { type Dtype, dtypes, matrix, toFloat32 } from '../../src/matrix.js';
import { type GranularityName, granularityNames } from '../../src/quantize/granularity.js';
import { QuantizedMatrix } from '../../src/quantize/quantized-matrix.js';
import { randomWords } from '../random.js';
import { altered, randomMatrix, randomOperand } from './operands.js';

/** A value rounded to one of the two f32s around it, as `up` says; subnormals become 0 if `flush`. */
function directed(value: number, up: boolean, flush: boolean): number {
  const nearest = Math.fround(value);
  const float = Float32Array.of(nearest);
  const bits = new Int32Array(float.buffer);
  if (up ? nearest < value : nearest > value) {
    if (nearest === 0) return flush ? 0 : (up ? 1 : -1) * 2 ** -149;
    bits[0] = (bits[0] as number) + (nearest > 0 === up ? 1 : -1);
  }
  const result = float[0] as number;
  return flush && Math.abs(result) < 2 ** -126 ? 0 : result;
}

/** D as an adapter might compute it that rounds every operation as it likes, fuses nothing and flushes. */
function adverseEntry(
  product: ExactProduct,
  row: number,
  col: number,
  up: () => boolean,
  flush: boolean,
): number {
  const r = (value: number) => directed(value, up(), flush);
  const input = (value: number) => (flush && Math.abs(value) < 2 ** -126 ? 0 : value);
  const a = product.a.row(row);
  const b = product.b.row(col);
  const { interval } = product.a;
  let acc = 0;
  for (let block = 0; block < a.scales.length; block++) {
    const scales = [input(a.scales[block] as number), input(b.scales[block] as number)] as const;
    for (let k = block * interval; k < Math.min((block + 1) * interval, a.values.length); k++) {
      const x = r(input(a.values[k] as number) * scales[0]);
      const y = r(input(b.values[k] as number) * scales[1]);
      acc = r(acc + r(x * y));
    }
  }
  return r(acc + input(product.addend(row, col)));
}

describe('the bound holds', () => {
  test('whichever way an adapter rounds, fused or not, with subnormals or without', () => {
    fc.assert(
      fc.property(
        fc.record({ k: fc.integer({ min: 1, max: 700 }), seed: fc.nat(), flush: fc.boolean() }),
        fc.constantFrom(...elementFormats),
        fc.constantFrom(...elementFormats),
        fc.tuple(fc.constantFrom(...granularityNames), fc.constantFrom(...granularityNames)),
        fc.constantFrom('up', 'down', 'any'),
        fc.constantFrom(...dtypes),
        fc.constantFrom(0, 6, 70),
        ({ k, seed, flush }, aFormat, bFormat, [aGranularity, bGranularity], direction, out, spread) => {
          const positive = { values: (value: number) => value > 0 && value < 2 ** 30, spread };
          const a = randomOperand(1, k, { ...positive, format: aFormat, granularity: aGranularity, seed });
          const b = randomOperand(1, k, {
            ...positive,
            format: bFormat,
            granularity: bGranularity,
            seed: seed + 1,
          });
          const product = new ExactProduct(a, b, randomMatrix(1, 1, 'f32', seed));
          const next = randomWords(seed);
          const up = () => (direction === 'any' ? next() % 2 === 0 : direction === 'up');
          const entry = adverseEntry(product, 0, 0, up, flush);
          const value = out === 'f32' ? entry : rounded(out, entry);
          const error = Math.abs(value - product.entry(0, 0));
          const bound = f32ErrorBound(product, 0, 0, out);
          expect(error).toBeLessThanOrEqual(bound);
        },
      ),
      { numRuns: 400 },
    );
  });

  test.each<[string, FormatName, number, number, number]>([
    ['subnormal scales', 'e4m3', 1, 2 ** -130, 2 ** 20],
    ['values that are subnormal', 'e4m3', 2 ** -9, 2 ** -120, 2 ** 20],
    ['subnormal codes', 'bf16', 2 ** -130, 1, 1],
    ['subnormal products', 'e4m3', 2 ** -9, 2 ** -55, 2 ** -55],
  ])('where an adapter loses %s', (_, format, value, scaleA, scaleB) => {
    const one = randomOperand(1, 40, { format, values: (x) => x === value, granularity: 'tensor' });
    const other = format === 'bf16' && value === 2 ** -130 ? 2 ** 100 : value;
    const a = altered(one, { scale: [0, scaleA] });
    const b = altered(randomOperand(1, 40, { format, values: (x) => x === other, granularity: 'tensor' }), {
      scale: [0, scaleB],
    });
    const product = new ExactProduct(a, b);
    expect(product.entry(0, 0)).toBeGreaterThan(2 ** -126);
    expect(adverseEntry(product, 0, 0, () => false, true)).toBe(0);
    expect(f32ErrorBound(product, 0, 0, 'f32')).toBeGreaterThanOrEqual(product.entry(0, 0));
    expect(f32ErrorBound(product, 0, 0, 'f32')).not.toBe(Infinity);
  });

  test.each<[GranularityName, number]>([
    ['tensor', 128],
    ['1x32', 6400],
  ])('and is no looser than it must be, with scales by %s', (granularity, k) => {
    // 1 and then products of 2^-32. When sums are rounded up, each in the first interval lifts it by 2^-23, and so
    // does each interval after it.
    const codes = new Uint8Array(k).fill(1);
    codes[0] = 0x3c;
    const scales = granularity === 'tensor' ? Float32Array.of(1) : new Uint8Array(k / 32).fill(127);
    const row = new QuantizedMatrix(1, k, 'e5m2', granularity, codes, scales);
    const product = new ExactProduct(row, row);
    const error = adverseEntry(product, 0, 0, () => true, false) - product.entry(0, 0);
    const ratio = error / f32ErrorBound(product, 0, 0, 'f32');
    expect(ratio).toBeGreaterThan(0.9);
    expect(ratio).toBeLessThanOrEqual(1);
  });
});

function rounded(out: 'bf16' | 'f16', value: number): number {
  return decode(formatByName(out), roundTo(out, value));
}

describe('the bound is', () => {
  const one = randomOperand(1, 1, { format: 'bf16', values: (value) => value === 1, granularity: 'tensor' });
  const bound = (scaleA: number, scaleB: number, out: Dtype = 'f32') =>
    f32ErrorBound(
      new ExactProduct(altered(one, { scale: [0, scaleA] }), altered(one, { scale: [0, scaleB] })),
      0,
      0,
      out,
    );

  test.each<[string, number, number, Dtype, boolean]>([
    ['finite for a result within f32', 2 ** 63, 2 ** 63, 'f32', true],
    ['infinite where f32 may overflow', 2 ** 64, 2 ** 63, 'f32', false],
    ['finite for a result within f16', 65000, 1, 'f16', true],
    ['infinite where f16 overflows', 65504, 1, 'f16', false],
  ])('%s', (_, scaleA, scaleB, out, finite) => {
    expect(Number.isFinite(bound(scaleA, scaleB, out))).toBe(finite);
  });

  test('NaN where the result is', () => {
    expect(bound(Number.NaN, 1)).toBeNaN();
  });
});

describe('checkGemm', () => {
  const a = randomOperand(20, 256);
  const b = randomOperand(30, 256, { seed: 2, granularity: '128x128' });
  const c = randomMatrix(20, 30, 'f32');

  test.each(dtypes)('finds nothing wrong with the oracles, in %s', (out) => {
    for (const arithmetic of ['exact', 'f32'] as const) {
      const d = referenceGemm(a, b, { c, out, arithmetic });
      const { checked, wrong, worstRatio } = checkGemm(a, b, d, { c });
      expect(checked).toHaveLength(600);
      expect(wrong).toEqual([]);
      expect(worstRatio).toBeGreaterThan(0);
      expect(worstRatio).toBeLessThanOrEqual(1);
    }
  });

  test.each<[string, (value: number) => number]>([
    ['off by a thousandth', (value) => value * 1.001],
    ['NaN', () => Number.NaN],
    ['infinite', () => Infinity],
    ['another sign', (value) => -value],
  ])('names an output that is %s', (_, change) => {
    const data = toFloat32(referenceGemm(a, b));
    // The largest, so that no cancellation hides a thousandth.
    const index = data.indexOf(Math.max(...data));
    const wrongData = Float32Array.from(data);
    wrongData[index] = change(data[index] as number);
    const { wrong } = checkGemm(a, b, matrix(20, 30, wrongData));
    expect(wrong.map(({ row, col }) => row * 30 + col)).toEqual([index]);
  });

  test('wants NaN and infinities where they belong', () => {
    const special = altered(a, { scale: [0, Infinity] });
    const d = referenceGemm(special, b);
    expect(checkGemm(special, b, d).wrong).toEqual([]);
    expect(checkGemm(special, b, referenceGemm(a, b)).wrong).toHaveLength(30);
  });

  test('refuses a matrix of another shape', () => {
    expect(() => checkGemm(a, b, matrix(600, 1, new Float32Array(600)))).toThrow(/d is "600x1".*20x30/);
  });
});

test('a sample has the corners and spreads over rows and columns', () => {
  expect(sampleOutputs(2, 3, 6)).toEqual([
    [0, 0],
    [0, 1],
    [0, 2],
    [1, 0],
    [1, 1],
    [1, 2],
  ]);
  const sample = sampleOutputs(1000, 300, 256);
  expect(sample).toHaveLength(256);
  expect(sample.slice(0, 4)).toEqual([
    [999, 299],
    [0, 0],
    [0, 299],
    [999, 0],
  ]);
  expect(new Set(sample.map(([row]) => Math.floor(row / 64))).size).toBe(16);
  expect(new Set(sample.map(([, col]) => Math.floor(col / 64))).size).toBe(5);
  for (const [row, col] of sample) {
    expect(row).toBeLessThan(1000);
    expect(col).toBeLessThan(300);
  }
});
