import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldingText, productFolding } from '../../src/cli/folding.js';
import { decode } from '../../src/format/decode.js';
import { encode } from '../../src/format/encode.js';
import { formats } from '../../src/format/formats.js';
import { ExactProduct } from '../../src/gemm/exact.js';
import { lift, scaleReference } from '../../src/gemm/fold.js';
import { foldingOf } from '../../src/gemm/folding.js';
import { foldedErrorBound } from '../../src/gemm/matrix/error-bound.js';
import { kernels } from '../../src/gemm/registry.js';
import { granularityNames } from '../../src/quantize/granularity.js';
import { QuantizedMatrix } from '../../src/quantize/quantized-matrix.js';
import { transpose } from '../../src/quantize/transpose.js';
import { randomOperand } from './operands.js';

/** Two rows of 256 codes of 1, with these f32 scales of 1x128 tiles. */
function ones(scales: readonly number[]): QuantizedMatrix {
  const codes = new Uint8Array(512).fill(encode(formats.e4m3, 1));
  return new QuantizedMatrix(2, 256, 'e4m3', '1x128', codes, Float32Array.from(scales));
}

describe('folding is', () => {
  test('exact with powers of two, zero and NaN, whatever their sign', () => {
    expect(foldingOf(ones([1, 2 ** -12, -4, 0]))).toEqual({ exact: true });
    expect(foldingOf(ones([2 ** 90, Number.NaN, 2 ** -90, 2 ** -99]))).toEqual({ exact: true });
  });

  test('exact where scales that are none have zeros alone', () => {
    const { format, granularity, codes } = ones([1, 1, 1, 1]);
    const scales = Float32Array.of(1, 0.75, 2 ** -140, 1);
    const zeros = codes.map((code, i) => (i >= 128 && i < 384 ? 0 : code));
    expect(foldingOf(new QuantizedMatrix(2, 256, format, granularity, zeros, scales)).exact).toBe(true);
    expect(foldingOf(new QuantizedMatrix(2, 256, format, granularity, codes, scales)).exact).toBe(false);
  });

  test('asked of matrices and kernels there are', () => {
    for (const { name, folds } of kernels)
      if (folds) expect(foldingOf(ones([1, 1, 1, 1]), name)).toEqual({ exact: true });
      else expect(() => foldingOf(ones([1, 1, 1, 1]), name)).toThrow(/^kernel is /);
    expect(() => foldingOf({} as QuantizedMatrix)).toThrow(/^matrix is /);
    expect(() => foldingOf(ones([1, 1, 1, 1]), 'portable')).toThrow(
      /^kernel is "portable"; .*matrix or half/,
    );
    const wide = new QuantizedMatrix(1, 16, 'bf16', 'row', new Uint16Array(16), Float32Array.of(1));
    expect(() => foldingOf(wide)).toThrow(/^matrix.format is "bf16"/);
  });

  test.each([
    [[1, 1, 0.75, 1], 'scale (1, 0) is 0.75, no power of two from 2^-100 to 2^100'],
    [[1, Infinity, 1, 1], 'scale (0, 1) is Infinity, no power of two from 2^-100 to 2^100'],
    [[1, 1, 2 ** 101, 1], `scale (1, 0) is ${2 ** 101}, no power of two from 2^-100 to 2^100`],
    // 1 is lifted by 2^7, so that 21 binades below it are normal halves.
    [
      [1, 1, 1, 2 ** -22],
      'element (1, 128) becomes a subnormal half where 1, the power of two at the largest scale of its row, takes the largest code to 2^15',
    ],
  ])('not exact with scales %j', (scales, reason) => {
    expect(foldingOf(ones(scales))).toEqual({ exact: false, reason });
  });

  test('exact up to the last binade of normal halves', () => {
    expect(foldingOf(ones([1, 1, 1, 2 ** -21])).exact).toBe(true);
    expect(foldingOf(ones([1, 1, 1, 2 ** -11]), 'half').exact).toBe(false);
    expect(foldingOf(ones([1, 1, 1, 2 ** -10]), 'half').exact).toBe(true);
  });

  test('said to be exact only if every value is a normal half then', () => {
    let exact = 0;
    fc.assert(
      fc.property(
        fc.constantFrom('e4m3', 'e5m2', 'e2m1', 'e3m2'),
        fc.constantFrom(...granularityNames),
        fc.nat(),
        fc.constantFrom(0, 8, 40),
        fc.boolean(),
        (format, granularity, seed, spread, powers) => {
          const { codes, scales, ...about } = randomOperand(3, 300, { format, granularity, seed, spread });
          const rounded =
            powers && scales instanceof Float32Array
              ? scales.map((scale) => Math.sign(scale) * 2 ** Math.round(Math.log2(Math.abs(scale))))
              : scales;
          const matrix = new QuantizedMatrix(3, 300, format, granularity, codes, rounded);
          const folding = foldingOf(matrix);
          if (!folding.exact) return;
          exact++;
          const values = matrix.scaleValues();
          for (let row = 0; row < 3; row++) {
            const tileRow = Math.floor(row / Math.min(about.granularity.tileRows, 3));
            const first = tileRow * about.scaleCols;
            const reference = scaleReference(values.subarray(first, first + about.scaleCols));
            for (let col = 0; col < 300; col++) {
              const tile = Math.floor(col / Math.min(about.granularity.tileCols, 300));
              const scale = values[first + tile] as number;
              const value = decode(matrix.format, codes[row * 300 + col] as number);
              const folded = ((value * scale) / reference) * 2 ** lift(matrix.format, 15);
              if (!Number.isFinite(folded)) continue;
              expect(decode(formats.f16, encode(formats.f16, folded))).toBe(folded);
              if (folded !== 0) expect(Math.abs(folded)).toBeGreaterThanOrEqual(2 ** -14);
            }
          }
        },
      ),
      { numRuns: 200 },
    );
    expect(exact).toBeGreaterThan(20);
  });
});

test('what is exact has a bound that only adding up widens', () => {
  const bound = (a: QuantizedMatrix) =>
    foldedErrorBound(new ExactProduct(a, ones([1, 1, 1, 1])), 0, 0, 'f32');
  // 256 products of 1: each addition errs by 2^-21 of their sum at most.
  expect(bound(ones([1, 1, 1, 1]))).toBeLessThan(256 * 270 * 2 ** -21);
  expect(bound(ones([1, 0.75, 1, 1]))).toBeGreaterThan(96 * 2 ** -9);
});

test('octile gemm says it of kernels that fold, of operands as they lie', () => {
  const [exact, odd] = [ones([1, 2, 4, 8]), ones([1, 2, 3, 4])];
  expect(productFolding('portable', exact, odd, 'NT')).toBeUndefined();
  const folding = productFolding('matrix', transpose(odd), exact, 'TT');
  expect(folding).toEqual({
    a: { exact: false, reason: 'scale (1, 0) is 3, no power of two from 2^-100 to 2^100' },
    b: { exact: true },
  });
  expect(foldingText(folding as NonNullable<typeof folding>)).toBe(
    "folded into halves, which rounds values: A's scale (1, 0) is 3, no power of two from 2^-100 to 2^100",
  );
  expect(foldingText({ a: { exact: true }, b: { exact: true } })).toBe(
    'folded into halves, which changes no value',
  );
});
