/** @file The probe finds what simulated matrix units were made to do: the proof that needs no matrix unit. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { adaMma, blackwell, exact, f32, hopperWgmma, type Profile } from '../../src/accumulate/profile.js';
import { fma } from '../../src/arithmetic/fma.js';
import { noneFits } from '../../src/probe/finding.js';
import { deduce, type MatrixFindings } from '../../src/probe/matrix/deduce.js';
import { integerFindings } from '../../src/probe/matrix/integer.js';
import { matrixSection } from '../../src/probe/matrix/section.js';
import { type FloatTypes, floatTypes, type MatrixUnit } from '../../src/probe/matrix/unit.js';
import { byteUnit, functionUnit, profileUnit } from './simulated-matrix.js';

function probeUnit(unit: MatrixUnit): Promise<MatrixFindings> {
  return deduce(unit, floatTypes(unit.shape) as FloatTypes);
}

function answers({ findings }: Pick<MatrixFindings, 'findings'>): Record<string, string> {
  return Object.fromEntries(findings.map(({ id, answer }) => [id, answer]));
}

const anyProfile: fc.Arbitrary<Profile> = fc.record({
  name: fc.constant('random'),
  products: fc.constantFrom(1, 2, 4, 8, 16, 32),
  fractionBits: fc.integer({ min: 8, max: 27 }),
  outputBits: fc.integer({ min: 5, max: 23 }),
  outputRounding: fc.constantFrom('toward-zero', 'nearest-even'),
  chaining: fc.constantFrom('fused', 'added'),
});

test('finds the parameters of any truncating accumulator', async () => {
  await fc.assert(
    fc.asyncProperty(anyProfile, fc.constantFrom(8, 16, 32), async (profile, k) => {
      const found = await probeUnit(profileUnit(profile, k));
      const { order, alignments, outputs } = found.deduction;
      const { products, fractionBits, outputBits, outputRounding, chaining } = profile;
      const { prediction, uniform } = answers(found);
      expect(uniform).toBe('yes');
      // Where several models fit, the first may miss what none of the experiments showed.
      const certain = alignments.length === 1 && outputs.length === 1;
      expect(prediction).toMatch(certain ? /^all of them$/ : /^(?:all of them|25\d of 256)$/);
      expect(order?.blocks.map(({ length }) => length)).toEqual(
        Array.from({ length: Math.max(1, k / products) }, () => Math.min(products, k)),
      );
      expect(order?.blocks.flat()).toEqual(Array.from({ length: k }, (_, i) => i));
      // A product that meets no other term may be cut before its result is rounded, or not: the result is the same.
      if (products === 1 && chaining === 'added') return;
      expect(order?.sum.kind).toBe(chaining);
      expect(alignments).toContainEqual({ fractionBits, direction: 'toward-zero', normalized: false });
      if (products >= 4) expect(alignments).toHaveLength(1);
      expect(outputs).toContainEqual({ bits: outputBits, direction: outputRounding });
      // Four terms carry by three bits at most, and c by one more: what longer results do with them is not seen.
      if (products >= 4 && outputBits <= fractionBits + 1) expect(outputs).toHaveLength(1);
    }),
    { numRuns: 12 },
  );
});

// Two products cannot cancel and leave what is far below them: that it decides ties shows how far it is kept.
test.each<[Profile['outputRounding'], number, number]>([
  ['toward-zero', 22, 15],
  ['nearest-even', 22, 15],
  ['toward-zero', 26, 22],
  ['nearest-even', 24, 7],
])(
  'finds the alignment of two products apart: %s, %i bits, %i in results',
  async (outputRounding, fractionBits, outputBits) => {
    const unit = {
      name: 'two',
      products: 2,
      fractionBits,
      outputBits,
      outputRounding,
      chaining: 'added',
    } as const;
    const found = await probeUnit(profileUnit(unit, 8));
    expect(answers(found)).toMatchObject({
      order: 'steps of 2, apart, then one after the other; c in the first step',
      output: `${outputBits} bits, ${outputRounding}`,
      addition: 'nearest-even',
      prediction: 'all of them',
    });
    expect(answers(found).alignment).toMatch(new RegExp(`^${fractionBits} bits, toward-zero`));
  },
);

test.each<[Profile, number, string]>([
  [hopperWgmma, 32, 'hopper-wgmma'],
  [adaMma, 32, 'ada-mma'],
  [blackwell, 32, 'blackwell'],
  [exact, 32, 'exact'],
  [f32, 8, 'f32'],
  // Sixteen products at once are all that 16 can show.
  [hopperWgmma, 16, 'hopper-wgmma or ada-mma'],
])('names %o through K = %i: %s', async (profile, k, name) => {
  const found = await probeUnit(profileUnit(profile, k));
  expect(found.closest).toEqual({ profile: name, differences: [] });
  expect(answers(found)).toMatchObject({
    prediction: 'all of them',
    'subnormal-operands': 'kept',
    'subnormal-addend': 'kept',
    'nan.operand': 'NaN 0x7fffffff',
    'nan.infinities': 'NaN 0x7fffffff',
    'infinity.product': 'Infinity',
    'zero.cancelled': '0',
  });
});

test('says how a unit differs from the profile that is closest', async () => {
  const found = await probeUnit(profileUnit({ ...hopperWgmma, fractionBits: 12, products: 8 }, 16));
  expect(found.closest?.profile).toBe('hopper-wgmma');
  expect(found.closest?.differences).toEqual([
    '8 products a step, not 16',
    'alignment keeps 12 bits (toward-zero), not 13 bits (toward-zero)',
  ]);
});

type Factors = readonly (readonly [x: number, y: number])[];

/** Addends cut by `cut` to multiples of 2^-bits of the largest, K at once, c among them. */
function aligned(bits: number, cut: (steps: number) => number, exponent: (x: number, y: number) => number) {
  return (factors: Factors, c: number) => {
    const terms = [
      ...factors.map(([x, y]) => ({ value: x * y, exponent: exponent(x, y) })),
      { value: c, exponent: Math.floor(Math.log2(Math.abs(c))) },
    ].filter(({ value }) => value !== 0);
    const unit = 2 ** (Math.max(...terms.map((term) => term.exponent)) - bits);
    return terms.length === 0 ? 0 : terms.reduce((sum, { value }) => sum + cut(value / unit) * unit, 0);
  };
}

const log2 = (x: number) => Math.floor(Math.log2(Math.abs(x)));
const factorExponents = (x: number, y: number) => log2(x) + log2(y);

const f16ToF32 = { operand: 'f16', result: 'f32' } as const;

describe('units that no profile describes', () => {
  test.each<[string, MatrixUnit, Record<string, string>]>([
    [
      'addends rounded down',
      functionUnit({ ...f16ToF32, k: 16 }, aligned(20, Math.floor, factorExponents)),
      {
        order: 'all 16 at once; c in the first step',
        alignment: '20 bits, down',
        output: '23 bits, nearest-even',
      },
    ],
    [
      'addends rounded to nearest, upward from the middle',
      functionUnit(
        { ...f16ToF32, k: 16 },
        aligned(19, (steps) => Math.sign(steps) * Math.floor(Math.abs(steps) + 0.5), factorExponents),
      ),
      { alignment: '19 bits, nearest-away', exponent: "the sum of its factors'" },
    ],
    [
      'products normalised before they are aligned',
      functionUnit(
        { ...f16ToF32, k: 8 },
        aligned(21, Math.trunc, (x, y) => log2(x * y)),
      ),
      { alignment: '21 bits, toward-zero', exponent: 'its own', prediction: 'all of them' },
    ],
    [
      'a chain of f32 fused multiply-adds of f32 operands',
      functionUnit({ k: 8, operand: 'f32', result: 'f32' }, (factors, c) =>
        factors.reduce((sum, [x, y]) => fma(x, y, sum), c),
      ),
      {
        order: 'steps of 1, first to last; c in the first step',
        alignment: '46 bits or more',
        output: '23 bits, nearest-even',
        intermediate: 'rounded to 23 bits, nearest-even',
        prediction: 'all of them',
        overflow: 'infinity',
        'subnormal-results': 'kept',
      },
    ],
    [
      'the same from the last to the first',
      functionUnit({ k: 8, operand: 'f32', result: 'f32' }, (factors, c) =>
        [...factors].reverse().reduce((sum, [x, y]) => fma(x, y, sum), c),
      ),
      { order: 'steps of 1, last to first; c in the first step', prediction: 'all of them' },
    ],
    [
      'f32 additions of rounded products, in pairs, and c at the end',
      functionUnit({ ...f16ToF32, k: 8 }, (factors, c) => {
        let sums = factors.map(([x, y]) => x * y);
        while (sums.length > 1)
          sums = Array.from({ length: sums.length / 2 }, (_, i) =>
            Math.fround((sums[2 * i] ?? 0) + (sums[2 * i + 1] ?? 0)),
          );
        return Math.fround((sums[0] ?? 0) + c);
      }),
      {
        order: 'steps of 1, apart, then in pairs; c added at the end',
        addition: 'nearest-even',
        prediction: 'all of them',
      },
    ],
    [
      'f32 additions of rounded products in fours, after c',
      functionUnit({ k: 16, operand: 'f32', result: 'f32' }, (factors, c) => {
        const products = factors.map(([x, y]) => Math.fround(x * y));
        const pair = (i: number) => Math.fround((products[i] ?? 0) + (products[i + 1] ?? 0));
        return [0, 4, 8, 12].reduce((sum, i) => Math.fround(sum + Math.fround(pair(i) + pair(i + 2))), c);
      }),
      {
        order: 'groups of 4 products added in pairs, one after the other; c in the first step',
        output: '23 bits, nearest-even',
        addition: 'nearest-even',
        prediction: 'all of them',
      },
    ],
    [
      'f16 results of sums of 24 bits, whose intermediate results stay in f32',
      profileUnit({ ...adaMma, products: 8, fractionBits: 24, outputBits: 23 }, 16, 'f16'),
      {
        order: 'steps of 8, first to last; c in the first step',
        alignment: '24 bits, toward-zero',
        output: '10 bits, nearest-even, by way of an f32 rounded toward-zero',
        intermediate: 'rounded to 23 bits, toward-zero',
        overflow: 'infinity',
        'subnormal-results': 'kept',
      },
    ],
    [
      'f16 results of a chain of f32 fused multiply-adds',
      functionUnit({ k: 8, operand: 'f16', result: 'f16' }, (factors, c) =>
        factors.reduce((sum, [x, y]) => fma(x, y, sum), c),
      ),
      {
        order: 'steps of 1, first to last; c in the first step',
        output: '10 bits, nearest-even',
        intermediate: 'rounded to 23 bits, nearest-even',
        prediction: 'all of them',
      },
    ],
    [
      'subnormals taken for 0',
      functionUnit({ ...f16ToF32, k: 8 }, (factors, c) => {
        const flush = (value: number, least: number) => (Math.abs(value) < least ? 0 : value);
        const step = (sum: number, [x, y]: readonly [number, number]) =>
          fma(flush(x, 2 ** -14), flush(y, 2 ** -14), sum);
        return factors.reduce(step, flush(c, 2 ** -126));
      }),
      { 'subnormal-operands': 'taken for 0', 'subnormal-addend': 'taken for 0' },
    ],
  ])('%s', async (_, unit, expected) => {
    expect(answers(await probeUnit(unit))).toMatchObject(expected);
  });
});

test('a unit that adds up in no order that is tried is not forced into one', async () => {
  // The middle first, then what is around it.
  const unit = functionUnit({ ...f16ToF32, k: 8 }, (factors, c) =>
    [3, 5, 0, 7, 2, 4, 1, 6].reduce((sum, i) => fma(factors[i]?.[0] ?? 0, factors[i]?.[1] ?? 0, sum), c),
  );
  const found = await probeUnit(unit);
  expect(answers(found)).toMatchObject({
    order: noneFits,
    alignment: 'not to be seen: no order of steps that was tried explains the sums',
    prediction: 'not to be seen: no order of steps that was tried explains the sums',
    'nan.operand': 'NaN 0x7fffffff',
  });
  expect(found.closest).toBeUndefined();
});

test('a dot product that depends on its place is seen', async () => {
  const even = profileUnit(hopperWgmma, 16);
  const { multiplyAccumulate } = even;
  const odd: MatrixUnit = {
    ...even,
    multiplyAccumulate: async (tiles) =>
      (await multiplyAccumulate(tiles)).map((bits) =>
        Array.from(bits, (one, i) => (i === 1 ? one ^ 1 : one)),
      ),
  };
  expect(answers(await probeUnit(even)).uniform).toBe('yes');
  expect(answers(await probeUnit(odd)).uniform).toBe('no: 2 results');
});

describe('units of bytes', () => {
  const wrap = (sum: number) => sum;
  const clamp = (least: number, most: number) => (sum: number) => Math.min(Math.max(sum, least), most);
  test.each<[string, MatrixUnit, string]>([
    ['i8, wrapping', byteUnit('i8', 32, wrap), 'they wrap around'],
    ['i8, saturating', byteUnit('i8', 32, clamp(-(2 ** 31), 2 ** 31 - 1)), 'they saturate'],
    ['u8, wrapping', byteUnit('u8', 32, wrap), 'they wrap around'],
    ['u8, saturating', byteUnit('u8', 16, clamp(0, 2 ** 32 - 1)), 'they saturate'],
  ])('%s', async (_, unit, overflow) => {
    expect(answers({ findings: await integerFindings(unit) })).toEqual({ sum: 'exact', overflow });
  });

  test('a sum that is off by one is not exact', async () => {
    const wrong = await integerFindings(byteUnit('u8', 32, (sum) => sum + 1));
    expect(answers({ findings: wrong }).sum).toBe(noneFits);
  });
});

test("a section's findings carry its name, so that those of two shapes stay apart", async () => {
  const section = await matrixSection(profileUnit(hopperWgmma, 16));
  expect(section.id).toBe('matrix.f16.f32.4x4x16');
  const ids = section.findings.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toContain('matrix.f16.f32.4x4x16.alignment');
  for (const { evidence, cases, id } of section.findings) expect(evidence.length > 0, id).toBe(cases > 0);
});
