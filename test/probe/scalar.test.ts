import { describe, expect, test } from 'vitest';
import { anyNaN, decide } from '../../src/probe/choice.js';
import { type Finding, noneFits, type Section } from '../../src/probe/finding.js';
import { f16Precision, f32Precision, type Precision } from '../../src/probe/precision.js';
import type { choice, Experiment } from '../../src/probe/scalar/experiment.js';
import { packedChoice, packedPairs } from '../../src/probe/scalar/packed.js';
import { scalarExperiments, scalarSection } from '../../src/probe/scalar/section.js';
import { type Faults, simulatedF32 } from './simulated-scalar.js';

type Choosing = ReturnType<typeof choice>;

function choices(precision: Precision): [string, Choosing][] {
  return scalarExperiments(precision)
    .filter((experiment: Experiment): experiment is Choosing => 'hypotheses' in experiment)
    .map((experiment) => [experiment.id, experiment]);
}

function answers(section: Section): Record<string, string> {
  return Object.fromEntries(section.findings.map(({ id, answer }) => [id, answer]));
}

describe.each([f32Precision, f16Precision])('the experiments of $name', (precision) => {
  test.each(choices(precision))('%s finds each of its hypotheses', (id, { cases, hypotheses, conclude }) => {
    const nan = precision.toBits(Number.NaN);
    for (const { name, predict } of hypotheses) {
      const seen = cases.map(predict).map((bits) => (bits === anyNaN ? nan : bits));
      const finding = conclude(seen);
      expect(finding).toMatchObject({ id, answer: name, cases: cases.length });
      expect(finding.agreement[name]).toBe(cases.length);
    }
  });

  test('have names of their own', () => {
    const ids = scalarExperiments(precision).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every((id) => id.startsWith(`${precision.name}.`))).toBe(true);
  });
});

test('evidence rules out every hypothesis that is not the answer', () => {
  for (const [id, { cases, hypotheses, conclude }] of choices(f32Precision)) {
    const [truth] = hypotheses;
    const seen = cases
      .map((one) => truth?.predict(one) ?? 0)
      .map((bits) => (bits === anyNaN ? 0x7fc00000 : bits));
    const { evidence } = conclude(seen);
    const ruledOut = new Set(
      evidence.flatMap(({ predicted, seen: bits }) =>
        Object.entries(predicted).flatMap(([name, prediction]) =>
          prediction === bits || prediction === anyNaN ? [] : [name],
        ),
      ),
    );
    const others = hypotheses.slice(1).map(({ name }) => name);
    // An item of evidence names five hypotheses at most.
    if (others.length < 5)
      expect([...ruledOut].sort(), id).toEqual(expect.arrayContaining([...others].sort()));
    expect(ruledOut.has(truth?.name ?? ''), id).toBe(false);
  }
});

async function found(faults: Faults = {}): Promise<Section> {
  return scalarSection(simulatedF32(faults), f32Precision);
}

test('IEEE 754 arithmetic is found to be that', async () => {
  const section = await found();
  const got = answers(section);
  expect(got).toMatchObject({
    'f32.add.rounding': 'nearest-even',
    'f32.multiply.rounding': 'nearest-even',
    'f32.fma.rounding': 'fused, nearest-even',
    'f32.multiply-add.rounding': 'product rounded first, nearest-even',
    'f32.sum3.order': 'left to right',
    'f32.dot4.order': 'first to last, products rounded',
    'f32.to-f16.rounding': 'nearest-even',
    'f32.to-f16.overflow': 'infinity',
    'f32.subtract.nan-of-infinities': 'NaN 0x7fc00000',
    'f32.divide.accuracy': 'correctly rounded in all of 2048 samples',
    'f32.sqrt.accuracy': 'correctly rounded in all of 2048 samples',
    'f32.to-i32.rounding': 'toward zero',
    'f32.to-i32.of-2^31': '0x7fffffff',
  });
  for (const [id, answer] of Object.entries(got)) {
    expect(answer, id).not.toBe(noneFits);
    if (/subnormal/.test(id)) expect(answer, id).toBe('kept');
    if (/\.(?:zero-signs|infinities)$/.test(id)) expect(answer, id).toBe('as IEEE 754');
  }
  expect(section.closest).toEqual({ profile: 'f32', differences: [] });
});

test.each<[string, Faults, Record<string, string>]>([
  ['an unfused fma', { unfused: true }, { 'f32.fma.rounding': 'product rounded first, nearest-even' }],
  ['contraction', { contracted: true }, { 'f32.multiply-add.rounding': 'fused, nearest-even' }],
  [
    'truncation',
    { truncated: true },
    {
      'f32.add.rounding': 'toward-zero',
      'f32.subtract.rounding': 'toward-zero',
      'f32.multiply.rounding': 'toward-zero',
    },
  ],
  [
    'flushing',
    { flushed: true },
    {
      'f32.add.subnormal-inputs': 'taken for 0',
      'f32.multiply.subnormal-results': '0 of their sign',
      'f32.copy.subnormal-inputs': 'kept',
    },
  ],
  ['reassociation', { reassociated: true }, { 'f32.add-back.simplified': 'simplified to x' }],
  [
    "a NaN of one's own",
    { nan: 0x7fffffff },
    { 'f32.multiply.nan-of-zero': 'NaN 0x7fffffff', 'f32.add.quiet-nan': 'NaN 0x7fffffff' },
  ],
])('%s is found', async (_, faults, expected) => {
  expect(answers(await found(faults))).toMatchObject(expected);
});

test('the closest profile names what differs from it', async () => {
  const { closest } = await found({ unfused: true, flushed: true });
  expect(closest?.profile).toBe('f32');
  expect(closest?.differences).toEqual([
    'f32.fma.rounding: product rounded first, nearest-even, not fused, nearest-even',
    'f32.fma.subnormal-inputs: taken for 0, not kept',
    'f32.fma.subnormal-results: 0 of their sign, not kept',
  ]);
});

test('what no hypothesis predicts is not forced into one', async () => {
  const [, add] = choices(f32Precision).find(([id]) => id === 'f32.add.rounding') ?? [];
  const seen = add?.cases.map((one) => add.hypotheses[0]?.predict(one) as number) ?? [];
  seen[7] = (seen[7] ?? 0) ^ 1;
  const finding = add?.conclude(seen) as Finding;
  expect(finding.answer).toBe(noneFits);
  expect(finding.agreement['nearest-even']).toBe(seen.length - 1);
});

test.each([true, false])('packed dot products (signed: %s) find their hypotheses', (signed) => {
  const pairs = packedPairs();
  const question = packedChoice(signed, pairs);
  for (const { name, predict } of question.hypotheses)
    expect(
      decide(
        question,
        pairs.map((pair) => predict(pair) as number),
      ).finding.answer,
    ).toBe(name);
});
