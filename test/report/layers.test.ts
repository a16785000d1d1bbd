import { expect, test } from 'vitest';
import { Context } from '../../src/context.js';
import { applyInF64 } from '../../src/model/f64-layer.js';
import { type LayerTrace, traceInF64 } from '../../src/model/trace.js';
import { layerSteps, measureLayers, resultOf, schemes } from '../../src/report/layers.js';
import { calcDiff, cosine, sqnr } from '../../src/report/metrics.js';
import { formatSteps, measureFormats, measureOutliers, outlierSteps } from '../../src/report/scaling.js';
import { openTestGpu } from '../adapter.js';
import { codesInF64, linear, smallEncoder, values } from '../model/small.js';

const context = new Context(await openTestGpu());

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
