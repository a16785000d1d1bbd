import { expect, test } from 'vitest';
import { divide, f32Bits, f32FromBits, multiply } from '../../src/arithmetic/f32.js';
import { arithmeticShaders } from '../../src/arithmetic/shader.js';
import { formatShaders } from '../../src/format/shader.js';
import { grid } from '../../src/gpu/gpu.js';
import { openTestGpu } from '../adapter.js';
import { randomWords } from '../random.js';
import pairsWgsl from './pairs.wgsl?raw';

const gpu = await openTestGpu();
const shader = {
  label: 'products and quotients',
  files: [formatShaders.format, ...Object.values(arithmeticShaders), pairsWgsl],
  constants: {},
};

/** Pairs of f32 bits, a and b in turn; returns a · b and a / b in turn. */
async function onGpu(pairs: Uint32Array): Promise<Uint32Array> {
  const count = pairs.length / 2;
  const buffers = [gpu.upload('pairs', pairs), gpu.buffer('results', pairs.byteLength)] as const;
  try {
    await gpu.run('pairs', [{ shader, buffers, params: [count], workgroups: grid(Math.ceil(count / 64)) }]);
    return new Uint32Array(await gpu.read(buffers[1], pairs.byteLength));
  } finally {
    for (const buffer of buffers) buffer.destroy();
  }
}

/** The pairs whose product or quotient differs from JavaScript's, at most ten. */
async function mismatches(pairs: Uint32Array): Promise<string[]> {
  const results = await onGpu(pairs);
  const different: string[] = [];
  const hex = (bits: number) => bits.toString(16).padStart(8, '0');
  for (let i = 0; i < pairs.length && different.length < 10; i += 2) {
    const [a, b, product, quotient] = [pairs[i], pairs[i + 1], results[i], results[i + 1]] as [
      number,
      number,
      number,
      number,
    ];
    const [x, y] = [f32FromBits(a), f32FromBits(b)];
    const expectedProduct = f32Bits(multiply(x, y));
    const expectedQuotient = f32Bits(divide(x, y));
    if (product !== expectedProduct)
      different.push(`${hex(a)} * ${hex(b)} = ${hex(product)}, not ${hex(expectedProduct)}`);
    if (quotient !== expectedQuotient)
      different.push(`${hex(a)} / ${hex(b)} = ${hex(quotient)}, not ${hex(expectedQuotient)}`);
  }
  return different;
}

/** Bits at the corners of f32: zero, the subnormals' ends, powers of two and their neighbours, infinity, NaNs. */
const corners = [
  ...[0, 1, 2, 3, 0x3fffff, 0x400000, 0x400001, 0x7ffffe, 0x7fffff, 0x800000, 0x800001, 0xffffff, 0x1000000],
  ...[
    0x3f7fffff, 0x3f800000, 0x3f800001, 0x3fffffff, 0x40000000, 0x3eaaaaab, 0x40400000, 0x43e00000,
    0x3b124925,
  ],
  ...[0x1fffffff, 0x20000000, 0x20000001, 0x5f7fffff, 0x5f800000, 0x7effffff, 0x7f000000, 0x7f7fffff],
  ...[0x7f800000, 0x7f800001, 0x7fc00000, 0x7fffffff],
].flatMap((magnitude) => [magnitude, (magnitude | 0x80000000) >>> 0]);

test('products and quotients of the corners of f32 are rounded as IEEE 754 has it', async () => {
  const pairs = Uint32Array.from(corners.flatMap((a) => corners.flatMap((b) => [a, b])));
  expect(await mismatches(pairs)).toEqual([]);
});

test('products and quotients of random bits are rounded as IEEE 754 has it', async () => {
  const next = randomWords(1);
  expect(await mismatches(Uint32Array.from({ length: 2 ** 19 }, next))).toEqual([]);
});

test('products and quotients that end near a subnormal are rounded as IEEE 754 has it', async () => {
  // Exponents whose sum, or whose difference, lies between 2^-152 and 2^-124: half of the results are subnormal
  // or underflow, and few bits are kept, so that ties are common.
  const next = randomWords(2);
  const pairs = new Uint32Array(2 ** 18);
  for (let i = 0; i < pairs.length; i += 2) {
    const target = (next() % 29) - 152;
    const exponentOfA = (next() % 40) - 80;
    const exponentOfB = i % 4 === 0 ? target - exponentOfA : exponentOfA - target;
    const few = next() % 24;
    const bits = (exponent: number) =>
      ((next() & 0x80000000) | ((exponent + 127) << 23) | (((next() & 0x7fffff) >>> few) << few)) >>> 0;
    pairs[i] = bits(exponentOfA);
    pairs[i + 1] = bits(exponentOfB);
  }
  expect(await mismatches(pairs)).toEqual([]);
});

test('products and quotients of numbers with few bits, full of ties, go to the even neighbour', async () => {
  const next = randomWords(3);
  const pairs = new Uint32Array(2 ** 17);
  for (let i = 0; i < pairs.length; i += 2) {
    // 12 bits by 13 bits are 25 bits: a product exactly on a tie half of the time.
    pairs[i] = f32Bits(2048 + (next() % 2048));
    pairs[i + 1] = f32Bits(4096 + (next() % 4096));
  }
  expect(await mismatches(pairs)).toEqual([]);
});
