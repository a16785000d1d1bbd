/** @file The sentence encoder's layers in FP8, each beside the same layer in f64. */

import { multiplyInF64 } from '../arithmetic/f64-product.js';
import type { Context } from '../context.js';
import { ArgumentError } from '../errors.js';
import { type Activations, type Encoder, encode, linears } from '../model/encoder.js';
import { finish } from '../model/f64-layer.js';
import { type QuantizedProduct, type Scheme, withFp8Layers } from '../model/fp8-layer.js';
import type { LayerTrace, Trace } from '../model/trace.js';
import type { EmbeddingData, KernelError, LayerData, LayerResult } from './data.js';
import { calcDiff, cosine, maxOverRms, sqnr } from './metrics.js';
import { codeShares, dequantizeInF64, describe } from './statistics.js';

/** Scales by what shares one: DeepSeek-V3's first, then the coarser ones, then OCP MX. */
export const schemes: readonly Scheme[] = [
  { name: '1x128 by 128x128', activations: '1x128', weights: '128x128' },
  { name: 'per tensor', activations: 'tensor', weights: 'tensor' },
  { name: 'per row', activations: 'row', weights: 'row' },
  { name: '1x32 MX', activations: '1x32', weights: '1x32' },
];

/** The schemes under which the encoder also runs from end to end: the first two. */
const endToEnd = schemes.slice(0, 2);

/** Rows of each product that are multiplied again in f64 to see the kernel's error alone. */
const kernelRows = 16;

/** Calls of `tick` by measureLayers. */
export function layerSteps(encoder: Encoder): number {
  return (schemes.length + endToEnd.length) * linears(encoder).length;
}

/**
 * Runs every layer on the reference's input, in e4m3 under each scheme, and the encoder from end to end under
 * two of them.
 * @param tick called after each product
 */
export async function measureLayers(
  context: Context,
  encoder: Encoder,
  trace: Trace,
  tick: () => void,
): Promise<{ layers: LayerData[]; embeddings: EmbeddingData[] }> {
  const results = new Map<LayerTrace, LayerResult[]>(trace.layers.map((layer) => [layer, []]));
  const embeddings: EmbeddingData[] = [];
  for (const scheme of schemes) {
    await withFp8Layers(context, scheme, 'e4m3', async (fp8) => {
      for (const [layer, list] of results) {
        list.push(compareLayer(layer, scheme, await fp8.product(layer.linear, layer.input)));
        tick();
      }
      if (!endToEnd.includes(scheme)) return;
      const embedded = await encode(encoder, trace.tokens, async (linear, input) => {
        const output = await fp8.apply(linear, input);
        tick();
        return output;
      });
      embeddings.push({ scheme: scheme.name, ...compareEmbeddings(embedded, trace.embeddings) });
    });
  }
  return { layers: [...results].map(([layer, list]) => describeLayer(layer, list)), embeddings };
}

/**
 * A layer's result under a scheme.
 * @throws ArgumentError if it did not run under that scheme
 */
export function resultOf(layer: LayerData, scheme: string): LayerResult {
  const result = layer.results.find((one) => one.scheme === scheme);
  if (!result) throw new ArgumentError('scheme', scheme, layer.results.map((one) => one.scheme).join(', '));
  return result;
}

function describeLayer({ linear, input }: LayerTrace, results: readonly LayerResult[]): LayerData {
  const { rows: n, cols: k, data } = linear.weight;
  return {
    name: linear.name,
    m: input.rows,
    n,
    k,
    activation: linear.activation,
    input: describe(input.data, input.rows, k),
    weight: describe(data, n, k),
    results,
  };
}

function compareLayer(layer: LayerTrace, scheme: Scheme, quantized: QuantizedProduct): LayerResult {
  const { linear, input, output } = layer;
  const actual = finish(linear, Float64Array.from(quantized.product));
  return {
    scheme: scheme.name,
    output: {
      calcDiff: calcDiff(actual, output),
      sqnr: sqnr(actual, output),
      cosine: cosine(actual, output),
    },
    kernel: kernelError(quantized),
    input: codeShares(quantized.input, input.data),
    weight: codeShares(quantized.weight, linear.weight.data),
  };
}

/** The first rows of a product against the f64 product of the very codes that were multiplied. */
function kernelError({ input, weight, product }: QuantizedProduct): KernelError {
  const rows = Math.min(kernelRows, input.rows);
  const n = weight.rows;
  const exact = multiplyInF64(dequantizeInF64(input, rows), dequantizeInF64(weight), rows, n, input.cols);
  const actual = product.subarray(0, rows * n);
  const decibels = sqnr(actual, exact);
  return {
    rows,
    maxOverRms: maxOverRms(actual, exact),
    sqnr: Number.isFinite(decibels) ? decibels : null,
  };
}

function compareEmbeddings(actual: Activations, reference: Activations): Omit<EmbeddingData, 'scheme'> {
  const { rows, cols } = reference;
  const row = ({ data }: Activations, i: number) => data.subarray(i * cols, (i + 1) * cols);
  const cosines = Array.from({ length: rows }, (_, i) => cosine(row(actual, i), row(reference, i)));
  const neighbors = nearest(actual);
  const same = nearest(reference).filter((neighbor, i) => neighbor === neighbors[i]).length;
  return {
    meanCosine: cosines.reduce((sum, one) => sum + one, 0) / rows,
    leastCosine: Math.min(...cosines),
    sameNeighbor: same / rows,
  };
}

/** For each unit vector, which other one is nearest. */
function nearest({ rows, cols, data }: Activations): number[] {
  const products = multiplyInF64(data, data, rows, rows, cols);
  return Array.from({ length: rows }, (_, i) => {
    let best = -1;
    for (let j = 0; j < rows; j++)
      if (j !== i && (best < 0 || (products[i * rows + j] as number) > (products[i * rows + best] as number)))
        best = j;
    return best;
  });
}
