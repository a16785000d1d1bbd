import { describe, expect, test } from 'vitest';
import type { AccumulateOptions } from '../../../src/accumulate/plan.js';
import { customProfile, profiles } from '../../../src/accumulate/profile.js';
import { tensorCoreNaN } from '../../../src/accumulate/step.js';
import { f32Array } from '../../../src/arithmetic/f32.js';
import type { FormatName } from '../../../src/format/formats.js';
import { emulatedOutputs } from '../../../src/gemm/emulated/reference.js';
import { type GemmOptions, gemmOnGpu } from '../../../src/gemm/gemm.js';
import { emulators } from '../../../src/gemm/registry.js';
import { GpuQuantizedMatrix } from '../../../src/gpu-matrix.js';
import { matrix } from '../../../src/matrix.js';
import { nativeArithmetic } from '../../../src/probe/native.js';
import { QuantizedMatrix } from '../../../src/quantize/quantized-matrix.js';
import { hopperGemms, wgmmaSets } from '../../accumulate/hopper.js';
import { openTestGpu } from '../../adapter.js';
import { altered, randomOperand } from '../operands.js';

const gpu = await openTestGpu();
const names = emulators.map(({ name }) => name);

/** The product's f32 bits. */
async function bits(a: QuantizedMatrix, b: QuantizedMatrix, options: GemmOptions): Promise<Uint32Array> {
  const [left, right] = [GpuQuantizedMatrix.upload(gpu, a), GpuQuantizedMatrix.upload(gpu, b)];
  const d = await gemmOnGpu(gpu, left, right, options);
  const { data } = await d.read();
  for (const onGpu of [left, right, d]) onGpu.dispose();
  return new Uint32Array(data.buffer, data.byteOffset, data.length);
}

/** The oracle's f32 bits, NaNs as NVIDIA writes them. */
function oracle(a: QuantizedMatrix, b: QuantizedMatrix, options: AccumulateOptions): Uint32Array {
  const outputs = emulatedOutputs(a, b, options);
  const values = f32Array(
    Array.from({ length: a.rows * b.rows }, (_, i) => outputs.at(Math.floor(i / b.rows), i % b.rows)),
  );
  return new Uint32Array(values.buffer).map((word) =>
    (word & 0x7fffffff) > 0x7f800000 ? tensorCoreNaN : word,
  );
}

function differences(got: Uint32Array, expected: Uint32Array): string[] {
  expect(got.length).toBe(expected.length);
  return [...expected.keys()]
    .filter((i) => got[i] !== expected[i])
    .slice(0, 10)
    .map((i) => `${i}: ${got[i]?.toString(16)}, not ${expected[i]?.toString(16)}`);
}

test("this adapter's own additions round to nearest, so that the fast kernel is what is tested here", async () => {
  expect((await nativeArithmetic(gpu)).add).toBe(true);
});

describe.each(names)('%s', (kernel) => {
  const { unit, block } = hopperGemms();
  const ones = new Float32Array([1]);

  test('gives all captured results of GEMMs with unit scales', async () => {
    const a = new QuantizedMatrix(64, 1024, 'e4m3', 'tensor', unit.a, ones);
    const b = new QuantizedMatrix(128, 1024, 'e4m3', 'tensor', unit.b, ones);
    const options = { kernel, accumulator: 'hopper-wgmma' } as const;
    const fast = await bits(a, b, { ...options, promote: 'none' });
    expect(differences(fast, new Uint32Array(unit.fast.buffer))).toEqual([]);
    const split = await bits(a, b, { ...options, promote: 128 });
    expect(differences(split, new Uint32Array(unit.split.buffer))).toEqual([]);
  });

  test('gives all captured results of a block-scaled GEMM', async () => {
    const a = new QuantizedMatrix(64, 1024, 'e4m3', '1x128', block.a, block.aScale);
    const b = new QuantizedMatrix(128, 1024, 'e4m3', '128x128', block.b, block.bScale);
    const got = await bits(a, b, { kernel, accumulator: 'hopper-wgmma' });
    expect(differences(got, new Uint32Array(block.out.buffer))).toEqual([]);
  });

  test.each([
    ['e4m3', 'e4m3'],
    ['e4m3', 'e5m2'],
    ['e2m1', 'e5m2fnuz'],
  ] as [FormatName, FormatName][])('equals the oracle on random codes of %s and %s', async (fa, fb) => {
    const a = randomOperand(37, 300, { format: fa, granularity: '1x128', seed: 1, values: Number.isFinite });
    const b = randomOperand(75, 300, {
      format: fb,
      granularity: '128x128',
      seed: 2,
      values: Number.isFinite,
    });
    const options: AccumulateOptions = { accumulator: 'hopper-wgmma' };
    expect(differences(await bits(a, b, { ...options, kernel }), oracle(a, b, options))).toEqual([]);
  });

  test.each<Partial<AccumulateOptions>>([
    { promote: 32 },
    { promote: 64 },
    { promotion: 'transformer-engine', splitK: 3 },
    { accumulator: 'ada-mma' },
    { accumulator: customProfile(8, 10, 7) },
  ])('equals the oracle with %j', async (change) => {
    const a = randomOperand(9, 700, { seed: 3, values: Number.isFinite });
    const b = randomOperand(17, 700, { granularity: '128x128', seed: 4, values: Number.isFinite });
    const options: AccumulateOptions = { accumulator: 'hopper-wgmma', ...change };
    expect(differences(await bits(a, b, { ...options, kernel }), oracle(a, b, options))).toEqual([]);
  });

  test('equals the oracle where parts of K are added up without promotion inside', async () => {
    const a = randomOperand(9, 700, { granularity: 'row', seed: 3, values: Number.isFinite });
    const b = randomOperand(17, 700, { granularity: 'tensor', seed: 4, values: Number.isFinite });
    const options: AccumulateOptions = { accumulator: 'hopper-wgmma', promote: 'none', splitK: 2 };
    expect(differences(await bits(a, b, { ...options, kernel }), oracle(a, b, options))).toEqual([]);
  });

  test('equals the oracle with one scale for every 32', async () => {
    const a = randomOperand(9, 200, { granularity: '1x32', seed: 5, values: Number.isFinite });
    const b = randomOperand(12, 200, { granularity: '1x32', seed: 6, values: Number.isFinite });
    const options: AccumulateOptions = { accumulator: 'hopper-wgmma' };
    expect(differences(await bits(a, b, { ...options, kernel }), oracle(a, b, options))).toEqual([]);
  });

  test('equals the oracle with scales so small and so large that sums are subnormal or infinite', async () => {
    const spread = { spread: 75, values: Number.isFinite };
    const a = randomOperand(16, 256, { ...spread, seed: 7 });
    const b = randomOperand(40, 256, { ...spread, granularity: '1x128', seed: 8 });
    for (const change of [{}, { promotion: 'transformer-engine', splitK: 2 }] as const) {
      const options: AccumulateOptions = { accumulator: 'hopper-wgmma', ...change };
      expect(differences(await bits(a, b, { ...options, kernel }), oracle(a, b, options))).toEqual([]);
    }
  });

  test('NaN and infinity among the codes give what the tensor core gives', async () => {
    const clean = randomOperand(8, 256, { format: 'e5m2', seed: 9, values: Number.isFinite });
    const specials: [number, number][] = [
      [3, 0x7c],
      [256 + 200, 0xfc],
      [512 + 5, 0x7e],
      [1024 + 7, 0x7c],
      [1024 + 9, 0xfc],
    ];
    const a = specials.reduce((source, code) => altered(source, { code }), clean);
    const b = altered(randomOperand(8, 256, { format: 'e5m2', seed: 10, values: Number.isFinite }), {
      code: [3, 0],
    });
    const options: AccumulateOptions = { accumulator: 'hopper-wgmma' };
    const expected = oracle(a, b, options);
    expect(expected.includes(tensorCoreNaN) && expected.includes(0x7f800000)).toBe(true);
    expect(differences(await bits(a, b, { ...options, kernel }), expected)).toEqual([]);
  });
});

test.each(Object.keys(profiles) as (keyof typeof profiles)[])(
  'stepwise equals the oracle of %s',
  async (accumulator) => {
    for (const [fa, fb] of [
      ['e4m3', 'e4m3'],
      ['e5m2', 'e4m3'],
    ] as const) {
      const a = randomOperand(8, 300, { format: fa, seed: 11, values: Number.isFinite });
      const b = randomOperand(9, 300, {
        format: fb,
        granularity: '128x128',
        seed: 12,
        values: Number.isFinite,
      });
      const options = { accumulator };
      expect(
        differences(await bits(a, b, { ...options, kernel: 'stepwise' }), oracle(a, b, options)),
      ).toEqual([]);
    }
  },
);

test.each(wgmmaSets())('stepwise gives the captured results of $name, C in the accumulator', async (set) => {
  const ones = new Float32Array([1]);
  const seen: string[] = [];
  for (let instruction = 0; instruction < set.cases; instruction++) {
    const part = <T extends Uint8Array | Float32Array | Uint32Array>(data: T, size: number) =>
      data.slice(instruction * size, (instruction + 1) * size) as T;
    const a = new QuantizedMatrix(64, 32, set.aFormat, 'tensor', part(set.a, 2048), ones);
    const b = new QuantizedMatrix(8, 32, set.bFormat, 'tensor', part(set.b, 256), ones);
    const c = matrix(64, 8, part(set.c, 512));
    const got = await bits(a, b, {
      c,
      kernel: 'stepwise',
      accumulator: 'hopper-wgmma',
      promote: 'none',
      addendIn: 'accumulator',
    });
    seen.push(...differences(got, part(set.d, 512)));
  }
  expect(seen).toEqual([]);
});
