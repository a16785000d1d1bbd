/**
 * @file Sums as a matrix instruction rounds them: the fast emulator against the straightforward one in masses of
 * random dot products, and both against the oracle in samples and for every pair of codes.
 */

import type { AccumulateOptions } from '../accumulate/plan.js';
import { customProfile, type Profile, profiles } from '../accumulate/profile.js';
import { tensorCoreNaN } from '../accumulate/step.js';
import { f32Bits } from '../arithmetic/f32.js';
import { type FormatName, formats } from '../format/formats.js';
import { resolveAccumulation } from '../gemm/accumulation.js';
import { sampleOutputs } from '../gemm/check.js';
import { type EmulatedOutputs, emulatedOutputs } from '../gemm/emulated/reference.js';
import { gemmProblem } from '../gemm/problem.js';
import { emulators, obstacle } from '../gemm/registry.js';
import type { Gpu } from '../gpu/gpu.js';
import { QuantizedMatrix } from '../quantize/quantized-matrix.js';
import { type Check, hex, Tally } from './check.js';
import { multiplyEach } from './gemm.js';
import { randomCodes } from './random-codes.js';

type FormatPair = readonly [a: FormatName, b: FormatName];

/** What is compiled anew: few, because a software adapter compiles each for seconds. */
interface Setting {
  readonly formats: FormatPair;
  readonly accumulator: Profile;
  readonly promotion: NonNullable<AccumulateOptions['promotion']>;
  /** Whether a long K is added up in two parts. */
  readonly split: boolean;
}

/** Emulations that the fast emulator can do. */
function settings(): Setting[] {
  const { 'hopper-wgmma': hopper, 'ada-mma': ada } = profiles;
  return [
    { formats: ['e4m3', 'e4m3'], accumulator: hopper, promotion: 'fused', split: false },
    { formats: ['e5m2', 'e5m2'], accumulator: hopper, promotion: 'transformer-engine', split: true },
    { formats: ['e4m3', 'e5m2'], accumulator: ada, promotion: 'fused', split: false },
    { formats: ['e5m2', 'e4m3'], accumulator: customProfile(8, 10, 7), promotion: 'fused', split: false },
  ];
}

/** Lengths of K and promotions that all settings are tried with; without a promotion, block scales decide it. */
const orders: readonly { readonly k: number; readonly promote?: number | 'none' }[] = [
  { k: 128, promote: 'none' },
  { k: 2048 },
  { k: 32, promote: 'none' },
  { k: 416, promote: 32 },
  { k: 3072, promote: 'none' },
  { k: 96, promote: 64 },
  { k: 640, promote: 512 },
];

/** The most rows and columns of a product: 2^22 dot products, 16 MiB of results. */
const largestSide = 2048;

/** Outputs of a product that the oracle computes too. */
const samples = 64;

/** The formats of every pair of codes. */
const pairFormats: readonly FormatPair[] = [
  ['e4m3', 'e4m3'],
  ['e5m2', 'e5m2'],
  ['e4m3', 'e5m2'],
];

/** @param count random dot products, at least */
export function accumulatorChecks(count: number): Check[] {
  return [dotProductsCheck(count), ...Object.values(profiles).map((profile) => codePairsCheck(profile))];
}

/** Compares at least `count` random dot products, in products of square shape: seven, or as many as are needed. */
export function dotProductsCheck(count: number): Check {
  const side = Math.min(largestSide, Math.ceil(Math.sqrt(count / orders.length)));
  const rounds = Math.ceil(count / side ** 2);
  return {
    name: 'accumulator, random dot products',
    steps: rounds,
    async run(gpu, tick) {
      const tally = new Tally();
      const reasons = new Set<string>();
      for (let round = 0; round < rounds; round++) {
        await compareRound(gpu, round, side, tally, reasons);
        tick();
      }
      const covered = `${(rounds * side ** 2).toLocaleString('en')} dot products of up to 3072 products`;
      return tally.outcome([covered, ...reasons].join('; '));
    },
  };
}

async function compareRound(
  gpu: Gpu,
  round: number,
  side: number,
  tally: Tally,
  reasons: Set<string>,
): Promise<void> {
  const all = settings();
  const setting = all[Math.floor(round / orders.length) % all.length] as Setting;
  const { k, promote } = orders[round % orders.length] as (typeof orders)[number];
  const { accumulator, promotion, split } = setting;
  const options: AccumulateOptions = {
    accumulator,
    promotion,
    ...(promote === undefined ? {} : { promote }),
    splitK: split && k >= 512 ? 2 : 1,
  };
  const operand = (index: 0 | 1) =>
    randomCodes(side, k, {
      format: formats[setting.formats[index]],
      granularity: promote === undefined ? (['1x128', '128x128'] as const)[index] : 'tensor',
      seed: 2 * round + index + 16,
      // Not always: a NaN hides all else in its row or column.
      specials: round % 2 === 1,
    });
  const [a, b] = [operand(0), operand(1)];
  const { names, words } = await emulate(gpu, a, b, options, reasons);
  const what = `${k} ${setting.formats.join(' x ')} products, ${accumulator.name}, promoted ${promote ?? 'by scales'}, ${promotion}`;
  const [first, ...others] = words;
  const place = (i: number) => `(${Math.floor(i / side)}, ${i % side}) of round ${round} (${what})`;
  if (!first) return;
  others.forEach((other, i) => {
    tally.countAll(
      first,
      other,
      (at) =>
        `${place(at)} is ${hex(first[at] as number)} by ${names[0]}, ${hex(other[at] as number)} by ${names[i + 1]}`,
    );
  });
  const outputs = emulatedOutputs(a, b, options);
  for (const [row, col] of sampleOutputs(side, side, samples)) {
    const wanted = outputBits(outputs, row, col);
    const at = row * side + col;
    words.forEach((actual, i) => {
      tally.count(
        actual[at] === wanted,
        () => `${place(at)} is ${hex(actual[at] as number)} by ${names[i]}, not ${hex(wanted)}`,
      );
    });
  }
}

/** Compares every product of two codes, alone in a dot product of 32, with the oracle: every emulator. */
export function codePairsCheck(profile: Profile, pairs: readonly FormatPair[] = pairFormats): Check {
  return {
    name: `accumulator, every pair of codes, ${profile.name}`,
    steps: pairs.length,
    async run(gpu, tick) {
      const tally = new Tally();
      const reasons = new Set<string>();
      for (const pair of pairs) {
        const [a, b] = [everyCode(pair[0]), everyCode(pair[1])];
        const options = { accumulator: profile };
        const { names, words } = await emulate(gpu, a, b, options, reasons);
        const outputs = emulatedOutputs(a, b, options);
        const wanted = Uint32Array.from({ length: a.rows * b.rows }, (_, i) =>
          outputBits(outputs, Math.floor(i / b.rows), i % b.rows),
        );
        words.forEach((actual, i) => {
          tally.countAll(actual, wanted, (at) => {
            const codes = `${hex(Math.floor(at / b.rows))} of ${pair[0]} and ${hex(at % b.rows)} of ${pair[1]}`;
            return `${codes} give ${hex(actual[at] as number)} by ${names[i]}, not ${hex(wanted[at] as number)}`;
          });
        });
        tick();
      }
      const covered = `every product of ${pairs.map((pair) => pair.join(' and ')).join(', ')}`;
      return tally.outcome([covered, ...reasons].join('; '));
    },
  };
}

/** A row for each code, which is its first element; the others are zero. */
function everyCode(format: FormatName): QuantizedMatrix {
  const [rows, cols] = [256, 32];
  const codes = new Uint8Array(rows * cols);
  for (let row = 0; row < rows; row++) codes[row * cols] = row;
  return new QuantizedMatrix(rows, cols, format, 'tensor', codes, Float32Array.of(1));
}

/** The product's f32 bits by every emulator that can compute it here; `reasons` gets why others cannot. */
async function emulate(
  gpu: Gpu,
  a: QuantizedMatrix,
  b: QuantizedMatrix,
  options: AccumulateOptions,
  reasons: Set<string>,
) {
  const problem = gemmProblem(a, b, undefined, 'f32');
  const accumulation = await resolveAccumulation(gpu, problem, options);
  const able = emulators.filter((emulator) => {
    const reason = obstacle(gpu, emulator, { ...problem, accumulation });
    if (reason !== undefined) reasons.add(`not by ${emulator.name}: ${reason}`);
    return reason === undefined;
  });
  const names = able.map(({ name }) => name);
  const ways = names.map((kernel) => ({ ...options, kernel }));
  const products = await multiplyEach(gpu, a, b, ways);
  const words = products.map(({ data }) => new Uint32Array(data.buffer, data.byteOffset, data.length));
  return { names, words };
}

/** The oracle's f32 bits, NaNs as tensor cores write them. */
function outputBits(outputs: EmulatedOutputs, row: number, col: number): number {
  const value = outputs.at(row, col);
  return Number.isNaN(value) ? tensorCoreNaN : f32Bits(value);
}
