import { expect, test } from 'vitest';
import { f32Bits, f32FromBits } from '../../src/arithmetic/f32.js';
import { fma } from '../../src/arithmetic/fma.js';
import { arithmeticShaders } from '../../src/arithmetic/shader.js';
import { formatShaders } from '../../src/format/shader.js';
import { grid } from '../../src/gpu/gpu.js';
import { openTestGpu } from '../adapter.js';
import { randomWords } from '../random.js';
import triplesWgsl from './triples.wgsl?raw';

const gpu = await openTestGpu();
const shader = {
  label: 'fused multiply-adds',
  files: [formatShaders.format, ...Object.values(arithmeticShaders), triplesWgsl],
  constants: {},
};

/** The triples whose fused multiply-add on bits differs from the oracle's, at most ten. */
async function mismatches(triples: Uint32Array): Promise<string[]> {
  const count = triples.length / 4;
  const buffers = [gpu.upload('triples', triples), gpu.buffer('results', count * 4)] as const;
  await gpu.run('triples', [{ shader, buffers, params: [count], workgroups: grid(Math.ceil(count / 64)) }]);
  const results = new Uint32Array(await gpu.read(buffers[1], count * 4));
  for (const buffer of buffers) buffer.destroy();
  const different: string[] = [];
  const hex = (bits: number | undefined) => bits?.toString(16).padStart(8, '0');
  for (let i = 0; i < count && different.length < 10; i++) {
    const [a = 0, b = 0, c = 0] = triples.subarray(4 * i, 4 * i + 3);
    const expected = f32Bits(fma(f32FromBits(a), f32FromBits(b), f32FromBits(c)));
    if (results[i] !== expected)
      different.push(`${hex(a)} * ${hex(b)} + ${hex(c)} = ${hex(results[i])}, not ${hex(expected)}`);
  }
  return different;
}

test('corners of f32', async () => {
  const corners = [
    0, 1, 3, 0x400000, 0x7fffff, 0x800000, 0x800001, 0x3f7fffff, 0x3f800000, 0x3f800001, 0x3fffffff,
    0x40400000, 0x1fffffff, 0x20000001, 0x5f7fffff, 0x7f000000, 0x7f7fffff, 0x7f800000, 0x7fc00000,
  ].flatMap((magnitude) => [magnitude, (magnitude | 0x80000000) >>> 0]);
  const triples = corners.flatMap((a) => corners.flatMap((b) => corners.flatMap((c) => [a, b, c, 0])));
  expect(await mismatches(Uint32Array.from(triples))).toEqual([]);
});

test('random bits', async () => {
  expect(await mismatches(Uint32Array.from({ length: 2 ** 19 }, randomWords(3)))).toEqual([]);
});

test('addends close to minus the product, where most bits cancel, and sums among the subnormals', async () => {
  const next = randomWords(4);
  const triples = new Uint32Array(2 ** 19);
  for (let i = 0; i < triples.length; i += 4) {
    // Half of the products are of ordinary size, half end around the smallest normal f32.
    const exponent = i % 8 === 0 ? (next() % 40) - 20 : -(next() % 30) - 55;
    const few = next() % 24;
    const operand = () =>
      ((next() & 0x80000000) | ((exponent + 127) << 23) | (((next() & 0x7fffff) >>> few) << few)) >>> 0;
    const [a, b] = [operand(), operand()];
    const near = f32Bits(-f32FromBits(a) * f32FromBits(b));
    triples.set([a, b, (near + (next() % 5) - 2 + (next() % 3 === 0 ? next() % 2 ** 24 : 0)) >>> 0], i);
  }
  expect(await mismatches(triples)).toEqual([]);
});
