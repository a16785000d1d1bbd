/** @file What traffic is counted for: a product, its types, and the tiles it is computed in. */

import { ArgumentError, requireCount } from '../errors.js';
import { type Format, width } from '../format/format.js';
import { asFormat, type FormatName } from '../format/formats.js';
import { type Dtype, dtypes } from '../matrix.js';
import { asGranularity, type Granularity, type GranularityName } from '../quantize/granularity.js';

/** What a user may say; everything but the shape has a default. */
export interface TrafficOptions {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** Type of the activations before they are cast. Default bf16. */
  readonly aType?: Dtype;
  /** Default e4m3. */
  readonly formatA?: Format | FormatName;
  /** Default e4m3. */
  readonly formatB?: Format | FormatName;
  /** Default 1x128. */
  readonly granularityA?: Granularity | GranularityName;
  /** Default 128x128. */
  readonly granularityB?: Granularity | GranularityName;
  /** Default bf16. */
  readonly out?: Dtype;
  /** Rows, columns and depth (along K) of a workgroup's tile. Default 128 × 128 × 64. */
  readonly tile?: readonly [rows: number, cols: number, depth: number];
  /**
   * Rows and columns of D that share what is read from workgroup memory: a matrix unit's, a thread's. Default 64 × 64.
   */
  readonly fragment?: readonly [rows: number, cols: number];
  /** How operands lie in workgroup memory: as codes, or decoded to 2 or 4 bytes. Default codes. */
  readonly stored?: Stored;
  /** Elements of K between promotions. Default 128, or the width of a narrower scale tile. */
  readonly interval?: number;
}

export const storedForms = ['codes', 'f16', 'f32'] as const;
export type Stored = (typeof storedForms)[number];

/** One operand of the product. */
export interface TrafficOperand {
  readonly rows: number;
  readonly format: Format;
  readonly granularity: Granularity;
  /** Bytes of a code, 0.5 for four bits. */
  readonly codeBytes: number;
  readonly scaleBytes: number;
  /** Bytes of an element in workgroup memory. */
  readonly storedBytes: number;
}

export interface TrafficProblem {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly valueBytes: number;
  readonly outBytes: number;
  readonly out: Dtype;
  readonly a: TrafficOperand;
  readonly b: TrafficOperand;
  readonly stored: Stored;
  readonly tile: { readonly rows: number; readonly cols: number; readonly depth: number };
  readonly fragment: { readonly rows: number; readonly cols: number };
  readonly interval: number;
}

/** With sides of at most these, bytes are whole numbers that a double holds, and they are counted in no time. */
const longestSide = 2 ** 24;

/**
 * Checks options and fills in defaults.
 * @throws ArgumentError naming the option that does not fit
 */
export function trafficProblem(options: TrafficOptions): TrafficProblem {
  const { m, n, k, aType = 'bf16', out = 'bf16', stored = 'codes' } = options;
  for (const [name, value] of Object.entries({ m, n, k })) {
    requireCount(name, value);
    if (value > longestSide) throw new ArgumentError(name, value, `a whole number of at most ${longestSide}`);
  }
  for (const [name, value] of Object.entries({ aType, out }))
    if (!dtypes.includes(value)) throw new ArgumentError(name, value, dtypes.join(', '));
  if (!storedForms.includes(stored)) throw new ArgumentError('stored', stored, storedForms.join(', '));
  const [rows, cols, depth] = options.tile ?? [128, 128, 64];
  const [fragmentRows, fragmentCols] = options.fragment ?? [64, 64];
  const sides = { 'tile rows': rows, 'tile columns': cols, 'tile depth': depth };
  for (const [name, value] of Object.entries(sides)) requireCount(name, value);
  requireWithin('fragment rows', fragmentRows, rows);
  requireWithin('fragment columns', fragmentCols, cols);

  const a = operand(m, options.formatA ?? 'e4m3', options.granularityA ?? '1x128', stored);
  const b = operand(n, options.formatB ?? 'e4m3', options.granularityB ?? '128x128', stored);
  const narrowest = Math.min(a.granularity.tileCols, b.granularity.tileCols);
  const interval = options.interval ?? Math.min(128, narrowest);
  requireCount('interval', interval);
  if (interval > narrowest)
    throw new ArgumentError('interval', interval, `at most ${narrowest}, the width of a scale tile`);
  return {
    m,
    n,
    k,
    valueBytes: bytesOf(aType),
    outBytes: bytesOf(out),
    out,
    a,
    b,
    stored,
    tile: { rows, cols, depth },
    fragment: { rows: fragmentRows, cols: fragmentCols },
    interval,
  };
}

function requireWithin(name: string, value: number, most: number): void {
  requireCount(name, value);
  if (value > most) throw new ArgumentError(name, value, `at most the tile's ${most}`);
}

function operand(
  rows: number,
  formatOption: Format | FormatName,
  granularityOption: Granularity | GranularityName,
  stored: Stored,
): TrafficOperand {
  const format = asFormat(formatOption);
  const granularity = asGranularity(granularityOption);
  const codeBytes = width(format) / 8;
  return {
    rows,
    format,
    granularity,
    codeBytes,
    scaleBytes: granularity.scaleFormat === 'e8m0' ? 1 : 4,
    storedBytes: stored === 'codes' ? codeBytes : bytesOf(stored),
  };
}

function bytesOf(dtype: Dtype): number {
  return dtype === 'f32' ? 4 : 2;
}
