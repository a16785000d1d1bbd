/** @file The error of an accumulator against K, point by point: the accumulator explorer's work. */

import { planAccumulation } from '../accumulate/plan.js';
import { type Profile, profiles } from '../accumulate/profile.js';
import type { Context } from '../context.js';
import { exactResults, type SumErrors, sumErrors } from '../experiment/accumulator-error.js';
import { type Distribution, distributions, largestSeed, sample, streamSeed } from '../experiment/data.js';
import { quantized } from '../experiment/subject.js';
import { granularityByName } from '../quantize/granularity.js';
import type { QuantizedMatrix } from '../quantize/quantized-matrix.js';
import { unscaled } from './columns.js';
import { choice, type Fields, whole } from './link.js';
import { accumulatorNames, profileOf } from './settings.js';

/** What is computed: outputs × outputs results for each K, a power of two, up to the longest. */
export interface CurveSettings {
  readonly distribution: Distribution;
  readonly accumulator: (typeof accumulatorNames)[number];
  /** Of the accumulator `custom`. */
  readonly products: number;
  readonly fractionBits: number;
  readonly outputBits: number;
  /** Elements of K between promotions, of the curve that promotes. */
  readonly interval: number;
  readonly outputs: number;
  readonly longest: number;
  readonly seed: number;
}

export const intervals = [32, 64, 128, 256, 512] as const;
export const lengths = [512, 1024, 2048, 4096, 8192, 16384] as const;

export const defaultCurve: CurveSettings = {
  distribution: 'normal',
  accumulator: 'hopper-wgmma',
  products: 32,
  fractionBits: 13,
  outputBits: 13,
  interval: 128,
  outputs: 16,
  longest: 4096,
  seed: 1,
};

/** One of a few whole numbers. */
function oneOf(allowed: readonly number[]) {
  const names = choice(allowed.map(String));
  return { parse: (text: string, name: string) => Number(names.parse(text, name)), write: String };
}

export const curveFields: Fields<CurveSettings> = {
  distribution: choice(distributions),
  accumulator: choice(accumulatorNames),
  products: whole(1, 128),
  fractionBits: whole(1, 25),
  outputBits: whole(1, 23),
  interval: oneOf(intervals),
  outputs: whole(2, 64),
  longest: oneOf(lengths),
  seed: whole(0, largestSeed),
};

/** @throws ArgumentError for a profile that does not exist, or where promotion would cut its steps */
export function checkCurve(settings: CurveSettings): void {
  const { interval: promote, longest } = settings;
  const tensor = granularityByName('tensor');
  planAccumulation(longest, tensor, tensor, { accumulator: profileOf(settings), promote });
}

/** The curves, in their order. */
export const curveNames = ['unpromoted', 'promoted', 'f32'] as const;
export type CurveName = (typeof curveNames)[number];

/** Errors at one K. Promotion has none where the interval takes in all of K: it is then the unpromoted sum. */
export interface CurvePoint {
  readonly k: number;
  readonly errors: Readonly<Partial<Record<CurveName, SumErrors>>>;
}

export interface CurveOptions {
  readonly onPoint: (point: CurvePoint) => void;
  /** Told which share of the work is done, and what comes next. */
  readonly onProgress: (share: number, label: string) => void;
  readonly signal: AbortSignal;
}

/** The shortest K. */
const shortest = 128;

/** The K of the points. */
export function curveLengths({ longest }: Pick<CurveSettings, 'longest'>): number[] {
  const count = Math.log2(longest / shortest) + 1;
  return Array.from({ length: count }, (_, i) => shortest * 2 ** i);
}

/**
 * Measures the curves, from the shortest K to the longest. Operands are e4m3 codes as quantisation with a scale for
 * each 1x128 tile makes them, the scales then taken as 1, and each result is compared with the exact sum of the same
 * products: quantisation has no part in these errors. A shorter K is the beginning of a longer one.
 * @throws the signal's reason once it is aborted
 */
export async function measureCurve(
  context: Context,
  settings: CurveSettings,
  { onPoint, onProgress, signal }: CurveOptions,
): Promise<void> {
  const { distribution, outputs, longest, seed } = settings;
  const ks = curveLengths(settings);
  const all = ks.reduce((sum, k) => sum + k, 0);
  onProgress(0, 'drawing and quantising the operands');
  const operand = (side: 'activations' | 'weights', stream: number) =>
    quantized(context, sample(distribution, side, outputs, longest, streamSeed(seed, stream)), {
      format: 'e4m3',
      granularity: '1x128',
    });
  const [a, b] = [await operand('activations', 0), await operand('weights', 1)];
  let done = 0;
  for (const k of ks) {
    signal.throwIfAborted();
    onProgress(done / all, `K = ${k}`);
    onPoint({
      k,
      errors: await measurePoint(context, settings, unscaled(a, 0, k), unscaled(b, 0, k), signal),
    });
    done += k;
  }
  onProgress(1, 'done');
}

async function measurePoint(
  context: Context,
  settings: CurveSettings,
  left: QuantizedMatrix,
  right: QuantizedMatrix,
  signal: AbortSignal,
): Promise<CurvePoint['errors']> {
  // The straightforward emulator compiles in a fraction of the fast one's time, which counts most without a GPU.
  const kernel = context.adapter.kind === 'software' ? 'stepwise' : 'auto';
  const { interval } = settings;
  const own = profileOf(settings);
  const reference = exactResults(left, right);
  const a = await context.upload(left);
  try {
    const b = await context.upload(right);
    try {
      const measure = async (accumulator: Profile, promote: number | 'none') => {
        signal.throwIfAborted();
        return sumErrors(context, a, b, reference, { accumulator, promote, kernel });
      };
      return {
        unpromoted: await measure(own, 'none'),
        ...(interval < left.cols ? { promoted: await measure(own, interval) } : {}),
        f32: await measure(profiles.f32, 'none'),
      };
    } finally {
      b.dispose();
    }
  } finally {
    a.dispose();
  }
}
