import fc from 'fast-check';
import { expect, test } from 'vitest';
import { f32FromBits } from '../../src/arithmetic/f32.js';
import { fma } from '../../src/arithmetic/fma.js';
import { randomWords } from '../random.js';
import { big, bigProduct, nearestF32 } from './big.js';

function exactFma(a: number, b: number, c: number): number {
  return nearestF32(bigProduct(a, b) + big(c));
}

const finite = (value: number) => Number.isFinite(value);
const f32s = fc.integer({ min: 0, max: 0xffffffff }).map(f32FromBits).filter(finite);

test('rounds once, for f32s of every size', () => {
  fc.assert(
    fc.property(f32s, f32s, f32s, (a, b, c) => {
      // Equal as numbers: the sign of a zero is the next test's.
      expect(fma(a, b, c) + 0).toBe(exactFma(a, b, c) + 0);
    }),
    { numRuns: 20_000 },
  );
});

test('rounds once where product and addend are of like size', () => {
  const next = randomWords(7);
  const around = (exponent: number) => f32FromBits(((next() & 0x807fffff) | ((127 + exponent) << 23)) >>> 0);
  for (let i = 0; i < 50_000; i++) {
    const [a, b, c] = [around(0), around(0), around((next() % 60) - 30)];
    expect(fma(a, b, c)).toBe(exactFma(a, b, c));
  }
});

test('a tie in f32 leans towards what f64 cannot hold', () => {
  // 4097 · 4097 = 2^24 + 2^13 + 1 is half way between two f32s; the even one is below, at 4099 · 4097 above.
  const little = 2 ** -100;
  expect(fma(4097, 4097, 0)).toBe(16785408);
  expect(fma(4097, 4097, little)).toBe(16785410);
  expect(fma(4097, 4097, -little)).toBe(16785408);
  expect(fma(-4097, 4097, -little)).toBe(-16785410);
  expect(fma(4099, 4097, 0)).toBe(16793604);
  expect(fma(4099, 4097, -little)).toBe(16793602);
  expect(fma(4099, -4097, little)).toBe(-16793602);
});

test('specials are those of IEEE 754', () => {
  expect(fma(Infinity, 0, 1)).toBeNaN();
  expect(fma(Infinity, 1, -Infinity)).toBeNaN();
  expect(fma(1, 1, Number.NaN)).toBeNaN();
  expect(fma(2 ** 127, 2, 1)).toBe(Infinity);
  expect(fma(2 ** 127, 2, -(2 ** 127))).toBe(2 ** 127);
  expect(fma(-Infinity, 2, 2 ** 127)).toBe(-Infinity);
  expect(Object.is(fma(-1, 0, -0), -0)).toBe(true);
  expect(Object.is(fma(1, 1, -1), 0)).toBe(true);
});
