/** @file From a matrix unit to what it does: experiments one after the other, each built on the answers before it. */

import { profiles } from '../../accumulate/profile.js';
import { type ClosestProfile, type Finding, hexBits } from '../finding.js';
import { alignmentCases, decideAlignment, decideExponent, exponentCases } from './alignment.js';
import { closestProfile, type Deduction, profileModel } from './closest.js';
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
}

/** Order, alignment, output and the rest, as far as each can be told. */
async function deduceModel(unit: MatrixUnit, types: FloatTypes): Promise<Deduced> {
  const { k } = unit.shape;
  const { finding, orders } = decideOrder(types, k, await multiplyDots(unit, orderDots(types, k)));
  // Of orders that look alike so far, the one that explains the rest.
  let best: Deduced | undefined;
  for (const order of orders) {
    const { findings, deduction } = await deduceSteps(unit, types, order);
    const deduced = {
      findings: [{ ...finding, answer: renamed(finding, orders, order) }, ...findings],
      deduction,
    };
    if (findings.at(-1)?.answer === allPredicted) return deduced;
    if (!best || (!best.deduction.model && deduction.model)) best = deduced;
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
  const findings: Finding[] = [];
  const nothing = { alignments: [], outputs: [] };
  const { fitting: alignments, finding: alignmentFinding } = await alignmentOf(unit, types, order);
  findings.push(alignmentFinding);
  if (alignments.length === 0) {
    findings.push(...remaining('exponent', 'no alignment that was tried explains the sums'));
    return { findings, deduction: { ...nothing, order } };
  }
  const [likeliest = lossless] = alignments;
  const exponent = await exponentOf(unit, types, order, likeliest);
  findings.push(exponent.finding);
  const known = alignments.map((one) => ({ ...one, normalized: exponent.normalized }));
  const alignment = { ...likeliest, normalized: exponent.normalized };

  const dots = outputDots(types, order, alignment.fractionBits);
  const seen = await multiplyDots(unit, dots);
  // Where several alignments fit, the results of long sums may fit but one.
  const outputOf = (one: Alignment) => ({
    one,
    ...decideOutput(types, { sum: order.sum, alignment: one, addition: 'nearest-even' }, dots, seen),
  });
  const first = outputOf(alignment);
  let tried = first;
  for (const one of known.slice(1)) if (tried.fitting.length === 0) tried = outputOf(one);
  if (tried.fitting.length === 0) tried = first;
  const [output] = tried.fitting;
  findings.push(tried.finding);
  if (!output) {
    findings.push(...remaining('intermediate', 'no rounding that was tried explains the results'));
    return { findings, deduction: { order, alignments: known, outputs: [] } };
  }

  const draft: Model = {
    sum: order.sum,
    alignment: tried.one,
    output,
    intermediate: output,
    addition: 'nearest-even',
  };
  const intermediate = await intermediateOf(unit, types, order, draft);
  findings.push(intermediate.finding);
  const addition = await additionOf(unit, types, order, { ...draft, intermediate: intermediate.rounding });
  findings.push(addition.finding);
  const model = { ...draft, intermediate: intermediate.rounding, addition: addition.direction };
  findings.push(await predictionOf(unit, types, model));
  return { findings, deduction: { order, alignments: known, outputs: tried.fitting, model } };
}

const lossless: Alignment = { fractionBits: Infinity, direction: 'toward-zero', normalized: false };

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
  return {
    id,
    question: questions[id],
    answer: `not to be seen: ${reason}`,
    cases: 0,
    agreement: {},
    evidence: [],
  };
}

/** What cannot be asked without an answer, from a question on. */
function remaining(from: QuestionName, reason: string): Finding[] {
  const ids = Object.keys(questions) as QuestionName[];
  return ids.slice(ids.indexOf(from)).map((id) => unanswered(id, reason));
}

async function alignmentOf(unit: MatrixUnit, types: FloatTypes, order: Order) {
  const cases = alignmentCases(types, order);
  if (cases.length === 0)
    return { fitting: [lossless], finding: unanswered('alignment', 'no two terms meet in a step') };
  return decideAlignment(
    types,
    order,
    cases,
    await multiplyDots(
      unit,
      cases.map(({ dot }) => dot),
    ),
  );
}

async function exponentOf(unit: MatrixUnit, types: FloatTypes, order: Order, alignment: Alignment) {
  const cases = exponentCases(types, order, alignment);
  if (cases.length === 0)
    return {
      normalized: false,
      finding: unanswered(
        'exponent',
        alignment.fractionBits === Infinity ? 'alignment loses nothing' : 'no three products meet in a step',
      ),
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

async function intermediateOf(unit: MatrixUnit, types: FloatTypes, order: Order, model: Model) {
  const dots = intermediateDots(types, order, model.alignment.fractionBits);
  if (dots.length === 0)
    return {
      rounding: model.output,
      finding: unanswered('intermediate', 'there is one step, or the steps are apart'),
    };
  const seen = await multiplyDots(unit, dots);
  const { finding, intermediate = model.output } = decideIntermediate(types, model, dots, seen);
  return { finding, rounding: intermediate };
}

async function additionOf(unit: MatrixUnit, types: FloatTypes, order: Order, model: Model) {
  const dots = additionDots(types, order);
  if (dots.length === 0)
    return { direction: model.addition, finding: unanswered('addition', 'every term is part of a step') };
  const { finding, addition = model.addition } = decideAddition(
    types,
    model,
    dots,
    await multiplyDots(unit, dots),
  );
  return { finding, direction: addition };
}

async function predictionOf(unit: MatrixUnit, types: FloatTypes, model: Model): Promise<Finding> {
  const { k } = unit.shape;
  const dots = randomDots(types, k);
  const beside = Object.values(profiles).map(
    (profile) => [profile.name, profileModel(types, k, profile)] as const,
  );
  return decidePrediction(types, [['these answers', model], ...beside], dots, await multiplyDots(unit, dots));
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
  const dot = randomDots(types, unit.shape.k)[0] as DotProduct;
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
