/** @file Why scales are fine-grained, and where it matters. */

import type { EncoderData } from '../data.js';
import { resultOf } from '../layers.js';
import { decimal, percent, significant } from '../number.js';
import type { Section } from '../section.js';

export function scalingSection(encoder: EncoderData): Section {
  const { layers, outliers, formats, schemes } = encoder;
  const [fine = '', tensor = ''] = schemes.map(({ name }) => name);
  const mx = schemes.at(-1)?.name ?? '';
  const strengths = outliers.strengths.map((strength) => `${powerOfTen(strength)}`);
  return {
    title: 'Why fine-grained scales',
    findings: findings(encoder, fine, tensor),
    notes: [
      'One scale has to bring the largest value it serves below 448. e4m3 then represents the next 14.8 octaves (448 down to 2^-6) with its full precision of 3 mantissa bits and 3 more octaves with less; only what lies below loses precision or becomes 0. A floating-point format therefore forgives a coarse scale until values under one scale differ by four orders of magnitude, and a format with fewer exponent bits does so much earlier.',
      `Injected outliers: the input of ${outliers.layer} (${outliers.m} x ${outliers.n} x ${outliers.k}) is the real one, but every ${outliers.every}th token has one value in channel ${outliers.channel} replaced by the stated multiple of the input’s RMS. The weights of that channel are set to 0, so that the outliers themselves cannot reach the output and its reference stays the same: what is lost is what the values that share a scale with an outlier lose. Large values in few tokens and few channels are what trained language models have (Sun et al., “Massive Activations in Large Language Models”, 2024); the largest value in this encoder is ${decimal(Math.max(...layers.map(({ input }) => input.crest)), 0)} times its layer’s RMS.`,
      `Narrower formats: ${formats.layer} (${formats.m} x ${formats.n} x ${formats.k}), data untouched, both operands in the stated format. 1x32 MX rounds its scales down to powers of two (OCP Microscaling Formats 1.0), which cuts the largest values of some tiles (the column “cut”).`,
    ],
    figures: [
      {
        chart: {
          kind: 'line',
          label:
            'Signal to quantisation noise against the strength of injected outliers, for each way of scaling',
          categories: strengths,
          categoryName: `outlier in one token of ${outliers.every} (multiples of the RMS)`,
          value: { name: 'SQNR (dB)', min: 0 },
          series: outliers.lines.map(({ scheme, sqnr }) => ({ name: scheme, values: sqnr })),
        },
        caption: `Injected outliers, e4m3: ${outliers.layer} loses what shares a scale with them.`,
      },
      {
        chart: {
          kind: 'bar',
          label: 'Signal to quantisation noise in narrower formats, for each way of scaling',
          categories: formats.formats,
          categoryName: 'format (bits of exponent e, of mantissa m)',
          value: { name: 'SQNR (dB)' },
          series: formats.lines.map(({ scheme, sqnr }) => ({ name: scheme, values: sqnr })),
        },
        caption: `Real data, untouched: ${formats.layer} in formats with fewer exponent bits.`,
      },
    ],
    tables: [
      {
        title:
          'What the layers’ operands look like (octaves: from the largest value to that of the median 1x128 tile)',
        head: [
          'layer',
          'input amax',
          'amax / RMS',
          'octaves',
          'weight amax / RMS',
          'octaves',
          `subnormal or 0: ${tensor}`,
          fine,
          `cut: ${mx}`,
        ],
        rows: layers.map((layer) => [
          layer.name,
          significant(layer.input.amax),
          decimal(layer.input.crest, 1),
          decimal(layer.input.tileOctaves, 1),
          decimal(layer.weight.crest, 1),
          decimal(layer.weight.tileOctaves, 1),
          ...[tensor, fine].map((scheme) => {
            const { input } = resultOf(layer, scheme);
            return percent(input.flushed + input.subnormal);
          }),
          percent(resultOf(layer, mx).input.saturated),
        ]),
      },
      {
        title: `Injected outliers in ${outliers.layer}, e4m3: SQNR in dB by strength (multiples of the RMS)`,
        head: ['scales', ...strengths],
        rows: outliers.lines.map(({ scheme, sqnr }) => [scheme, ...sqnr.map((value) => decimal(value, 1))]),
      },
      {
        title: `Narrower formats, real data, ${formats.layer}: SQNR in dB`,
        head: ['scales', ...formats.formats],
        rows: formats.lines.map(({ scheme, sqnr }) => [scheme, ...sqnr.map((value) => decimal(value, 1))]),
      },
    ],
  };
}

function findings({ layers, outliers, formats }: EncoderData, fine: string, tensor: string): string[] {
  const gains = layers.map((layer) => ({
    name: layer.name,
    gain: resultOf(layer, fine).output.sqnr - resultOf(layer, tensor).output.sqnr,
  }));
  const best = gains.reduce((most, one) => (one.gain > most.gain ? one : most));
  const mean = gains.reduce((sum, { gain }) => sum + gain, 0) / gains.length;
  const octaves = layers.flatMap(({ input, weight }) => [input.tileOctaves, weight.tileOctaves]);
  const verdict =
    Math.abs(mean) < 1
      ? 'little, because e4m3 forgives a coarse scale'
      : 'more than a coarse scale in floating point usually costs';
  const at = (lines: typeof outliers.lines, scheme: string, index: number) =>
    decimal(lines.find((line) => line.scheme === scheme)?.sqnr[index] ?? Number.NaN, 1);
  const strongest = outliers.strengths.length - 1;
  const narrowest = formats.formats.length - 1;
  return [
    `On this encoder’s own data in e4m3, scales ${fine} gain ${decimal(mean, 2)} dB over scales ${tensor} on average and ${decimal(best.gain, 2)} dB at best (${best.name}): ${verdict}. The median tile’s largest value is at most ${decimal(Math.max(...octaves), 1)} octaves below its matrix’s, of the 14.8 that e4m3 covers with full precision.`,
    `With injected outliers of ${powerOfTen(outliers.strengths[strongest] as number)} times the RMS in one token of ${outliers.every}, scales ${tensor} keep ${at(outliers.lines, tensor, strongest)} dB, scales ${fine} keep ${at(outliers.lines, fine, strongest)} dB.`,
    `On untouched data in ${formats.formats[narrowest]} (${formats.layer}), scales ${tensor} give ${at(formats.lines, tensor, narrowest)} dB, scales ${fine} give ${at(formats.lines, fine, narrowest)} dB.`,
  ];
}

function powerOfTen(value: number): string {
  return value < 1000 ? String(value) : `1e${Math.round(Math.log10(value))}`;
}
