/** @file Experiments on shader arithmetic: evaluations of one operation, and what is concluded from their results. */

import { anyNaN, decide, type Hypothesis } from '../choice.js';
import { type Finding, hexBits } from '../finding.js';
import { describeBits, isNaNBits, type Precision } from '../precision.js';
import { expressions, type Operands, type Operation, type ScalarUnit } from './operation.js';

export interface Experiment {
  /** Of its finding. */
  readonly id: string;
  readonly operation: Operation;
  readonly cases: readonly Operands[];
  conclude(seen: ArrayLike<number>): Finding;
}

/** What operand and result bits of an operation stand for, where that is not the unit's own precision. */
interface Types {
  readonly result?: Precision | 'integer';
  readonly operand?: Precision;
}

interface ChoiceOptions extends Types {
  readonly precision: Precision;
  readonly operation: Operation;
  /** The end of the finding's id. */
  readonly property: string;
  readonly question: string;
  readonly cases: readonly Operands[];
  readonly hypotheses: readonly Hypothesis<Operands>[];
  /** What each case is about, for an answer where no hypothesis holds for all of them: those that break the first. */
  readonly names?: readonly string[];
}

/** An experiment that chooses among hypotheses. */
export function choice(
  options: ChoiceOptions,
): Experiment & { readonly hypotheses: ChoiceOptions['hypotheses'] } {
  const { precision, operation, cases, hypotheses, question, names } = options;
  const { operand = precision, result = precision } = options;
  const id = findingId(options);
  return {
    id,
    operation,
    cases,
    hypotheses,
    conclude: (seen) =>
      decide(
        {
          id,
          question,
          cases,
          hypotheses,
          inputs: (operands) => operands.map((bits) => hexBits(bits, operand.width)),
          show: (bits) => hexBits(bits, result === 'integer' ? 32 : result.width),
          isNaN: (bits) => hasNaN(result, bits),
          ...(names ? { otherwise: exceptions(result, cases, hypotheses, names) } : {}),
        },
        seen,
      ).finding,
  };
}

function hasNaN(type: Precision | 'integer', bits: number): boolean {
  return type !== 'integer' && isNaNBits(type, bits);
}

function describe(type: Precision | 'integer', bits: number): string {
  return type === 'integer' ? hexBits(bits) : describeBits(type, bits);
}

/** The first hypothesis, but for the cases that break it. */
function exceptions(
  result: Precision | 'integer',
  cases: readonly Operands[],
  hypotheses: readonly Hypothesis<Operands>[],
  names: readonly string[],
) {
  const [first] = hypotheses;
  return (seen: ArrayLike<number>): string => {
    const broken = cases.flatMap((operands, i) => {
      const bits = seen[i] as number;
      const predicted = first?.predict(operands);
      const holds = predicted === anyNaN ? hasNaN(result, bits) : predicted === bits;
      return holds ? [] : [`${names[i]} = ${describe(result, bits)}`];
    });
    return `${first?.name}, but ${broken.join(', ')}`;
  };
}

interface ObservationOptions extends Types {
  readonly precision: Precision;
  readonly operation: Operation;
  readonly property: string;
  readonly question: string;
  readonly operands: Operands;
}

/** An experiment whose answer is the bits that come out. */
export function observation(options: ObservationOptions): Experiment {
  const { precision, operation, operands, question } = options;
  const { operand = precision, result = precision } = options;
  const id = findingId(options);
  return {
    id,
    operation,
    cases: [operands],
    conclude: ({ 0: bits = 0 }) => ({
      id,
      question,
      answer: describe(result, bits),
      cases: 1,
      agreement: {},
      evidence: [
        {
          inputs: operands.map((bits) => hexBits(bits, operand.width)),
          seen: hexBits(bits, result === 'integer' ? 32 : result.width),
          predicted: {},
        },
      ],
    }),
  };
}

/** Does experiments, those of one operation together. */
export async function conduct(unit: ScalarUnit, experiments: readonly Experiment[]): Promise<Finding[]> {
  const byOperation = new Map<Operation, Operands[]>();
  const starts = experiments.map(({ operation, cases }) => {
    const all = byOperation.get(operation) ?? [];
    byOperation.set(operation, all);
    const start = all.length;
    all.push(...cases);
    return start;
  });
  const batches = [...byOperation].map(([operation, cases]) => ({ operation, cases }));
  const results = await unit.evaluate(batches);
  const resultOf = new Map(batches.map(({ operation }, i) => [operation, results[i] ?? []]));
  return experiments.map(({ operation, cases, conclude }, i) => {
    const start = starts[i] ?? 0;
    return conclude(Array.from(resultOf.get(operation) ?? []).slice(start, start + cases.length));
  });
}

function findingId({
  precision,
  operation,
  property,
}: Pick<ChoiceOptions, 'precision' | 'operation' | 'property'>) {
  return `${precision.name}.${operation}.${property}`;
}

/** The WGSL expression that an experiment evaluates, for the text of questions. */
export function expression(operation: Operation): string {
  return expressions[operation];
}
