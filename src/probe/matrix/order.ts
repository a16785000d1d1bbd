/**
 * @file In what steps a matrix unit adds up: how many products at once, which ones, in what order, and where c enters.
 *
 * A large number, its negative and a small one are placed on three products, or two and c. The small one survives
 * where the large ones have cancelled before it is added; it is lost where it meets one of them in a step or in a sum
 * so far. Which of the places let it survive tells the steps.
 */

import type { Profile } from '../../accumulate/profile.js';
import { type Choice, type Decision, decide, type Hypothesis, separating } from '../choice.js';
import { hexBits } from '../finding.js';
import { isNaNBits, type Precision } from '../precision.js';
import { Stream } from '../stream.js';
import type { Sum, Term } from './model.js';
import { type DotProduct, dotOf, type FloatTypes, factors, type Product, showDot } from './unit.js';

/** Steps of a matrix unit. */
export interface Order {
  readonly name: string;
  readonly sum: Sum;
  /** Products of each step, by their indices along K, in the order of the steps. */
  readonly blocks: readonly (readonly number[])[];
  readonly addend: 'first' | 'last';
}

/** Three places: of the large number, its negative and the small one. */
interface Places {
  readonly dot: DotProduct;
  readonly plus: number | 'c';
  readonly minus: number;
  readonly small: number | 'c';
}

export interface OrderDecision {
  readonly finding: Decision<Places>['finding'];
  /** The orders that fit: several where the places of three numbers do not tell them apart, none where none does. */
  readonly orders: readonly Order[];
}

/** Where nothing gets lost, nothing tells the steps. */
const lossless = 'nothing is lost';

/** Exponents of the large and the small number: as far apart as operands and results allow. */
function exponents({ operand, result }: FloatTypes): { large: number; small: number } {
  if (operand.name === 'f32') return { large: 60, small: -60 };
  return result.name === 'f32' ? { large: 30, small: -28 } : { large: 15, small: -14 };
}

/** Every order that is tried. */
export function orders(k: number): Order[] {
  const widths = [1, 2, 4, 8, 16, 32, 64, 128].filter((width) => width < k && k % width === 0);
  return [...widths, k].flatMap((width) => {
    const count = k / width;
    const contiguous = Array.from({ length: count }, (_, block) =>
      Array.from({ length: width }, (_, i) => block * width + i),
    );
    const strided = Array.from({ length: count }, (_, block) =>
      Array.from({ length: width }, (_, i) => block + i * count),
    );
    const layouts = [
      { blocks: contiguous, layout: '' },
      ...(width > 1 && count > 1 ? [{ blocks: strided, layout: ', interleaved' }] : []),
    ];
    return layouts.flatMap(({ blocks, layout }) => {
      const size = `steps of ${width}${layout}`;
      if (count === 1) return withAddend(`all ${k} at once`, blocks, chained);
      return [
        ...withAddend(`${size}, first to last`, blocks, chained),
        ...withAddend(`${size}, last to first`, [...blocks].reverse(), chained),
        ...withAddend(`${size}, apart, then one after the other`, blocks, apart),
        ...(Number.isInteger(Math.log2(count))
          ? withAddend(`${size}, apart, then in pairs`, blocks, paired)
          : []),
        ...(width === 1
          ? widths
              .slice(1)
              .flatMap((size) =>
                withAddend(
                  `groups of ${size} products added in pairs, one after the other`,
                  blocks,
                  pairedGroups(size),
                ),
              )
          : []),
      ];
    });
  });
}

/**
 * The order of steps of `width` products from the first on: each takes the sum so far as a term, or its result is added
 * to it.
 */
export function stepwiseOrder(k: number, width: number, chaining: Profile['chaining']): Order {
  const blocks = Array.from({ length: Math.ceil(k / width) }, (_, block) =>
    Array.from({ length: Math.min(width, k - block * width) }, (_, i) => block * width + i),
  );
  const sum = chaining === 'fused' ? chained(blocks, 'c') : apart(blocks, 'c');
  return { name: `steps of ${width}`, sum, blocks, addend: 'first' };
}

type Blocks = Order['blocks'];

function withAddend(name: string, blocks: Blocks, make: (blocks: Blocks, first?: Term) => Sum): Order[] {
  return [
    { name: `${name}; c in the first step`, sum: make(blocks, 'c'), blocks, addend: 'first' },
    {
      name: `${name}; c added at the end`,
      sum: { terms: [make(blocks), 'c'], kind: 'added' },
      blocks,
      addend: 'last',
    },
  ];
}

/** Each step takes the sum so far as a term. */
function chained(blocks: Blocks, first?: Term): Sum {
  const [head = [], ...rest] = blocks;
  const start: Sum = { terms: [...(first === undefined ? [] : [first]), ...head], kind: 'fused' };
  return rest.reduce<Sum>((sum, block) => ({ terms: [sum, ...block], kind: 'fused' }), start);
}

/** Steps that know nothing of each other, whose results are added; c first of all. */
function apart(blocks: Blocks, first?: Term): Sum {
  return addedUp(
    blocks.map((block) => ({ terms: block, kind: 'fused' })),
    first,
  );
}

/** Results added one after the other, after `first`. */
function addedUp(sums: readonly Term[], first?: Term): Sum {
  const [head = 'c', ...rest] = first === undefined ? sums : [first, ...sums];
  return rest.reduce<Term>((sum, term) => ({ terms: [sum, term], kind: 'added' }), head) as Sum;
}

/** The same, added in pairs, then pairs of pairs; c with the first. */
function paired(blocks: Blocks, first?: Term): Sum {
  let sums: Sum[] = blocks.map((block, i) => ({
    terms: i === 0 && first !== undefined ? [first, ...block] : block,
    kind: 'fused',
  }));
  while (sums.length > 1)
    sums = Array.from({ length: sums.length / 2 }, (_, i) => ({
      terms: sums.slice(2 * i, 2 * i + 2),
      kind: 'added',
    }));
  return sums[0] as Sum;
}

/** Groups of `size` steps added in pairs each, whose sums are added one after the other; c first of all. */
function pairedGroups(size: number) {
  return (blocks: Blocks, first?: Term): Sum => {
    const groups = Array.from({ length: blocks.length / size }, (_, i) =>
      paired(blocks.slice(i * size, (i + 1) * size)),
    );
    return addedUp(groups, first);
  };
}

/** Whether the small number is left at the end: symbolically, with the large ones larger than any unit keeps apart. */
function survives(sum: Sum, { plus, minus, small }: Places): boolean {
  const evaluate = (one: Sum): { large: number; small: boolean } => {
    let large = 0;
    let met = false;
    let left = false;
    for (const term of one.terms) {
      const inner =
        typeof term === 'object'
          ? evaluate(term)
          : { large: term === plus ? 1 : term === minus ? -1 : 0, small: term === small };
      large += inner.large;
      met ||= inner.large !== 0;
      left ||= inner.small;
    }
    return { large, small: left && !met };
  };
  return evaluate(sum).small;
}

function* places(types: FloatTypes, k: number): Generator<Places> {
  const stream = new Stream(60);
  const { large, small: tiny } = exponents(types);
  const value = (exponent: number, sign = 1) => factors(sign, exponent);
  for (let i = 0; i < 4096; i++) {
    const kind = stream.whole(0, 3);
    const indices = distinctIndices(stream, k, Math.min(3, k));
    const plus = kind === 0 ? 'c' : (indices[2] ?? 'c');
    const minus = indices[0] ?? 0;
    const small = kind === 1 ? 'c' : (indices[1] ?? 'c');
    const used: readonly (readonly [number | 'c', readonly [number, number]])[] = [
      [plus, value(large)],
      [minus, value(large, -1)],
      [small, value(tiny)],
    ];
    const products = used.flatMap(([place, [x, y]]): Product[] => (place === 'c' ? [] : [[place, x, y]]));
    const [, [x, y]] = used.find(([place]) => place === 'c') ?? ['c', [0, 0]];
    yield { dot: dotOf(types, products, x * y), plus, minus, small };
  }
}

function distinctIndices(stream: Stream, k: number, count: number): number[] {
  const indices = new Set<number>();
  while (indices.size < count) indices.add(stream.whole(0, k - 1));
  return [...indices];
}

/** A number is 0 whatever its sign. */
function unsigned(precision: Precision, bits: number): number {
  return precision.fromBits(bits) === 0 ? 0 : bits;
}

/** A question, and orders in groups of those that no experiment of it can tell apart. */
interface Question {
  readonly choice: Choice<Places>;
  readonly groups: readonly (readonly Order[])[];
}

const questions = new Map<string, Question>();

/** The question for a shape: made once, for it takes a while. */
function question(types: FloatTypes, k: number): Question {
  const key = `${types.operand.name} ${types.result.name} ${k}`;
  const known = questions.get(key);
  if (known) return known;
  const survivor = types.result.toBits(2 ** exponents(types).small);
  const hypothesis = (order: Order): Hypothesis<Places> => ({
    name: order.name,
    predict: (one) => (survives(order.sum, one) ? survivor : 0),
  });
  const trials = [...places(types, k)].slice(0, 1024);
  const alike = new Map<string, Order[]>();
  for (const order of orders(k)) {
    const outcome = trials.map((one) => Number(survives(order.sum, one))).join('');
    alike.set(outcome, [...(alike.get(outcome) ?? []), order]);
  }
  const groups = [...alike.values()];
  const candidates = groups.flatMap(([first]) => (first ? [first] : []));
  const hypotheses = [...candidates.map(hypothesis), { name: lossless, predict: () => survivor }];
  const choice: Choice<Places> = {
    id: 'order',
    question: 'In what steps are the products added up, and where does c enter?',
    cases: separating(hypotheses, places(types, k), { some: 64, wanted: 2 }),
    hypotheses,
    inputs: ({ dot }) => showDot(types, dot),
    show: (bits) => hexBits(bits, types.result.width),
    isNaN: (bits) => isNaNBits(types.result, bits),
  };
  const made = { choice, groups };
  questions.set(key, made);
  return made;
}

/** The dot products that tell the order of a unit. */
export function orderDots(types: FloatTypes, k: number): DotProduct[] {
  return question(types, k).choice.cases.map(({ dot }) => dot);
}

/** The orders that fit the results of orderDots. */
export function decideOrder(types: FloatTypes, k: number, seen: readonly number[]): OrderDecision {
  const { choice, groups } = question(types, k);
  const { finding } = decide(
    choice,
    seen.map((bits) => unsigned(types.result, bits)),
  );
  if (finding.answer === lossless) {
    const { large, small } = exponents(types);
    return {
      finding: { ...finding, answer: `${lossless}, ${large - small} bits below the largest term` },
      orders: [stepwiseOrder(k, k, 'fused')],
    };
  }
  return { finding, orders: groups.find(([first]) => first?.name === finding.answer) ?? [] };
}
