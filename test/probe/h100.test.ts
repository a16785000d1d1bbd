/** @file A report from a real GPU: the bits in it are those of the answers, and the probe still gives these answers. */

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { deduce } from '../../src/probe/matrix/deduce.js';
import { type Model, predictDot } from '../../src/probe/matrix/model.js';
import { stepwiseOrder } from '../../src/probe/matrix/order.js';
import { type DotProduct, type FloatTypes, floatTypes } from '../../src/probe/matrix/unit.js';
import { f16Precision, f32Precision, type Precision } from '../../src/probe/precision.js';
import { dotOrder } from '../../src/probe/scalar/dot.js';
import { profileUnit } from './simulated-matrix.js';

interface CapturedFinding {
  readonly id: string;
  readonly answer: string;
  /** Of cases, how many each hypothesis predicted: the best ones. */
  readonly agreement?: Readonly<Record<string, number>>;
  readonly evidence: readonly { readonly inputs: readonly string[]; readonly seen: string }[];
}

interface CapturedSection {
  readonly id: string;
  readonly findings: readonly CapturedFinding[];
  readonly closest?: { readonly profile: string; readonly differences: readonly string[] };
}

const golden = new URL('../golden/probe/h100.json', import.meta.url);
const { sections } = JSON.parse(readFileSync(golden, 'utf8')) as { sections: readonly CapturedSection[] };

/** What the answers say: K products and c at once, 25 fraction bits kept of each. */
function h100(k: number, { result }: FloatTypes): Model {
  const output =
    result.name === 'f32'
      ? ({ bits: 23, direction: 'toward-zero' } as const)
      : ({ bits: 10, direction: 'nearest-even' } as const);
  return {
    sum: stepwiseOrder(k, k, 'fused').sum,
    alignment: { fractionBits: 25, direction: 'toward-zero', normalized: false },
    output,
    intermediate: output,
    addition: 'nearest-even',
  };
}

/** "[2] 0x3c00 * 0x3c00" and "c 0x00000000". */
function parseDot(inputs: readonly string[]): DotProduct {
  const a: Record<number, number> = {};
  const b: Record<number, number> = {};
  let c = 0;
  for (const input of inputs) {
    const [, index, x, y] = /^\[(\d+)\] (0x\w+) \* (0x\w+)$/.exec(input) ?? [];
    if (index === undefined) c = Number(input.slice('c '.length));
    else [a[Number(index)], b[Number(index)]] = [Number(x), Number(y)];
  }
  return { a, b, c };
}

const shapes = sections.flatMap((section) => {
  const [, operand, result, k] = /^matrix\.(f16)\.(f16|f32)\.\d+x\d+x(\d+)$/.exec(section.id) ?? [];
  return operand === undefined
    ? []
    : [{ ...section, k: Number(k), operand: 'f16', result: result as 'f16' | 'f32' } as const];
});

describe.each(shapes)('$id', ({ k, operand, result, findings, closest }) => {
  const types = floatTypes({ m: 16, n: 16, k, operand, result }) as FloatTypes;

  test('every result is what the answers predict', () => {
    const model = h100(k, types);
    const evidence = findings.flatMap((finding) => finding.evidence);
    expect(evidence.length).toBeGreaterThan(8);
    for (const { inputs, seen } of evidence)
      expect(types.result.toBits(predictDot(types, model, parseDot(inputs))), inputs.join()).toBe(
        Number(seen),
      );
  });

  test('such a unit, simulated, is given the same answers', async () => {
    const unit = {
      name: 'h100',
      products: k,
      fractionBits: 25,
      outputBits: 23,
      outputRounding: 'toward-zero',
      chaining: 'fused',
    } as const;
    const found = await deduce(profileUnit(unit, k, result), types);
    const answers = Object.fromEntries(found.findings.map(({ id, answer }) => [id, answer]));
    // The simulation makes f16 results of f32s, which the experiments of that report did not tell apart.
    for (const { id, answer } of findings) expect(answers[id]?.startsWith(answer), id).toBe(true);
    if (result === 'f32') expect(found.closest?.profile).toBe(closest?.profile);
  });
});

/** The order of dot() by precision and operation: 2 and 4 products. */
const ways: Readonly<Record<string, string>> = {
  'f32 dot2': 'last to first, fused multiply-adds',
  'f16 dot2': 'last to first, fused multiply-adds',
  'f32 dot4': 'fma(w, fma(z, fma(x, round(y))))',
  'f16 dot4': 'fma(w, round(x)) + fma(z, round(y))',
};

describe.each([f32Precision, f16Precision])('dot() in $name', (precision: Precision) => {
  const findings = sections.find(({ id }) => id === precision.name)?.findings ?? [];

  // The report has one result, and how many of the 128 each way predicted that was tried then.
  test.each(['dot2', 'dot4'] as const)('%s: one way fits all that was seen', (operation) => {
    const { hypotheses, cases } = dotOrder(precision, operation);
    const captured = findings.find(({ id }) => id === `${operation}.order`);
    const agreement = captured?.agreement ?? {};
    const known = hypotheses.filter(({ name }) => name in agreement);
    expect(known.length).toBeGreaterThan(1);
    const fitting = hypotheses.filter(
      ({ predict }) =>
        captured?.evidence.every(({ inputs, seen }) => predict(inputs.map(Number)) === Number(seen)) &&
        known.every(
          (one) =>
            cases.filter((operands) => predict(operands) === one.predict(operands)).length ===
            agreement[one.name],
        ),
    );
    expect(fitting.map(({ name }) => name)).toEqual([ways[`${precision.name} ${operation}`]]);
  });
});
