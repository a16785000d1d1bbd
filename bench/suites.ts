/** @file The suites that gather cases. */

import { ArgumentError } from '../src/errors.js';
import type { Dtype } from '../src/matrix.js';
import type { GranularityName } from '../src/quantize/granularity.js';
import {
  type BenchCase,
  type CastCase,
  type CopyCase,
  casts,
  type GemmCase,
  type GroupedCase,
  type QuantizeCase,
} from './cases.js';
import * as shapes from './shapes.js';

export * from './cases.js';

export const suiteNames = ['smoke', 'deepseek', 'squares', 'ragged', 'backward', 'grouped', 'cast'] as const;
export type SuiteName = (typeof suiteNames)[number];

export interface SuiteOptions {
  /** Output type of every product; each case's own unless given. */
  readonly out?: Dtype | undefined;
}

/**
 * The cases of a suite, the copy that gives the ceiling first.
 * @throws ArgumentError if there is no such suite
 */
export function suite(name: string, options: SuiteOptions = {}): BenchCase[] {
  if (!Object.hasOwn(suites, name)) throw new ArgumentError('suite', name, suiteNames.join(', '));
  const cases = suites[name as SuiteName]();
  const { out } = options;
  return out === undefined ? cases : cases.map((one) => ('out' in one ? { ...one, out } : one));
}

const suites: Record<SuiteName, () => BenchCase[]> = {
  smoke: () => [copy(2 ** 24), ...shapes.smoke.map((shape) => gemm(shape)), quantize(512, 1024)],
  deepseek: () => [
    copy(2 ** 28),
    ...shapes.deepseekForward.map((shape) => gemm(shape, { out: 'bf16' })),
    ...gradients(),
    quantize(4096, 7168),
    quantize(4096, 2048),
    quantize(7168, 2048, '128x128'),
  ],
  squares: () => [
    copy(2 ** 28),
    ...shapes.squares.map((shape) => gemm(shape)),
    ...shapes.squares.map(([n]) => quantize(n, n)),
  ],
  ragged: () => [copy(2 ** 26), ...shapes.ragged.map((shape) => gemm(shape)), quantize(300, 303)],
  // The three products of a training step at M = 4096.
  backward: () => [
    copy(2 ** 28),
    ...shapes.deepseekForward.filter(([m]) => m === 4096).map((shape) => gemm(shape, { out: 'bf16' })),
    ...gradients(),
  ],
  grouped: () => [
    copy(2 ** 28),
    ...shapes.contiguousGroups.map((shape) => grouped('rows', shape)),
    // The work of four groups of 8192 rows as one product.
    gemm([4 * 8192, 6144, 7168], { out: 'bf16' }),
    ...shapes.maskedGroups.map((shape) => grouped('masked', shape, 4096)),
    ...shapes.groupsAlongK.map((shape) => grouped('k', shape)),
  ],
  cast: () => [
    copy(2 ** 28),
    ...shapes.casts.flatMap(([m, n, k]) =>
      casts.map((cast): CastCase => ({ kind: 'cast', cast, m, n, k, out: 'bf16' })),
    ),
  ],
};

/** Of activations, and of weights, where both operands are activations or their gradients. */
function gradients(): GemmCase[] {
  return [
    ...shapes.deepseekDgrad.map((shape) => gemm(shape, { out: 'bf16' })),
    ...shapes.deepseekWgrad.map((shape) => gemm(shape, { bGranularity: '1x128' })),
  ];
}

function grouped(
  grouping: GroupedCase['grouping'],
  [groups, size, n, other]: shapes.GroupShape,
  capacity = size,
): GroupedCase {
  const out = grouping === 'k' ? 'f32' : 'bf16';
  return { kind: 'grouped', grouping, groups, size, capacity, n, other, out };
}

function gemm([m, n, k]: shapes.Shape, options: Partial<GemmCase> = {}): GemmCase {
  return {
    kind: 'gemm',
    m,
    n,
    k,
    aFormat: 'e4m3',
    bFormat: 'e4m3',
    aGranularity: '1x128',
    bGranularity: '128x128',
    out: 'f32',
    ...options,
  };
}

function quantize(rows: number, cols: number, granularity: GranularityName = '1x128'): QuantizeCase {
  return { kind: 'quantize', rows, cols, format: 'e4m3', granularity };
}

function copy(bytes: number): CopyCase {
  return { kind: 'copy', bytes };
}
