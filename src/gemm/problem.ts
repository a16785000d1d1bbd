/** @file What a GEMM is asked to compute: shapes, formats and types, without the numbers. */

import type { AccumulatePlan } from '../accumulate/plan.js';
import { ArgumentError } from '../errors.js';
import type { Format } from '../format/format.js';
import { type Dtype, dtypes } from '../matrix.js';
import type { NativeArithmetic } from '../probe/native.js';
import type { Granularity } from '../quantize/granularity.js';
import type { Traits } from '../quantize/traits.js';
import type { Keeper } from './matrix/keepers.js';

/** An operand's codes and scales, without the numbers; of these what is known, by default nothing. */
export interface OperandKind extends Partial<Traits> {
  readonly format: Format;
  readonly granularity: Granularity;
  /** Of B, the kernel whose halves of it are kept: keep-halves.ts. */
  readonly kept?: Keeper | undefined;
}

/**
 * Products of several groups in one, as a mixture of experts has them:
 * - rows: the rows of A and of D belong to one group after another, of any sizes; B has N rows for each group
 * - masked: the same with room for `groupRows` rows in each group, of which the first ones are there
 * - k: K belongs to one group after another, and each group has a D of its own, M rows after M rows
 */
export type Grouping =
  | { readonly kind: 'rows' | 'k'; readonly groups: number }
  | { readonly kind: 'masked'; readonly groups: number; readonly groupRows: number };

/** One of each kind: shaders depend on nothing else of a grouping. */
export const groupings: readonly Grouping[] = [
  { kind: 'rows', groups: 1 },
  { kind: 'masked', groups: 1, groupRows: 1 },
  { kind: 'k', groups: 1 },
];

/** The matrix instruction to emulate: in which order it adds up, and what the adapter's arithmetic allows. */
export interface Accumulation {
  readonly plan: AccumulatePlan;
  readonly native: NativeArithmetic;
  /** Where C enters: added to the finished sum, or as the first term of the first step. */
  readonly addendIn: 'epilogue' | 'accumulator';
}

/** D = A · Bᵀ (+ C): A is M × K, B is N × K, C and D are M × N. */
export interface GemmProblem {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly a: OperandKind;
  readonly b: OperandKind;
  /** The type of C, undefined without one. */
  readonly c: Dtype | undefined;
  readonly out: Dtype;
  /** The matrix instruction to emulate; undefined for f32 in an order of the kernel's own. */
  readonly accumulation?: Accumulation | undefined;
  /** Undefined for one product. */
  readonly grouping?: Grouping | undefined;
}

/** Rows of B: N, or N for each group. */
export function rowsOfB({ n, grouping }: GemmProblem): number {
  return grouping && grouping.kind !== 'k' ? n * grouping.groups : n;
}

/** Rows of D: M, or M for each group along K. */
export function rowsOfD({ m, grouping }: GemmProblem): number {
  return grouping?.kind === 'k' ? m * grouping.groups : m;
}

/** A quantised matrix anywhere. */
export interface Operand extends OperandKind {
  readonly rows: number;
  readonly cols: number;
}

/** A plain matrix anywhere. */
export interface Addend {
  readonly rows: number;
  readonly cols: number;
  readonly dtype: Dtype;
}

/**
 * The problem that operands pose.
 * @throws ArgumentError if their shapes do not fit, if a tile is none that kernels know, or `out` is no type
 */
export function gemmProblem(a: Operand, b: Operand, c: Addend | undefined, out: Dtype): GemmProblem {
  if (a.cols !== b.cols)
    throw new ArgumentError('b.cols', b.cols, `a.cols, ${a.cols}: D = A · Bᵀ sums over the columns of both`);
  if (c && (c.rows !== a.rows || c.cols !== b.rows))
    throw new ArgumentError(
      'c',
      `${c.rows}x${c.cols}`,
      `a matrix of a.rows x b.rows, ${a.rows}x${b.rows}, the shape of D`,
    );
  requireTiles('a', a);
  requireTiles('b', b);
  if (!dtypes.includes(out)) throw new ArgumentError('out', out, dtypes.join(', '));
  return { m: a.rows, n: b.rows, k: a.cols, a: kindOf(a), b: kindOf(b), c: c?.dtype, out };
}

/** An operand's kind without the rest of it, with what its format says of its scales. */
export function kindOf({ format, granularity, scaleTellsNaN, powersOfTwo, kept }: OperandKind): OperandKind {
  // Scales in e8m0 are powers of two, unless somebody has looked whether kernels can fold them.
  const powers = powersOfTwo ?? granularity.scaleFormat === 'e8m0';
  return {
    ...{ format, granularity },
    ...(scaleTellsNaN ? { scaleTellsNaN } : {}),
    powersOfTwo: powers,
    ...(kept === undefined ? {} : { kept }),
  };
}

/** Whether both operands' scales are known to be powers of two, which kernels that fold make no worse. */
export function hasPowersOfTwo({ a, b }: Pick<GemmProblem, 'a' | 'b'>): boolean {
  return a.powersOfTwo === true && b.powersOfTwo === true;
}

/** The narrowest tile: kernels take K in steps of 16, each with one scale. */
export const leastTileCols = 16;

/**
 * Kernels find a scale by shifts, and promote where the scale of either operand changes: of two powers of two the
 * larger one is a multiple of the smaller.
 * @throws ArgumentError naming the side of an operand's tile that is none of these
 */
export function requireTiles(argument: string, { granularity }: OperandKind): void {
  const sides = [
    ['tileRows', 1],
    ['tileCols', leastTileCols],
  ] as const;
  for (const [side, least] of sides) {
    const length = granularity[side];
    if (length !== Infinity && (length < least || !Number.isInteger(Math.log2(length))))
      throw new ArgumentError(
        `${argument}.granularity.${side}`,
        length,
        `a power of two of at least ${least}, or Infinity`,
      );
  }
}

/** Elements of K that are summed between two promotions, unless an operand's scale changes sooner. */
export const longestInterval = 128;

/**
 * How many elements of K are summed before the sum is multiplied by the scales and added to the result: 128, or
 * 32 where an operand has a scale for every 32.
 */
export function promotionInterval(a: OperandKind, b: OperandKind): number {
  return Math.min(longestInterval, a.granularity.tileCols, b.granularity.tileCols);
}
