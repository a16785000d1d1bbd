/** @file From a matrix unit to what it does: experiments one after the other, each built on the answers before it. */

import { profiles } from '../../accumulate/profile.js';
import { type ClosestProfile, type Finding, hexBits } from '../finding.js';
import {
  type AlignmentDecision,
  alignmentAnswer,
  alignmentCases,
  decideAlignment,
  decideExponent,
  everyAlignment,
  exponentCases,
  meeting,
  termsMeeting,
} from './alignment.js';
import { closestProfile, type Deduction, profileModel } from './closest.js';
import { fitModels, type Observations, type Observed } from './fit.js';
import type { Alignment, Model } from './model.js';
import { decideOrder, type Order, orderDots } from './order.js';
import {
  additionDots,
  allPredicted,
  decideAddition,
  decideIntermediate,
  decideOutput,
  decidePrediction,
  intermediateDots,
  outputDots,
  randomDots,
  randomSeeds,
} from './output.js';
import { specialExperiments } from './special.js';
import {
  type DotProduct,
  type FloatTypes,
  type MatrixUnit,
  multiplyDots,
  showDot,
  uniformTile,
} from './unit.js';

export interface MatrixFindings {
  readonly findings: readonly Finding[];
  readonly deduction: Deduction;
  readonly closest?: ClosestProfile;
}

/** What a unit of floats does. */
export async function deduce(unit: MatrixUnit, types: FloatTypes): Promise<MatrixFindings> {
  const { findings, deduction } = await deduceModel(unit, types);
  const special = await specialFindings(unit, types);
  const uniform = await uniformFinding(unit, types);
  const closest = closestProfile(types, unit.shape.k, deduction);
  return { findings: [...findings, uniform, ...special], deduction, ...(closest ? { closest } : {}) };
}

interface Deduced {
  readonly findings: readonly Finding[];
  readonly deduction: Deduction;
  /** How many random dot products the model predicts, -1 without a model. */
  readonly predicted: number;
}

/** Order, alignment, output and the rest, as far as each can be told. */
async function deduceModel(unit: MatrixUnit, types: FloatTypes): Promise<Omit<Deduced, 'predicted'>> {
  const { k } = unit.shape;
  const { finding, orders } = decideOrder(types, k, await multiplyDots(unit, orderDots(types, k)));
  // Of orders that look alike so far, the one that explains the rest.
  let best: Deduced | undefined;
  for (const order of orders) {
    const steps = await deduceSteps(unit, types, order);
    const findings = [{ ...finding, answer: renamed(finding, orders, order) }, ...steps.findings];
    const deduced = { ...steps, findings };
    if (steps.findings.at(-1)?.answer === allPredicted) return deduced;
    if (!best || best.predicted < steps.predicted) best = deduced;
  }
  return (
    best ?? {
      findings: [finding, ...remaining('alignment', 'no order of steps that was tried explains the sums')],
      deduction: { alignments: [], outputs: [] },
    }
  );
}

/** The name of the order that was taken, where it is not the one that the others look like. */
function renamed({ answer }: Finding, orders: readonly Order[], taken: Order): string {
  return taken === orders[0] ? answer : taken.name;
}

/** What steps in that order do. */
async function deduceSteps(unit: MatrixUnit, types: FloatTypes, order: Order): Promise<Deduced> {
  const direct = await alignmentOf(unit, types, order);
  const [likeliest] = direct.fitting;
  if (!likeliest) {
    const rest = remaining('exponent', 'no alignment that was tried explains the sums');
    const deduction = { order, alignments: [], outputs: [] };
    return { findings: [direct.finding, ...rest], deduction, predicted: -1 };
  }
  const exponent = await exponentOf(unit, types, order, likeliest);
  const { normalized } = exponent;
  const candidates = direct.fitting.map((one) => ({ ...one, normalized }));

  const observed = await observe(unit, types, order, likeliest);
  const { rounding, complete } = fitModels(types, order, candidates, observed);
  const fitting = complete.length > 0 ? complete : rounding;
  const guess = {
    alignment: { ...likeliest, normalized },
    output: { bits: types.result.fractionBits, direction: 'nearest-even' },
  } as const;
  const [
    model = { ...guess, sum: order.sum, intermediate: guess.output, addition: 'nearest-even' as const },
  ] = fitting;
  const alignments = distinct(complete.length > 0 ? complete.map(({ alignment }) => alignment) : candidates);
  const outputs = distinct(fitting.map(({ output }) => output));
  const findings = [
    narrowed(direct.finding, direct.fitting, alignments),
    exponent.finding,
    decideOutput(types, model, outputs, observed.output),
  ];
  if (fitting.length === 0) {
    findings.push(...remaining('intermediate', 'no rounding that was tried explains the results'));
    return { findings, deduction: { order, alignments, outputs }, predicted: -1 };
  }
  const { finding: prediction, predicted } = decidePrediction(
    types,
    [['these answers', model], ...profileModels(types, unit.shape.k)],
    observed.unseen,
  );
  findings.push(
    observed.intermediate.dots.length > 0
      ? decideIntermediate(types, model, observed.intermediate)
      : needless('intermediate', order.blocks.length === 1 ? 'there is one step' : 'the steps are apart'),
    observed.addition.dots.length > 0
      ? decideAddition(types, model, observed.addition)
      : needless('addition', 'every term is part of a step'),
    prediction,
  );
  return { findings, deduction: { order, alignments, outputs, model }, predicted };
}

/** The dot products of every experiment that follows, multiplied in one go. */
async function observe(
  unit: MatrixUnit,
  types: FloatTypes,
  order: Order,
  { fractionBits }: Alignment,
): Promise<Observations> {
  const groups = [
    outputDots(types, order, fractionBits),
    intermediateDots(types, order, fractionBits),
    additionDots(types, order),
    randomDots(types, unit.shape.k, randomSeeds.fitted),
    randomDots(types, unit.shape.k, randomSeeds.predicted),
  ];
  const seen = await multiplyDots(unit, groups.flat());
  let start = 0;
  const [output, intermediate, addition, random, unseen] = groups.map((dots): Observed => {
    start += dots.length;
    return { dots, seen: seen.slice(start - dots.length, start) };
  }) as [Observed, Observed, Observed, Observed, Observed];
  return { output, intermediate, addition, random, unseen };
}

/** The finding of an alignment where other experiments leave less of what fits it. */
function narrowed(finding: Finding, direct: readonly Alignment[], left: readonly Alignment[]): Finding {
  const told = finding.cases > 0 || !left.some(({ fractionBits }) => fractionBits === Infinity);
  return left.length < direct.length && told ? { ...finding, answer: alignmentAnswer(left) } : finding;
}

function distinct<T extends object>(values: readonly T[]): T[] {
  const known = new Map(values.map((value) => [Object.values(value).join(), value]));
  return [...known.values()];
}

function profileModels(types: FloatTypes, k: number): [string, Model][] {
  return Object.values(profiles).map((profile) => [profile.name, profileModel(types, k, profile)]);
}

const questions = {
  alignment:
    'How many fraction bits of each term are kept below the largest, and what becomes of the others?',
  exponent: "Is a product aligned by the sum of its factors' exponents, or by its own?",
  output: 'How many fraction bits has a result, and how is it rounded to them?',
  intermediate: "Is a step's result rounded before the next step takes it?",
  addition: 'How is the sum of two results rounded?',
  prediction: 'Do these answers together predict random dot products?',
} as const;
type QuestionName = keyof typeof questions;

/** A finding that says why there is none. */
function unanswered(id: QuestionName, reason: string): Finding {
  return unasked(id, `not to be seen: ${reason}`);
}

/** A finding that says why its question does not arise. */
function needless(id: QuestionName, reason: string): Finding {
  return unasked(id, `does not arise: ${reason}`);
}

function unasked(id: QuestionName, answer: string): Finding {
  return { id, question: questions[id], answer, cases: 0, agreement: {}, evidence: [] };
}

/** What cannot be asked without an answer, from a question on. */
function remaining(from: QuestionName, reason: string): Finding[] {
  const ids = Object.keys(questions) as QuestionName[];
  return ids.slice(ids.indexOf(from)).map((id) => unanswered(id, reason));
}

async function alignmentOf(unit: MatrixUnit, types: FloatTypes, order: Order): Promise<AlignmentDecision> {
  const cases = alignmentCases(types, order);
  // A product alone may be cut as well, if it is longer, which the results will show.
  if (cases.length === 0) {
    const length = 2 * types.operand.fractionBits;
    return {
      fitting: everyAlignment().filter(
        ({ fractionBits }) => fractionBits === Infinity || fractionBits < length,
      ),
      finding: unanswered('alignment', 'no two terms meet in a step'),
    };
  }
  const dots = cases.map(({ dot }) => dot);
  return decideAlignment(types, cases, await multiplyDots(unit, dots));
}

async function exponentOf(unit: MatrixUnit, types: FloatTypes, order: Order, alignment: Alignment) {
  const cases = exponentCases(types, order, alignment);
  if (cases.length === 0)
    return {
      normalized: false,
      finding:
        termsMeeting(meeting(order)) >= 3 && alignment.fractionBits === Infinity
          ? needless('exponent', 'alignment loses nothing')
          : unanswered('exponent', 'no three products meet in a step'),
    };
  return decideExponent(
    types,
    alignment,
    cases,
    await multiplyDots(
      unit,
      cases.map(({ dot }) => dot),
    ),
  );
}

async function specialFindings(unit: MatrixUnit, types: FloatTypes): Promise<Finding[]> {
  const experiments = specialExperiments(types);
  const seen = await multiplyDots(
    unit,
    experiments.flatMap(({ dots }) => dots),
  );
  let start = 0;
  return experiments.map(({ dots, conclude }) => {
    const own = seen.slice(start, start + dots.length);
    start += dots.length;
    return conclude(own);
  });
}

/** Whether a dot product has the same result wherever it stands in the tile. */
async function uniformFinding(unit: MatrixUnit, types: FloatTypes): Promise<Finding> {
  const dot = randomDots(types, unit.shape.k, randomSeeds.fitted)[0] as DotProduct;
  const [results = []] = await unit.multiplyAccumulate([uniformTile(unit.shape, dot)]);
  const distinct = [...new Set(Array.from(results))].map((bits) => hexBits(bits, types.result.width));
  return {
    id: 'uniform',
    question: 'Has a dot product the same result everywhere in the tile?',
    answer: distinct.length === 1 ? 'yes' : `no: ${distinct.length} results`,
    cases: results.length,
    agreement: {},
    evidence: [{ inputs: showDot(types, dot), seen: distinct.slice(0, 4).join(', '), predicted: {} }],
  };
}
