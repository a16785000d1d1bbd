/** @file What a benchmark runs: cases, and the suites that gather them. */

import type { AccumulateOptions } from '../src/accumulate/plan.js';
import type { ProfileName } from '../src/accumulate/profile.js';
import { ArgumentError } from '../src/errors.js';
import type { Distribution } from '../src/experiment/data.js';
import { width } from '../src/format/format.js';
import { type FormatName, formatByName } from '../src/format/formats.js';
import { type GemmProblem, gemmProblem } from '../src/gemm/problem.js';
import type { Dtype } from '../src/matrix.js';
import type { DialectName } from '../src/quantize/dialect.js';
import { type GranularityName, granularityByName, scaleShape } from '../src/quantize/granularity.js';
import { peakOperations } from './peak.js';
import * as shapes from './shapes.js';

/** One product D = A · Bᵀ, A M × K and B N × K. */
export interface GemmCase {
  readonly kind: 'gemm';
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly aFormat: FormatName;
  readonly bFormat: FormatName;
  readonly aGranularity: GranularityName;
  readonly bGranularity: GranularityName;
  readonly out: Dtype;
  /** Of both sides. Default each granularity's own: deepgemm, or mx for 1x32. */
  readonly dialect?: DialectName;
  /** Default normal. */
  readonly distribution?: Distribution;
  /** What an emulator emulates. Default hopper-wgmma; with it, `auto` takes an emulator. */
  readonly accumulator?: ProfileName;
  /** As in AccumulateOptions. */
  readonly promote?: NonNullable<AccumulateOptions['promote']>;
}

/** Quantising one f32 matrix. */
export interface QuantizeCase {
  readonly kind: 'quantize';
  readonly rows: number;
  readonly cols: number;
  readonly format: FormatName;
  readonly granularity: GranularityName;
}

/** Copying one buffer of `bytes` to another: the ceiling for what is bound by memory. */
export interface CopyCase {
  readonly kind: 'copy';
  readonly bytes: number;
}

/** Multiply-adds in f32 on registers: the ceiling for what is bound by arithmetic, outside matrix units. */
export interface PeakCase {
  readonly kind: 'peak';
  /** About how many; peakOperations has them in whole workgroups. */
  readonly operations: number;
}

export type BenchCase = GemmCase | QuantizeCase | CopyCase | PeakCase;

export const suiteNames = ['smoke', 'deepseek', 'squares', 'ragged'] as const;
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
  return out === undefined ? cases : cases.map((one) => (one.kind === 'gemm' ? { ...one, out } : one));
}

const suites: Record<SuiteName, () => BenchCase[]> = {
  smoke: () => [copy(2 ** 24), ...shapes.smoke.map((shape) => gemm(shape)), quantize(512, 1024)],
  deepseek: () => [
    copy(2 ** 28),
    ...shapes.deepseekForward.map((shape) => gemm(shape, { out: 'bf16' })),
    ...shapes.deepseekDgrad.map((shape) => gemm(shape, { out: 'bf16' })),
    // Both operands of a weight gradient are activations or their gradients.
    ...shapes.deepseekWgrad.map((shape) => gemm(shape, { bGranularity: '1x128' })),
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
};

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

/** What is computed, and its size. */
export function caseShape(one: BenchCase): string {
  switch (one.kind) {
    case 'gemm':
      return `gemm ${one.m}x${one.n}x${one.k}`;
    case 'quantize':
      return `quantize ${one.rows}x${one.cols}`;
    case 'copy':
      return `copy ${one.bytes / 2 ** 20} MiB`;
    case 'peak':
      return `peak ${peakOperations(one) / 2 ** 30} Gi operations`;
  }
}

/** Types, formats and granularities of a case. */
export function caseKind(one: BenchCase): string {
  switch (one.kind) {
    case 'gemm': {
      const { aFormat, bFormat, dialect, distribution, accumulator, promote } = one;
      return [
        `${aFormat} ${one.aGranularity} by ${bFormat === aFormat ? '' : `${bFormat} `}${one.bGranularity} to ${one.out}`,
        ...(dialect === undefined ? [] : [`dialect ${dialect}`]),
        ...(distribution === undefined || distribution === 'normal' ? [] : [`${distribution} data`]),
        ...(accumulator === undefined ? [] : [accumulator]),
        ...(promote === undefined ? [] : [promote === 'none' ? 'not promoted' : `promoted every ${promote}`]),
      ].join(', ');
    }
    case 'quantize':
      return `f32 to ${one.format} ${one.granularity}`;
    case 'copy':
      return 'storage to storage';
    case 'peak':
      return 'f32 multiply-adds';
  }
}

/** A case in a few words, the same for the same case. */
export function caseName(one: BenchCase): string {
  return `${caseShape(one)} ${caseKind(one)}`;
}

/** The problem that a product poses to kernels. */
export function caseProblem(one: GemmCase): GemmProblem {
  const side = (rows: number, format: FormatName, granularity: GranularityName) => ({
    rows,
    cols: one.k,
    format: formatByName(format),
    granularity: granularityByName(granularity),
  });
  const a = side(one.m, one.aFormat, one.aGranularity);
  const b = side(one.n, one.bFormat, one.bGranularity);
  return gemmProblem(a, b, undefined, one.out);
}

/** Arithmetic operations of a case: 2·M·N·K for a product, none to speak of for quantising and copying. */
export function caseOperations(one: BenchCase): number {
  if (one.kind === 'peak') return peakOperations(one);
  return one.kind === 'gemm' ? 2 * one.m * one.n * one.k : 0;
}

/** Bytes that must move between memory and the GPU: every input once, every output once, without padding. */
export function caseBytes(one: BenchCase): number {
  switch (one.kind) {
    case 'gemm':
      return (
        quantizedBytes(one.m, one.k, one.aFormat, one.aGranularity) +
        quantizedBytes(one.n, one.k, one.bFormat, one.bGranularity) +
        one.m * one.n * (one.out === 'f32' ? 4 : 2)
      );
    case 'quantize':
      return one.rows * one.cols * 4 + quantizedBytes(one.rows, one.cols, one.format, one.granularity);
    case 'copy':
      return 2 * one.bytes;
    case 'peak':
      return 0;
  }
}

function quantizedBytes(
  rows: number,
  cols: number,
  format: FormatName,
  granularity: GranularityName,
): number {
  const tile = granularityByName(granularity);
  const { scaleRows, scaleCols } = scaleShape(tile, rows, cols);
  const codes = (rows * cols * width(formatByName(format))) / 8;
  return codes + scaleRows * scaleCols * (tile.scaleFormat === 'e8m0' ? 1 : 4);
}
