/** @file What a benchmark measures: cases, their names, and what they compute and move. */

import type { AccumulateOptions } from '../src/accumulate/plan.js';
import type { ProfileName } from '../src/accumulate/profile.js';
import type { Distribution } from '../src/experiment/data.js';
import { width } from '../src/format/format.js';
import { type FormatName, formatByName } from '../src/format/formats.js';
import { type GemmProblem, gemmProblem } from '../src/gemm/problem.js';
import type { Dtype } from '../src/matrix.js';
import type { DialectName } from '../src/quantize/dialect.js';
import { type GranularityName, granularityByName, scaleShape } from '../src/quantize/granularity.js';
import { chooseQuantization } from '../src/quantize/options.js';
import { quantizedTraits } from '../src/quantize/traits.js';
import { randomWords } from '../src/verify/random.js';
import { peakOperations } from './peak.js';

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
  /** Whether scales of f32 are rounded up to powers of two. Default not. */
  readonly powerOfTwo?: true;
  /** Whether halves of B are kept, so that products decode A alone: keepHalves(). Default not. */
  readonly keepsB?: true;
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

export const groupings = ['rows', 'masked', 'k'] as const;

/** Products of several groups in one dispatch, e4m3 by e4m3: as Groups of src/gemm/grouped.ts. */
export interface GroupedCase {
  readonly kind: 'grouped';
  readonly grouping: (typeof groupings)[number];
  readonly groups: number;
  /** Rows of each group, elements of K where K is divided; of masked groups about so many of their room. */
  readonly size: number;
  /** Room for rows in a masked group; elsewhere `size`. */
  readonly capacity: number;
  readonly n: number;
  /** K, or M where K is divided. */
  readonly other: number;
  readonly out: Dtype;
}

export const casts = ['fused', 'pass', 'separate'] as const;

const castNames = {
  fused: 'fused cast',
  pass: 'cast in the pass that makes halves',
  separate: 'separate cast',
} as const;

/** f32 values quantised to e4m3 in 1×128 tiles and multiplied by weights in 128×128 blocks. */
export interface CastCase {
  readonly kind: 'cast';
  /**
   * In the product itself, in the pass that makes halves for matrix units, or in a pass of its own; the first and the
   * last as dataflows have them.
   */
  readonly cast: (typeof casts)[number];
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly out: Dtype;
}

export type BenchCase = GemmCase | QuantizeCase | CopyCase | PeakCase | GroupedCase | CastCase;

/** What is computed, and its size. */
export function caseShape(one: BenchCase): string {
  switch (one.kind) {
    case 'gemm':
      return `gemm ${one.m}x${one.n}x${one.k}`;
    case 'quantize':
      return `quantize ${one.rows}x${one.cols}`;
    case 'grouped': {
      const { groups, size, n, other } = one;
      return `grouped ${groups} of ${one.grouping === 'k' ? `${other}x${n}x${size}` : `${size}x${n}x${other}`}`;
    }
    case 'cast':
      return `cast ${one.m}x${one.n}x${one.k}`;
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
      const { aFormat, bFormat, dialect, powerOfTwo, keepsB, distribution, accumulator, promote } = one;
      return [
        `${aFormat} ${one.aGranularity} by ${bFormat === aFormat ? '' : `${bFormat} `}${one.bGranularity} to ${one.out}`,
        ...(dialect === undefined ? [] : [`dialect ${dialect}`]),
        ...(powerOfTwo ? ['power-of-two scales'] : []),
        ...(keepsB ? ['halves of B kept'] : []),
        ...(distribution === undefined || distribution === 'normal' ? [] : [`${distribution} data`]),
        ...(accumulator === undefined ? [] : [accumulator]),
        ...(promote === undefined ? [] : [promote === 'none' ? 'not promoted' : `promoted every ${promote}`]),
      ].join(', ');
    }
    case 'quantize':
      return `f32 to ${one.format} ${one.granularity}`;
    case 'grouped': {
      const room = one.grouping === 'masked' ? `, about so many rows of ${one.capacity}` : '';
      return `e4m3, groups of ${one.grouping === 'k' ? 'K' : 'rows'}${room}, to ${one.out}`;
    }
    case 'cast':
      return `f32 to e4m3 1x128 by 128x128 to ${one.out}, ${castNames[one.cast]}`;
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
  const { dialect, powerOfTwo } = one;
  const traits = (format: FormatName, granularity: GranularityName) =>
    powerOfTwo
      ? quantizedTraits(chooseQuantization({ format, granularity, powerOfTwo, ...(dialect && { dialect }) }))
      : // Operands are quantised.
        { scaleTellsNaN: true };
  const side = (rows: number, format: FormatName, granularity: GranularityName) => ({
    rows,
    cols: one.k,
    format: formatByName(format),
    granularity: granularityByName(granularity),
    ...traits(format, granularity),
  });
  const a = side(one.m, one.aFormat, one.aGranularity);
  const b = side(one.n, one.bFormat, one.bGranularity);
  return gemmProblem(a, b, undefined, one.out);
}

/** Of each group: rows that are there, or elements of K. Masked ones are uneven, 0.7 to 1.3 times the size. */
export function groupSizes({ grouping, groups, size, capacity }: GroupedCase): number[] {
  return Array.from({ length: groups }, (_, group) => {
    if (grouping !== 'masked') return size;
    const lot = (randomWords(group, 1)[0] as number) / 2 ** 32;
    return Math.min(Math.floor(size * (0.7 + 0.6 * lot)), capacity);
  });
}

/** Arithmetic operations of a case: 2·M·N·K for a product, none to speak of for quantising and copying. */
export function caseOperations(one: BenchCase): number {
  switch (one.kind) {
    case 'gemm':
    case 'cast':
      return 2 * one.m * one.n * one.k;
    case 'grouped':
      return 2 * one.n * one.other * total(groupSizes(one));
    case 'peak':
      return peakOperations(one);
    default:
      return 0;
  }
}

function total(sizes: readonly number[]): number {
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Bytes that must move between memory and the GPU: every input once, every output once, without padding. */
export function caseBytes(one: BenchCase): number {
  switch (one.kind) {
    case 'gemm':
      return (
        quantizedBytes(one.m, one.k, one.aFormat, one.aGranularity) +
        // Of a B that is kept halves are read, and no codes.
        (one.keepsB ? 2 * one.n * one.k : quantizedBytes(one.n, one.k, one.bFormat, one.bGranularity)) +
        one.m * one.n * elementBytes(one.out)
      );
    case 'grouped': {
      const { grouping, groups, n, other, out } = one;
      const sum = total(groupSizes(one));
      const [m, k] = grouping === 'k' ? [other, sum] : [sum, other];
      const weights =
        grouping === 'k'
          ? quantizedBytes(n, k, 'e4m3', '1x128')
          : groups * quantizedBytes(n, k, 'e4m3', '128x128');
      const products = (grouping === 'k' ? groups : 1) * m * n;
      return quantizedBytes(m, k, 'e4m3', '1x128') + weights + products * elementBytes(out);
    }
    // Values in, D out; what lies between is the cast's to save.
    case 'cast':
      return (
        one.m * one.k * 4 +
        quantizedBytes(one.n, one.k, 'e4m3', '128x128') +
        one.m * one.n * elementBytes(one.out)
      );
    case 'quantize':
      return one.rows * one.cols * 4 + quantizedBytes(one.rows, one.cols, one.format, one.granularity);
    case 'copy':
      return 2 * one.bytes;
    case 'peak':
      return 0;
  }
}

function elementBytes(dtype: Dtype): number {
  return dtype === 'f32' ? 4 : 2;
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
