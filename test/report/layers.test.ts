import { afterAll, beforeAll, expect, test } from 'vitest';
import { Context } from '../../src/context.js';
import { chooseAdapter } from '../../src/gpu/choose.js';
import { Gpu } from '../../src/gpu/gpu.js';
import { softwareSource } from '../../src/gpu/software.js';
import { matrix, toFloat32 } from '../../src/matrix.js';
import { quantize } from '../../src/quantize/quantize.js';
import type { Scheme } from '../../src/report/data.js';
import { type Activations, type Encoder, encode, type Linear } from '../../src/report/encoder.js';
import { withFp8Layers } from '../../src/report/fp8-layer.js';
import {
  type LayerTrace,
  layerSteps,
  measureLayers,
  resultOf,
  schemes,
  traceInF64,
} from '../../src/report/layers.js';
import { applyInF64, finish, multiplyInF64 } from '../../src/report/linear.js';
import { calcDiff, cosine, sqnr } from '../../src/report/metrics.js';
import { formatSteps, measureFormats, measureOutliers, outlierSteps } from '../../src/report/scaling.js';
import { dequantizeInF64 } from '../../src/report/statistics.js';
import { randomMatrix } from '../../src/verify/random.js';

let context: Context;
beforeAll(async () => {
  context = new Context(await Gpu.open(await chooseAdapter([softwareSource], 'software')));
});
afterAll(() => context.dispose());

/** N(0, 1), every seventh value five times as large. */
function values(rows: number, cols: number, seed: number): Float32Array {
  return toFloat32(randomMatrix(rows, cols, seed, 'normal')).map((v, i) => (i % 7 === 0 ? 5 * v : v));
}

function linear(name: string, n: number, k: number, activation: Linear['activation'] = 'none'): Linear {
  const seed = n + k + name.length;
  // Weights of this size keep the sums near 1, as those of a trained layer do.
  const weight = values(n, k, seed).map((v) => v / Math.sqrt(4 * k));
  return { name, weight: matrix(n, k, weight), bias: values(1, n, seed + 1), activation };
}

/** A layer on the CPU: the oracle's codes, what they stand for, and the f64 output of that. */
function codesInF64(layer: Linear, input: Activations, scheme: Scheme) {
  const { rows: n, cols: k } = layer.weight;
  const a = quantize(matrix(input.rows, k, Float32Array.from(input.data)), {
    granularity: scheme.activations,
  });
  const b = quantize(layer.weight, { granularity: scheme.weights });
  const [x, w] = [dequantizeInF64(a), dequantizeInF64(b)];
  return { a, b, x, w, outputs: finish(layer, multiplyInF64(x, w, input.rows, n, k)) };
}

/** An encoder of the real graph with small layers. */
function smallEncoder(): Encoder {
  const norm = (width: number, seed: number) => ({
    gain: values(1, width, seed),
    shift: values(1, width, seed + 1),
  });
  const layer = (index: number, inputs: number) => ({
    attentionNorm: norm(inputs, 10 + index),
    value: linear(`layer ${index} value`, inputs, inputs),
    attentionOutput: linear(`layer ${index} attention output`, 48, inputs),
    ...(index === 0 && { dense: linear('layer 0 dense', 48, inputs) }),
    feedForwardNorm: norm(48, 20 + index),
    feedForwardIn: linear(`layer ${index} feed-forward in`, 80, 48, 'relu'),
    feedForwardOut: linear(`layer ${index} feed-forward out`, 48, 80),
  });
  return {
    tokens: 40,
    table: values(40, 32, 3),
    layers: [layer(0, 32), layer(1, 48)],
    hidden: linear('hidden', 48, 48, 'tanh'),
    normEpsilon: 1e-6,
  };
}

for (const scheme of schemes)
  test(`an FP8 layer with scales ${scheme.name} is the oracle's codes multiplied, bias and activation applied`, () =>
    withFp8Layers(context, scheme, 'e4m3', async (fp8) => {
      const layer = linear('ragged', 70, 200, 'relu');
      const input = { rows: 5, cols: 200, data: Float64Array.from(values(5, 200, 1)) };
      const { a, b, x, w, outputs: expected } = codesInF64(layer, input, scheme);
      const actual = await fp8.apply(layer, input);
      // f32 sums of K products: each of at most 2 K roundings (scales, products, sums) is off by 2^-23 (WGSL may
      // give either neighbour) of at most the sum of the magnitudes.
      const sizes = multiplyInF64(x.map(Math.abs), w.map(Math.abs), 5, 70, 200);
      const outside = [...actual].filter(
        (v, i) => !(Math.abs(v - (expected[i] as number)) <= 2 * 200 * 2 ** -23 * (sizes[i] as number)),
      );
      expect(outside).toEqual([]);

      const product = await fp8.product(layer, input);
      expect(product.input.codes).toEqual(a.codes);
      expect(product.weight.codes).toEqual(b.codes);
      expect(product.weight.scales).toEqual(b.scales);
    }));

test('an FP8 layer is within the quantisation error of the f64 layer', () =>
  withFp8Layers(context, schemes[0] as (typeof schemes)[number], 'e4m3', async (fp8) => {
    const [m, n, k] = [4, 64, 256];
    const layer = linear('plain', n, k);
    const input = { rows: m, cols: k, data: Float64Array.from(values(m, k, 2)) };
    const reference = await applyInF64(layer, input);
    const actual = await fp8.apply(layer, input);

    // Rounding to e4m3 is off by at most 2^-4 of a normal value (3 mantissa bits), or by half the smallest
    // subnormal, 2^-10, times the scale, which is at most the matrix's amax / 448. So |x̂ŵ - xw| is at most
    // |x| dw + |w| dx + dx dw; 1 % more covers the f32 arithmetic.
    const error = (data: ArrayLike<number>) => {
      const sizes = Float64Array.from(data, Math.abs);
      const least = (2 ** -10 * sizes.reduce((most, v) => Math.max(most, v), 0)) / 448;
      return { sizes, errors: sizes.map((v) => Math.max(v / 16, least)) };
    };
    const x = error(input.data);
    const w = error(layer.weight.data);
    const parts = [
      multiplyInF64(x.sizes, w.errors, m, n, k),
      multiplyInF64(x.errors, w.sizes, m, n, k),
      multiplyInF64(x.errors, w.errors, m, n, k),
    ];
    const bound = (i: number) => 1.01 * parts.reduce((sum, part) => sum + (part[i] as number), 0);
    const outside = [...actual].filter((v, i) => !(Math.abs(v - (reference[i] as number)) <= bound(i)));
    expect(outside).toEqual([]);
    // And it is FP8: the errors are there.
    expect(actual.some((v, i) => Math.abs(v - (reference[i] as number)) > bound(i) / 1000)).toBe(true);
  }));

test('the layers of a small encoder are measured under every scheme, step by step', async () => {
  const encoder = smallEncoder();
  let steps = 0;
  const trace = await traceInF64(encoder, [3, 9, 17, 30], () => {});
  const { layers, embeddings } = await measureLayers(context, encoder, trace, () => steps++);
  expect(steps).toBe(layerSteps(encoder));
  expect(layers.map(({ name }) => name)).toEqual(trace.layers.map((layer) => layer.linear.name));
  layers.forEach((layer, index) => {
    const { linear, input, output } = trace.layers[index] as LayerTrace;
    expect([layer.m, layer.n, layer.k]).toEqual([4, linear.weight.rows, linear.weight.cols]);
    for (const scheme of schemes) {
      const result = resultOf(layer, scheme.name);
      const oracle = codesInF64(linear, input, scheme).outputs;
      // The oracle's codes, multiplied without error, are as far from the reference as the kernel's product.
      expect(result.output.sqnr).toBeCloseTo(sqnr(oracle, output), 2);
      expect(result.output.calcDiff).toBeCloseTo(calcDiff(oracle, output), 6);
      expect(result.output.cosine).toBeCloseTo(cosine(oracle, output), 6);
      // The kernel adds f32's error alone, 2^-24 a rounding: far more than 110 dB below.
      expect(result.kernel.sqnr ?? Infinity).toBeGreaterThan(110);
      expect(result.kernel.rows).toBe(4);
    }
  });
  for (const { meanCosine, leastCosine, sameNeighbor } of embeddings) {
    expect(meanCosine).toBeGreaterThan(0.9);
    expect(meanCosine).toBeLessThan(1);
    expect(leastCosine).toBeLessThanOrEqual(meanCosine);
    expect([0, 0.25, 0.5, 0.75, 1]).toContain(sameNeighbor);
  }
});

test('the reference agrees with itself, and a wrong layer shows', async () => {
  const encoder = smallEncoder();
  const trace = await traceInF64(encoder, [1, 2], () => {});
  const again = await encode(encoder, [1, 2], applyInF64);
  expect(again.data).toEqual(trace.embeddings.data);
  const wrong = await encode(encoder, [1, 2], async (layer, input) => {
    const output = await applyInF64(layer, input);
    return layer.name === 'layer 1 value' ? output.map((v) => -v) : output;
  });
  expect(wrong.data).not.toEqual(trace.embeddings.data);
});

test('outliers cost a scale that they share with others, and narrow formats need fine scales', async () => {
  const names = ['layer 1 value', 'layer 0 feed-forward out'];
  const layers = await Promise.all(
    names.map(async (name) => {
      const layer = linear(name, 32, 256);
      const input = { rows: 65, cols: 256, data: Float64Array.from(values(65, 256, 5)) };
      return { linear: layer, input, output: await applyInF64(layer, input) };
    }),
  );
  const trace = { tokens: [], layers, embeddings: { rows: 1, cols: 1, data: new Float64Array(1) } };
  let steps = 0;
  const outliers = await measureOutliers(context, trace, () => steps++);
  expect(steps).toBe(outlierSteps);
  const line = (name: string) => outliers.lines.find(({ scheme }) => scheme === name)?.sqnr as number[];
  const [fine, tensor, row] = schemes.map(({ name }) => line(name)) as [number[], number[], number[]];
  // Unharmed at first. At 1e6 times the RMS the smallest code of a scale that an outlier set stands for 4 RMS,
  // so that most of what shares it becomes 0: all of the tensor, 2 of 65 rows, or half of those.
  for (const line of [fine, tensor, row]) expect(line[0]).toBeGreaterThan(22);
  expect(row.at(-1)).toBeGreaterThan((tensor.at(-1) as number) + 2);
  expect(fine.at(-1)).toBeGreaterThan((row.at(-1) as number) + 2);

  const measured = layers.map((layer) => ({
    name: layer.linear.name,
    m: 65,
    n: 32,
    k: 256,
    activation: 'none',
    input: { amax: 1, rms: 1, crest: 1, tileOctaves: 0 },
    weight: { amax: 1, rms: 1, crest: 1, tileOctaves: 0 },
    results: schemes.map(({ name }, i) => ({
      scheme: name,
      output: { calcDiff: 0, sqnr: 100 + i, cosine: 1 },
      kernel: { rows: 1, maxOverRms: 0, sqnr: null },
      input: { flushed: 0, subnormal: 0, saturated: 0 },
      weight: { flushed: 0, subnormal: 0, saturated: 0 },
    })),
  }));
  steps = 0;
  const formats = await measureFormats(context, trace, measured, () => steps++);
  expect(steps).toBe(formatSteps);
  expect(formats.formats).toEqual(['e4m3', 'e2m3', 'e2m1']);
  formats.lines.forEach(({ sqnr }, i) => {
    const [e4m3, e2m3, e2m1] = sqnr as [number, number, number];
    expect(e4m3).toBe(100 + i);
    expect(e2m3).toBeGreaterThan(e2m1);
  });
  const [fineLine, tensorLine] = formats.lines;
  expect(fineLine?.sqnr[2]).toBeGreaterThan(tensorLine?.sqnr[2] as number);
});
