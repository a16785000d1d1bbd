/**
 * @file Every f32 there is, encoded on the GPU by the shader that every conversion uses, against the oracle.
 *
 * The patterns are written on the GPU, so that only codes cross to the CPU. The oracle is evaluated at the
 * patterns where its code changes (step-table.ts), so that comparing a slice is one loop over its codes; it
 * runs while the GPU works on the next slice.
 */

import iotaWgsl from '../../shaders/format/iota.wgsl?raw';
import { ArgumentError, requireCount } from '../errors.js';
import { convertDispatch, convertShader } from '../format/convert.js';
import { type Overflow, requireRules } from '../format/encode.js';
import { type Format, width } from '../format/format.js';
import { type Codes, packedWords, unpack } from '../format/pack.js';
import { type Dispatch, type Gpu, grid } from '../gpu/gpu.js';
import type { Shader } from '../gpu/shader.js';
import { patternCount, type Step, stepTable } from './step-table.js';

/** Patterns encoded at a time: 64 MiB of f32 bits, within WebGPU's default limit of 128 MiB for a binding. */
const defaultSlice = 2 ** 24;

/** As in iota.wgsl. */
const iotaPerWorkgroup = 1024;

/** Mismatches that are kept; all are counted. */
const keptMismatches = 10;

export interface ExhaustiveOptions {
  /** First bit pattern. Default 0. */
  readonly from?: number;
  /** Patterns to encode. Default: all from `from` on, 2^32 of them. */
  readonly count?: number;
  /** Patterns encoded at a time, default 2^24. */
  readonly slice?: number;
  /** Called after each slice. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** An f32, the code the GPU gave it and the code it has. */
export interface Mismatch {
  readonly bits: number;
  readonly got: number;
  readonly expected: number;
}

export interface ExhaustiveResult {
  /** Patterns compared. */
  readonly checked: number;
  /** Patterns with another code than the oracle's. */
  readonly mismatches: number;
  /** The first of them, at most ten. */
  readonly first: readonly Mismatch[];
}

/** The shader that writes consecutive patterns. */
export const iotaShader: Shader = { label: 'consecutive f32 bits', files: [iotaWgsl], constants: {} };

/**
 * Encodes f32 bit patterns to nearest even on the GPU and compares every code with the oracle's.
 * @throws ArgumentError if the range is not within the 2^32 patterns, or what `Gpu.run` and `Gpu.read` throw
 */
export async function exhaustiveEncode(
  gpu: Gpu,
  format: Format,
  overflow: Overflow,
  options: ExhaustiveOptions = {},
): Promise<ExhaustiveResult> {
  const { from = 0, count = patternCount - from, slice = defaultSlice, onProgress } = options;
  requireRules('nearest-even', overflow);
  requireCount('from', from, 0);
  requireCount('count', count);
  requireCount('slice', slice);
  if (from + count > patternCount)
    throw new ArgumentError('count', count, `at most 2^32 - from = ${patternCount - from}`);

  const steps = stepTable(format, overflow);
  const shader = convertShader(format, 'encode', 'nearest-even', overflow);
  const length = Math.min(slice, count);
  const buffers = await gpu.allocate(`making room for ${length} values and codes`, [
    () => gpu.buffer('patterns', length * 4),
    () => gpu.buffer('codes', packedWords(format, length) * 4),
    () => gpu.buffer('random', 4),
  ]);
  const [values, codes] = buffers as [GPUBuffer, GPUBuffer, GPUBuffer];
  const end = from + count;
  const lengthAt = (start: number) => Math.min(length, end - start);
  const submit = (start: number) =>
    gpu.run(`encoding every f32 into ${format.name}`, [
      iotaDispatch(values, start, lengthAt(start)),
      convertDispatch(shader, buffers, lengthAt(start)),
    ]);

  const tally = { checked: 0, mismatches: 0, first: [] as Mismatch[] };
  try {
    await submit(from);
    for (let start = from; start < end; start += length) {
      const patterns = lengthAt(start);
      const words = new Uint32Array(await gpu.read(codes, packedWords(format, patterns) * 4));
      // Submitted, not waited for: the GPU works on it during the comparison.
      if (start + length < end) await submit(start + length);
      compare(start, codesOf(format, words, patterns), steps, tally);
      onProgress?.(tally.checked, count);
    }
  } finally {
    for (const buffer of buffers) buffer.destroy();
  }
  return tally;
}

function iotaDispatch(values: GPUBuffer, first: number, count: number): Dispatch {
  const workgroups = grid(Math.ceil(count / iotaPerWorkgroup));
  return { shader: iotaShader, buffers: [values], params: [first, count], workgroups, operations: count };
}

/** Codes one to an element; 8- and 16-bit codes already are, where words are little-endian as WebGPU has them. */
function codesOf(format: Format, words: Uint32Array, count: number): Codes {
  switch (width(format)) {
    case 8:
      return new Uint8Array(words.buffer, 0, count);
    case 16:
      return new Uint16Array(words.buffer, 0, count);
    default:
      return unpack(format, words, count);
  }
}

/** Compares the codes of the patterns from `first` on, step by step. */
function compare(
  first: number,
  codes: Codes,
  steps: readonly Step[],
  tally: { checked: number; mismatches: number; first: Mismatch[] },
): void {
  const end = first + codes.length;
  for (let s = 0; s < steps.length; s++) {
    const { start, code } = steps[s] as Step;
    const from = Math.max(start, first) - first;
    const to = Math.min(steps[s + 1]?.start ?? patternCount, end) - first;
    for (let i = from; i < to; i++) {
      if (codes[i] === code) continue;
      tally.mismatches++;
      if (tally.first.length < keptMismatches)
        tally.first.push({ bits: first + i, got: codes[i] as number, expected: code });
    }
  }
  tally.checked += codes.length;
}
