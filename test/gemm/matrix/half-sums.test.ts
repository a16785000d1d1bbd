import { describe, expect, test } from 'vitest';
import { encode } from '../../../src/format/encode.js';
import type { Format } from '../../../src/format/format.js';
import {
  e4m3,
  elementFormats,
  type FormatName,
  formatByName,
  maxFinite,
} from '../../../src/format/formats.js';
import { ExactProduct } from '../../../src/gemm/exact.js';
import { matrixHalf } from '../../../src/gemm/matrix/half-sums.js';
import { matrixPromoted } from '../../../src/gemm/matrix/promoted.js';
import { passes } from '../../../src/gemm/matrix/tilings.js';
import { gemmProblem } from '../../../src/gemm/problem.js';
import { referenceGemm } from '../../../src/gemm/reference.js';
import { toFloat32 } from '../../../src/matrix.js';
import { granularityByName } from '../../../src/quantize/granularity.js';
import { QuantizedMatrix } from '../../../src/quantize/quantized-matrix.js';
import { openTestGpu } from '../../adapter.js';
import { expectWithinBound, multiplyInSoftware, type Options } from '../multiply-in-software.js';
import { altered, randomMatrix, randomOperand } from '../operands.js';

const gpu = await openTestGpu();
const multiply = async (a: QuantizedMatrix, b: QuantizedMatrix, options?: Options) =>
  toFloat32(await multiplyInSoftware(gpu, matrixHalf, [a, b], options));

/** A row of codes, with a single scale. */
function row(
  value: (k: number) => number,
  scale = 1,
  format: FormatName = 'e4m3',
  cols = 256,
): QuantizedMatrix {
  const codes = Uint8Array.from({ length: cols }, (_, k) => encode(formatByName(format), value(k)));
  return new QuantizedMatrix(1, cols, format, 'tensor', codes, Float32Array.of(scale));
}

describe('sums', () => {
  test('lose the twelfth bit within 128 of K, and nothing beyond', async () => {
    const both = (first: number, second: number) =>
      [
        row((k) => (k === first ? 64 : k === second ? 1 : 0)),
        row((k) => (k === first ? 32 : k === second ? 1 : 0)),
      ] as const;
    expect(await multiply(...both(3, 120))).toEqual(Float32Array.of(2048));
    expect(await multiply(...both(3, 130))).toEqual(Float32Array.of(2049));
  });

  test.each(elementFormats.filter((name) => unfit(formatByName(name)) === undefined))(
    'hold the largest codes of %s',
    async (name) => {
      const largest = maxFinite(formatByName(name));
      const [a, b] = [row(() => largest, 1, name), row(() => -largest, 1, name)];
      const [sum = 0] = await multiply(a, b);
      // Each of 16 roundings in an interval moves a sum by 2^-11 of itself.
      expect(Math.abs(sum / (-256 * largest ** 2) - 1)).toBeLessThan(16 * 2 ** -11);
    },
  );

  test('with scales whose product is near the largest f32 are what they are', async () => {
    const large = 2 ** 60;
    expect(
      await multiply(
        row(() => 1, large),
        row((k) => (k < 2 ? 1 : 0), large),
      ),
    ).toEqual(Float32Array.of(2 ** 121));
    expect(
      await multiply(
        row(() => 1, large),
        row(() => 0, large),
      ),
    ).toEqual(Float32Array.of(0));
  });
});

test('whole numbers, scales that are powers of two, parts of K', async () => {
  const small = { values: (value: number) => Number.isInteger(value) && Math.abs(value) <= 4 };
  const a = randomOperand(20, 300, { ...small, granularity: '1x32', spread: 1 });
  const b = randomOperand(40, 300, { ...small, granularity: 'row', spread: 0, seed: 2 });
  const exact = toFloat32(referenceGemm(a, b));
  expect(await multiply(a, b)).toEqual(exact);
  expect(await multiply(a, b, { parts: 2 })).toEqual(exact);
  // A product left out is another number.
  expect(await multiply(altered(a, { code: [299, encode(e4m3, 3.5)] }), b)).not.toEqual(exact);
});

test('within the bound: ragged tiles, few bits, C, 16-bit outputs, scales far apart', async () => {
  const within = (a: QuantizedMatrix, b: QuantizedMatrix, options?: Options) =>
    expectWithinBound(gpu, matrixHalf, [a, b], options);
  const [a, b] = [
    randomOperand(33, 300, { seed: 33 }),
    randomOperand(50, 300, { seed: 50, granularity: '128x128' }),
  ];
  const c = randomMatrix(33, 50, 'bf16');
  for (const options of [{}, { parts: 2 }, { c, out: 'bf16' }] as const) await within(a, b, options);
  await within(
    randomOperand(20, 200, { format: 'e3m2', seed: 1 }),
    randomOperand(30, 200, { format: 'e2m1', seed: 2, granularity: '1x32' }),
  );
  for (const spread of [30, 60])
    await within(
      randomOperand(20, 300, { spread, granularity: '1x32' }),
      randomOperand(30, 300, { spread, granularity: '128x128', seed: 2 }),
    );
});

test('codes decoded in a pass of its own give the bits of decoding inline', async () => {
  const [a, b] = [
    randomOperand(33, 300, { seed: 1 }),
    randomOperand(50, 300, { seed: 2, granularity: '128x128' }),
  ];
  const inline = await multiply(a, b);
  for (const decode of passes) expect(await multiply(a, b, { decode }), decode).toEqual(inline);
});

test('NaN codes and NaN scales', async () => {
  const [a, b] = [randomOperand(20, 200), randomOperand(30, 200, { seed: 2 })];
  const nans = async (odd: QuantizedMatrix) =>
    [...(await multiply(odd, b))].flatMap((value, i) => (Number.isNaN(value) ? [i] : []));
  const third = Array.from({ length: 30 }, (_, col) => 3 * 30 + col);
  expect(await nans(altered(a, { code: [3 * 200 + 150, 0x7f] }))).toEqual(third);
  expect(await nans(altered(a, { scale: [3 * 2, Number.NaN] }))).toEqual(third);
});

const granularity = granularityByName('row');

function unfit(format: Format, kernel = matrixHalf): string | undefined {
  const operand = { rows: 1, cols: 128, format, granularity };
  return kernel.unfit(gemmProblem(operand, operand, undefined, 'f32'));
}

test('promises nothing where the product of two scales is beyond f32, and does below', () => {
  const bound = (scale: number, kernel = matrixHalf) =>
    kernel.errorBound(
      new ExactProduct(
        row(() => 1, scale),
        row(() => 1, scale),
      ),
      0,
      0,
      'f32',
    );
  for (const kernel of [matrixHalf, matrixPromoted]) {
    expect(bound(2 ** 64, kernel)).toBe(Infinity);
    expect(bound(2 ** 50, kernel)).toBeLessThan(2 ** 108);
  }
});

test('formats that halves do not hold, lifted or not, are refused by name', () => {
  for (const name of ['e5m2', 'e5m6', 'f16'] as const)
    expect(unfit(formatByName(name))).toBe(
      `it adds up in halves, which hold values of up to 4 bits of exponent; ${name} has 5`,
    );
  const far = { ...e4m3, name: 'far' };
  expect(unfit({ ...far, bias: -20 })).toBeUndefined();
  for (const bias of [-60, 60, 90]) {
    expect(unfit({ ...far, bias })).toMatch(/which those of far are not/);
    expect(unfit({ ...far, bias }, matrixPromoted)).toMatch(/which those of far are not/);
  }
  expect(unfit({ ...far, bias: -40 }, matrixPromoted)).toMatch(/far/);
  expect(unfit(e4m3, matrixPromoted)).toBeUndefined();
  for (const name of ['e5m2', 'e5m6', 'f16'] as const)
    expect(unfit(formatByName(name), matrixPromoted)).toBeUndefined();
});
