/**
 * @file A small GEMM, really run: everything that kernels give on the way from values to results is read back.
 *
 * A kernel gives results, not what happens inside. Sums at a point inside K are had by running it on a K that ends
 * there: the instruction's steps and the promotions before that point are the same.
 */

import { type AccumulatePlan, planAccumulation } from '../accumulate/plan.js';
import type { Context } from '../context.js';
import { sample, streamSeed } from '../experiment/data.js';
import type { GemmOptions } from '../gemm/gemm.js';
import { GpuMatrix, GpuQuantizedMatrix } from '../gpu-matrix.js';
import { type Matrix, matrix, toFloat32 } from '../matrix.js';
import { chooseQuantization, type Quantization } from '../quantize/options.js';
import { largestMagnitudes, quantize } from '../quantize/quantize.js';
import { quantizeDispatches, quantizeScratch } from '../quantize/quantize-gpu.js';
import type { QuantizedMatrix } from '../quantize/quantized-matrix.js';
import { quantizeShaders } from '../quantize/shader.js';
import { columns, unscaled } from './columns.js';
import { accumulateOptions, checkSettings, type DataflowSettings, quantizeOptions } from './settings.js';

/** One operand on its way from values to codes. Tiles are counted as scales are. */
export interface RunSide {
  readonly source: Matrix;
  readonly quantization: Quantization;
  /** Codes and scales as the kernels gave them. */
  readonly kernel: QuantizedMatrix;
  /** The same from the oracle. */
  readonly oracle: QuantizedMatrix;
  /** Largest magnitude of each tile. */
  readonly amax: { readonly kernel: Float32Array; readonly oracle: Float32Array };
  /** What a tile's values are multiplied or divided by; from the kernel. */
  readonly factors: Float32Array;
}

/** D at some point: m × n values, row-major. */
export type Outputs = Float32Array;

export interface DataflowRun {
  readonly settings: DataflowSettings;
  readonly plan: AccumulatePlan;
  readonly a: RunSide;
  readonly b: RunSide;
  /** D in f32, before it is rounded to the output's type. */
  readonly sums: Outputs;
  /** D as it was asked for: elements of type `out`. */
  readonly product: Matrix;
  /** The accumulators after the promotion that ends at element `key` of K. */
  readonly promoted: ReadonlyMap<number, Outputs>;
  /** The instruction's unscaled sums of the interval so far, at element `key` of K. */
  readonly partials: ReadonlyMap<number, Outputs>;
}

export interface RunOptions {
  /** Told what is being done, and which share of all is done. */
  readonly progress?: (label: string, share: number) => void;
  readonly signal?: AbortSignal;
}

/** The straightforward emulator: it knows every profile, and compiles in a fraction of the fast one's time. */
const kernel = 'stepwise';
/** Sums are read at most this many times inside K. */
const mostReadings = 64;
/** Sums are read after as many products as this, or a multiple: shorter steps are left to the oracle. */
const leastStride = 16;

/**
 * Runs the dataflow on a context's GPU.
 * @throws ArgumentError for settings that do not fit, the signal's reason once it is aborted
 */
export async function runDataflow(
  context: Context,
  settings: DataflowSettings,
  options: RunOptions = {},
): Promise<DataflowRun> {
  checkSettings(settings);
  const { m, n, k, distribution, seed, out } = settings;
  const { progress, signal } = options;
  const step = (label: string, share: number) => {
    signal?.throwIfAborted();
    progress?.(label, share);
  };

  step('quantising', 0);
  const x = sample(distribution, 'activations', m, k, streamSeed(seed, 0));
  const w = sample(distribution, 'weights', n, k, streamSeed(seed, 1));
  const a = await quantizeSide(context, x, chooseQuantization(quantizeOptions(settings, 'a')));
  const b = await quantizeSide(context, w, chooseQuantization(quantizeOptions(settings, 'b')));

  step('multiplying', 0.2);
  const order = accumulateOptions(settings);
  const plan = planAccumulation(k, a.quantization.granularity, b.quantization.granularity, order);
  const read = async (left: QuantizedMatrix, right: QuantizedMatrix, how: GemmOptions) => {
    const d = await context.gemm(left, right, { ...how, kernel });
    try {
      return await d.read();
    } finally {
      d.dispose();
    }
  };

  const ends = intervalEnds(plan);
  const places = readingPlaces(plan);
  const total = ends.length + places.length;
  const promoted = new Map<number, Outputs>();
  for (const [i, end] of ends.entries()) {
    step('reading accumulators', 0.3 + (0.7 * i) / total);
    promoted.set(end, toFloat32(await read(columns(a.kernel, end), columns(b.kernel, end), order)));
  }
  const partials = new Map<number, Outputs>();
  for (const [i, { start, end }] of places.entries()) {
    step('reading partial sums', 0.3 + (0.7 * (ends.length + i)) / total);
    const [left, right] = [unscaled(a.kernel, start, end), unscaled(b.kernel, start, end)];
    partials.set(end, toFloat32(await read(left, right, { ...order, promote: 'none' })));
  }
  const sums = promoted.get(k) as Outputs;
  const product = out === 'f32' ? matrix(m, n, sums) : await read(a.kernel, b.kernel, { ...order, out });
  step('done', 1);
  return { settings, plan, a, b, sums, product, promoted, partials };
}

/** Where promotion intervals end. */
function intervalEnds({ interval, splits }: AccumulatePlan): number[] {
  const k = splits.at(-1) as number;
  return Array.from({ length: Math.ceil(k / interval) }, (_, i) => Math.min((i + 1) * interval, k));
}

/** Where, inside which interval, the instruction's sums are read: where steps end, but not too often. */
function readingPlaces(plan: AccumulatePlan): { start: number; end: number }[] {
  const k = plan.splits.at(-1) as number;
  const step = Math.min(plan.profile.products, plan.interval);
  const least = Math.max(leastStride, Math.ceil(k / mostReadings));
  const stride = step * Math.ceil(least / step);
  return intervalEnds(plan).flatMap((last, i) => {
    const start = i * plan.interval;
    const count = Math.ceil((last - start) / stride);
    return Array.from({ length: count }, (_, j) => ({
      start,
      end: Math.min(start + (j + 1) * stride, last),
    }));
  });
}

/** Quantises on the GPU, in the shaders' three steps, and reads what each leaves. */
async function quantizeSide({ gpu }: Context, source: Matrix, quantization: Quantization): Promise<RunSide> {
  const { format, granularity } = quantization;
  const { rows, cols } = source;
  const owned: { dispose(): void }[] = [];
  try {
    const { input, target, scratch } = await gpu.guard('making room for a dataflow', async () => {
      const input = GpuMatrix.upload(gpu, source, 'values');
      owned.push(input);
      const target = GpuQuantizedMatrix.create(gpu, rows, cols, format, granularity);
      owned.push(target);
      const scratch = quantizeScratch(gpu, target);
      owned.push({ dispose: () => scratch.amax.destroy() }, { dispose: () => scratch.factors.destroy() });
      return { input, target, scratch };
    });
    const { amax } = quantizeShaders(quantization, source.dtype);
    const dispatches = quantizeDispatches(input, target, scratch, quantization);
    const first = dispatches.filter(({ shader }) => shader.label === amax.label);
    const rest = dispatches.filter((dispatch) => !first.includes(dispatch));
    const bytes = target.scaleRows * target.scaleCols * 4;
    await gpu.run('largest magnitudes', first);
    // The shader of the scales leaves zeros behind.
    const largest = new Float32Array(await gpu.read(scratch.amax, bytes));
    await gpu.run('scales and codes', rest);
    return {
      source,
      quantization,
      kernel: await target.read(),
      oracle: quantize(source, { format, granularity, ...scalingOptions(quantization) }),
      amax: { kernel: largest, oracle: largestMagnitudes(toFloat32(source), rows, cols, granularity) },
      factors: new Float32Array(await gpu.read(scratch.factors, bytes)),
    };
  } finally {
    for (const one of owned) one.dispose();
  }
}

function scalingOptions({ scaling }: Quantization) {
  return { dialect: scaling.dialect.name, powerOfTwo: scaling.powerOfTwo };
}
