import { expect, test } from 'vitest';
import { roundToBits } from '../../bench/peers/n-bit-weights.js';
import { Operands } from '../../bench/peers/operands.js';
import { checkProduct, outputOf, type Rounding } from '../../bench/peers/oracle.js';
import { Weights } from '../../bench/peers/weights.js';
import { decode } from '../../src/format/decode.js';
import { encode } from '../../src/format/encode.js';
import { f16 } from '../../src/format/formats.js';
import { randomMatrix } from '../../src/verify/random.js';
import { openTestGpu } from '../adapter.js';

const gpu = await openTestGpu();
const product = { m: 5, n: 16, k: 256 };
const weights = await Weights.make(gpu, product, 8);
const operands = await Operands.make(gpu, product, weights, 7);
const a = await operands.host('a');
const b = await operands.host('b');

const rounding: Rounding = { a: 'f32', b: 'f32', sums: 'f32', out: 'f32' };
const half = (value: number) => decode(f16, encode(f16, value));

/** D = A · B of f32 values, each output made by `sum` of its terms. */
function multiplied(left: Float32Array, sum: (terms: readonly number[]) => number): Float32Array {
  const { m, n, k } = product;
  return Float32Array.from({ length: m * n }, (_, i) => {
    const [row, col] = [Math.floor(i / n), i % n];
    return sum(
      Array.from({ length: k }, (_, j) => (left[row * k + j] as number) * (b[j * n + col] as number)),
    );
  });
}

const plainSum = (terms: readonly number[]) => terms.reduce((sum, term) => sum + term, 0);
const right = multiplied(a, plainSum);
const check = (d: Float32Array, how: Rounding = rounding) => checkProduct(operands, d, how, 3);

test('operands are the same matrices for everybody: as values, as rows, as columns', async () => {
  const { n, k } = product;
  const band = { first: 2, count: 3 };
  expect(await operands.band('a', band, 'f32')).toEqual(a.slice(2 * k, 5 * k));
  const columns = await operands.band('b', band, 'f32');
  const rounded = roundToBits(columns, k, 8, 32, 'f32');
  const inBits = await weights.inBits(8, 32, 'f32');
  expect(rounded.codes).toEqual(inBits.codes.slice(2 * k, 5 * k));
  for (let i = 0; i < 3; i++)
    for (let j = 0; j < k; j++) expect(columns[i * k + j]).toBe(b[j * n + band.first + i]);
  expect(await operands.band('a', band, 'f16')).toEqual(a.slice(2 * k, 5 * k).map(half));
});

test('a right product passes, with its error', async () => {
  expect(await check(right)).toMatchObject({ error: expect.any(Number) });
  const { error } = await check(right);
  // Rounded once to f32.
  expect(error).toBeGreaterThan(0);
  expect(error).toBeLessThan(2 ** -22);
});

test('wrong values, missing values and NaN do not pass', async () => {
  const wrong = async (alter: (d: Float32Array) => void) => {
    const d = right.slice();
    alter(d);
    return (await check(d)).failure;
  };
  expect(await wrong((d) => d.fill(0))).toMatch(/^D\(0, 0\) is 0, not /);
  expect(await wrong((d) => d.set([Number.NaN]))).toMatch(/^D\(0, 0\) is NaN, not /);
  expect(await wrong((d) => d.set([(d[0] as number) * (1 + 1e-4)]))).toMatch(/^D\(0, 0\) is /);
  expect((await check(right.slice(1))).failure).toBe('the result has 79 values, not 80');
  // Transposed on the way.
  expect(
    await wrong((d) => d.set(right.map((_, i) => right[(i % 5) * 16 + Math.floor(i / 5)] as number))),
  ).toMatch(/is .+, not /);
});

test('sums in f16 pass as such, and not as sums in f32', async () => {
  const d = multiplied(a, (terms) => terms.reduce((sum, term) => half(sum + half(term)), 0));
  const how: Rounding = { ...rounding, sums: 'f16', out: 'f16' };
  expect((await check(d, how)).failure).toBeUndefined();
  expect((await check(d)).failure).toMatch(/^D\(/);
});

test('sums in f16 that leave out 32 of 256 terms do not pass', async () => {
  const how: Rounding = { ...rounding, sums: 'f16', out: 'f16' };
  const d = multiplied(a, (terms) => half(plainSum(terms.slice(32))));
  expect((await check(d, how)).failure).toBeDefined();
});

test('errors that each output allows and all together exceed do not pass', async () => {
  const how: Rounding = { ...rounding, sums: 'f16', out: 'f16' };
  const { m, n, k } = product;
  const d = right.map((value, i) => {
    const [row, col] = [Math.floor(i / n), i % n];
    const column = Float32Array.from({ length: k }, (_, j) => b[j * n + col] as number);
    return value + 4 * Math.sqrt(outputOf(a.subarray(row * k, (row + 1) * k), column, how).variance);
  });
  expect(d).toHaveLength(m * n);
  expect((await check(d, how)).failure).toMatch(/^the errors' RMS is /);
});

test('A rounded to integers passes as such, and not as if it had been kept', async () => {
  const block = 128;
  const rounded = a.slice();
  for (let start = 0; start < rounded.length; start += block) {
    const part = rounded.subarray(start, start + block);
    const scale = part.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 127;
    part.forEach((value, i) => {
      part[i] = Math.round(value / scale) * scale;
    });
  }
  const d = multiplied(rounded, plainSum);
  expect((await check(d, { ...rounding, integersOfA: { largest: 127, block } })).failure).toBeUndefined();
  expect((await check(d)).failure).toMatch(/^D\(/);
  // Half as many steps are twice the error, which the model of 127 steps explains no more than 63 steps' own.
  expect((await check(d, { ...rounding, integersOfA: { largest: 1000, block } })).failure).toBeDefined();
});

test('the model of sums in f16 holds for long sums, in order and by halves', () => {
  const k = 4096;
  const how = { sums: 'f16', out: 'f16' } as const;
  const errors = { inOrder: 0, byHalves: 0 };
  let model = 0;
  const [count, seeds] = [16, [11, 12] as const];
  const [left, rights] = seeds.map((seed) => randomMatrix(count, k, seed).data.map(half)) as [
    Float32Array,
    Float32Array,
  ];
  for (let i = 0; i < count; i++) {
    const [x, y] = [left, rights].map((values) => values.subarray(i * k, (i + 1) * k)) as [
      Float32Array,
      Float32Array,
    ];
    const { exact, variance } = outputOf(x, y, how);
    const terms = Array.from(x, (value, j) => half(value * (y[j] as number)));
    errors.inOrder += (terms.reduce((sum, term) => half(sum + term), 0) - exact) ** 2;
    let tree = terms;
    while (tree.length > 1)
      tree = Array.from({ length: tree.length / 2 }, (_, j) =>
        half((tree[2 * j] as number) + (tree[2 * j + 1] as number)),
      );
    errors.byHalves += ((tree[0] as number) - exact) ** 2;
    model += variance;
  }
  // In order the model is of the right size; a tree has smaller partial sums.
  const ratio = Math.sqrt(errors.inOrder / model);
  expect(ratio).toBeLessThan(2);
  expect(ratio).toBeGreaterThan(0.2);
  expect(errors.byHalves).toBeLessThan(errors.inOrder);
});

test('weights in 4 bits lie two to a byte, the first in the low half, around 8', () => {
  // A block of 4 whose largest magnitude is 7: codes are 8 + weight.
  const { codes, scales, values } = roundToBits(
    Float32Array.of(7, -3, 0.4, -0.6, 14, 0, -14, 2),
    4,
    4,
    4,
    'f32',
  );
  expect([...codes]).toEqual([0x5f, 0x78, 0x8f, 0x91]);
  expect([...scales]).toEqual([1, 2]);
  expect([...values({ first: 0, count: 2 })]).toEqual([7, -3, 0, -1, 14, 0, -14, 2]);
});

test('weights in 8 bits lie around 128, with scales in f16 rounded before they divide', () => {
  const weights = Float32Array.of(1, -0.5, 0.25, 0);
  const { codes, scales, values } = roundToBits(weights, 4, 8, 4, 'f16');
  const scale = half(1 / 127);
  expect([...scales]).toEqual([encode(f16, 1 / 127)]);
  expect([...codes]).toEqual([...weights].map((weight) => 128 + Math.round(weight / scale)));
  expect([...values({ first: 0, count: 1 })]).toEqual(
    [...codes].map((code) => Math.fround((code - 128) * scale)),
  );
});

test('a block of zeros stays zeros', () =>
  expect([...roundToBits(new Float32Array(4), 4, 8, 4, 'f32').values({ first: 0, count: 1 })]).toEqual([
    0, 0, 0, 0,
  ]));
