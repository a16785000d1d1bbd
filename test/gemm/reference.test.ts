import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ArgumentError } from '../../src/errors.js';
import { elementFormats, type FormatName } from '../../src/format/formats.js';
import { ExactProduct, roundTo } from '../../src/gemm/exact.js';
import { referenceGemm } from '../../src/gemm/reference.js';
import { type Dtype, matrix, toFloat32 } from '../../src/matrix.js';
import { granularityNames } from '../../src/quantize/granularity.js';
import { quantize } from '../../src/quantize/quantize.js';
import { QuantizedMatrix } from '../../src/quantize/quantized-matrix.js';
import { big, oddDouble } from '../arithmetic/big.js';
import { altered, bigEntry, randomMatrix, randomOperand } from './operands.js';

const anyFormat = fc.constantFrom(...elementFormats);
const anyGranularity = fc.constantFrom(...granularityNames);
const size = (max: number) => fc.integer({ min: 1, max });

describe('the exact oracle', () => {
  test('equals sums in integers, in every format and granularity', () => {
    fc.assert(
      fc.property(
        fc.record({
          m: size(3),
          n: size(3),
          k: size(300),
          seed: fc.nat(),
          spread: fc.constantFrom(0, 6, 90),
        }),
        fc.tuple(anyFormat, anyGranularity),
        fc.tuple(anyFormat, anyGranularity),
        fc.boolean(),
        ({ m, n, k, seed, spread }, [aFormat, aGranularity], [bFormat, bGranularity], withC) => {
          const finite = { values: Number.isFinite, spread };
          const a = randomOperand(m, k, { ...finite, format: aFormat, granularity: aGranularity, seed });
          const b = randomOperand(n, k, {
            ...finite,
            format: bFormat,
            granularity: bGranularity,
            seed: seed + 1,
          });
          const c = withC ? randomMatrix(m, n, 'f32', seed) : undefined;
          const product = new ExactProduct(a, b, c);
          const addends = c ? toFloat32(c) : new Float32Array(m * n);
          for (let row = 0; row < m; row++)
            for (let col = 0; col < n; col++) {
              const addend = big(addends[row * n + col] as number);
              expect(product.entry(row, col)).toBe(oddDouble(bigEntry(a, b, row, col) + addend));
            }
        },
      ),
      { numRuns: 150 },
    );
  });

  test('keeps every bit of an interval that a double cannot hold', () => {
    // 127 · 57344 · 448 + 2^-16 · 2^-9: 57 bits.
    const e5m2 = new Uint8Array(128).fill(0x7b);
    const e4m3 = new Uint8Array(128).fill(0x7e);
    e5m2[127] = 1;
    e4m3[127] = 1;
    const a = new QuantizedMatrix(1, 128, 'e5m2', 'tensor', e5m2, Float32Array.of(1));
    const b = new QuantizedMatrix(1, 128, 'e4m3', 'tensor', e4m3, Float32Array.of(1));
    // 127 · 57344 · 448 is an f32, so that C leaves the last product.
    const c = matrix(1, 1, Float32Array.of(-127 * 57344 * 448));
    expect(new ExactProduct(a, b).entry(0, 0)).toBe(oddDouble(bigEntry(a, b, 0, 0)));
    expect(referenceGemm(a, b, { c }).data[0]).toBe(2 ** -25);
  });

  test('rounds once, straight to the output', () => {
    // 1 + 2^-11 + 2^-40: in f32 a tie between f16s, which would go down to the even one.
    const scales = Float32Array.of(1, 2 ** -11, 2 ** -40);
    const one = 0x38;
    const codes = new Uint8Array(384);
    for (const block of [0, 1, 2]) codes[block * 128] = one;
    const a = new QuantizedMatrix(1, 384, 'e4m3', '1x128', codes, scales);
    const b = new QuantizedMatrix(1, 384, 'e4m3', 'tensor', codes, Float32Array.of(1));
    expect(toFloat32(referenceGemm(a, b, { out: 'f16' }))[0]).toBe(1 + 2 ** -10);
    expect(toFloat32(referenceGemm(a, b, { out: 'f16', arithmetic: 'f32' }))[0]).toBe(1);
    expect(toFloat32(referenceGemm(a, b, { out: 'f32' }))[0]).toBe(1 + 2 ** -11);
  });

  test('an exact zero is +0, and what is too small keeps its sign', () => {
    const a = new QuantizedMatrix(1, 2, 'e4m3', 'tensor', Uint8Array.of(0x38, 0xb8), Float32Array.of(1));
    const b = new QuantizedMatrix(1, 2, 'e4m3', 'tensor', Uint8Array.of(0x38, 0x38), Float32Array.of(1));
    expect(Object.is(referenceGemm(a, b).data[0], 0)).toBe(true);
    const tiny = new QuantizedMatrix(1, 1, 'e4m3', 'tensor', Uint8Array.of(0xb8), Float32Array.of(2 ** -100));
    const little = new QuantizedMatrix(
      1,
      1,
      'e4m3',
      'tensor',
      Uint8Array.of(0x38),
      Float32Array.of(2 ** -100),
    );
    expect(Object.is(referenceGemm(tiny, little).data[0], -0)).toBe(true);
    expect(referenceGemm(tiny, little, { out: 'bf16' }).data[0]).toBe(0x8000);
  });

  test.each<[string, FormatName, number[], number[], number]>([
    ['a NaN code', 'e4m3', [0x7f, 0], [0x38, 0x38], Number.NaN],
    ['infinity times zero', 'e5m2', [0x7c, 0x3c], [0, 0x3c], Number.NaN],
    ['infinity', 'e5m2', [0x7c, 0x3c], [0xbc, 0x3c], -Infinity],
    ['opposite infinities', 'e5m2', [0x7c, 0x7c], [0xbc, 0x3c], Number.NaN],
  ])('%s', (_, format, aCodes, bCodes, expected) => {
    const a = new QuantizedMatrix(1, 2, format, 'tensor', Uint8Array.from(aCodes), Float32Array.of(1));
    const b = new QuantizedMatrix(1, 2, format, 'tensor', Uint8Array.from(bCodes), Float32Array.of(1));
    for (const arithmetic of ['exact', 'f32'] as const)
      expect(referenceGemm(a, b, { arithmetic }).data[0]).toBe(expected);
  });

  test('NaN and infinite scales, and C', () => {
    const a = randomOperand(2, 256, { values: (value) => value > 0 });
    const b = randomOperand(1, 256, { values: (value) => value > 0 });
    const entry = (scale: number, addend = 0) =>
      referenceGemm(altered(a, { scale: [3, scale] }), b, { c: matrix(2, 1, Float32Array.of(0, addend)) })
        .data;
    expect(entry(Number.NaN)[0]).not.toBeNaN();
    expect(entry(Number.NaN)[1]).toBeNaN();
    expect(entry(Infinity)[1]).toBe(Infinity);
    expect(entry(Infinity, -Infinity)[1]).toBeNaN();
    expect(entry(1, -Infinity)[1]).toBe(-Infinity);
  });

  test('what is too large becomes infinite at the output’s own edge', () => {
    const a = new QuantizedMatrix(1, 1, 'e4m3', 'tensor', Uint8Array.of(0x38), Float32Array.of(65519));
    const b = new QuantizedMatrix(1, 1, 'e4m3', 'tensor', Uint8Array.of(0x38), Float32Array.of(1));
    const edge = altered(a, { scale: [0, 65520] });
    expect(toFloat32(referenceGemm(a, b, { out: 'f16' }))[0]).toBe(65504);
    expect(toFloat32(referenceGemm(edge, b, { out: 'f16' }))[0]).toBe(Infinity);
    expect(toFloat32(referenceGemm(edge, b, { out: 'f32' }))[0]).toBe(65520);
  });
});

describe('the f32 oracle', () => {
  test('rounds every operation, in the stated order', () => {
    // The sum of an interval: 2^24 + 1 is lost twice in ascending order, and not in descending.
    const value = (codes: number[]) =>
      new QuantizedMatrix(1, 3, 'f16', 'tensor', Uint16Array.from(codes), Float32Array.of(1));
    const two12 = 0x6c00;
    const one = 0x3c00;
    const ascending = referenceGemm(value([two12, one, one]), value([two12, one, one]), {
      arithmetic: 'f32',
    });
    const descending = referenceGemm(value([one, one, two12]), value([one, one, two12]), {
      arithmetic: 'f32',
    });
    expect(ascending.data[0]).toBe(2 ** 24);
    expect(descending.data[0]).toBe(2 ** 24 + 2);
    expect(referenceGemm(value([two12, one, one]), value([two12, one, one])).data[0]).toBe(2 ** 24 + 2);
  });

  test('promotes with a rounded product of the scales, and fuses', () => {
    const one = Uint8Array.of(0x38);
    const scale = Math.fround(1 + 2 ** -12);
    const a = new QuantizedMatrix(1, 1, 'e4m3', 'tensor', one, Float32Array.of(scale));
    // r(scale²) = 1 + 2^-11, so that 3 · r(scale²) = 3 + 3·2^-11; rounded at the end alone 3·2^-24 would show.
    const three = new QuantizedMatrix(1, 1, 'e4m3', 'tensor', Uint8Array.of(0x44), Float32Array.of(scale));
    expect(referenceGemm(a, three, { arithmetic: 'f32' }).data[0]).toBe(3 + 3 * 2 ** -11);
    expect(referenceGemm(a, three).data[0]).toBe(Math.fround(3 * scale * scale));
    expect(Math.fround(3 * scale * scale)).not.toBe(3 + 3 * 2 ** -11);
  });

  test('an interval ends every 128 of K, and every 32 with scales for 32', () => {
    // 2^24, then 1s: within the first interval they are lost, a later interval adds its own first.
    const k = 256;
    const codes = new Uint16Array(k).fill(0x3c00);
    codes[0] = 0x6c00;
    const tensor = new QuantizedMatrix(1, k, 'f16', 'tensor', codes, Float32Array.of(1));
    const by32 = new QuantizedMatrix(1, k, 'f16', '1x32', codes, new Uint8Array(8).fill(127));
    expect(referenceGemm(tensor, tensor, { arithmetic: 'f32' }).data[0]).toBe(2 ** 24 + 128);
    expect(referenceGemm(tensor, by32, { arithmetic: 'f32' }).data[0]).toBe(2 ** 24 + 224);
  });
});

test.each<[Dtype, number]>([
  ['f32', Math.fround(0.1)],
  ['bf16', 0x3dcd],
  ['f16', 0x2e66],
])('roundTo %s', (dtype, expected) => {
  expect(roundTo(dtype, 0.1)).toBe(expected);
});

describe('refuses', () => {
  const a = randomOperand(3, 5);
  const refusal = (b: QuantizedMatrix, options: Parameters<typeof referenceGemm>[2]) => () =>
    referenceGemm(a, b, options);

  test('operands that do not share K', () => {
    expect(refusal(randomOperand(3, 6), {})).toThrow(ArgumentError);
    expect(refusal(randomOperand(3, 6), {})).toThrow(/b\.cols is 6.*a\.cols, 5/);
  });

  test('a C of another shape', () => {
    const c = matrix(3, 1, new Float32Array(3));
    expect(refusal(randomOperand(4, 5), { c })).toThrow(/c is "3x1".*3x4/);
  });

  test.each([
    ['tileCols', { tileCols: 96 }],
    ['tileCols', { tileCols: 8 }],
    ['tileRows', { tileRows: 3 }],
  ])('a tile whose scales kernels cannot find: %s of %j', (side, change) => {
    const granularity = { name: '1x128', tileRows: 1, tileCols: 128, scaleFormat: 'f32', ...change } as const;
    const odd = quantize(matrix(4, 192, new Float32Array(768).fill(1)), { granularity });
    const plain = quantize(matrix(4, 192, new Float32Array(768).fill(1)));
    expect(() => referenceGemm(plain, odd)).toThrow(`b.granularity.${side} is `);
  });

  test('an unknown output or arithmetic', () => {
    expect(refusal(a, { out: 'f64' as Dtype })).toThrow(/out is "f64".*f32, bf16, f16/);
    expect(refusal(a, { arithmetic: 'f16' as 'f32' })).toThrow(/arithmetic is "f16".*exact, f32/);
  });
});
