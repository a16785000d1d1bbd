/** @file A made-up report with every part, and text that must be escaped. */

import type { EncoderData, LayerData, Report } from '../../src/report/data.js';
import { schemes } from '../../src/report/layers.js';

/** Text that would run, load or break something if it reached a page as it is. */
export const hostile = `<img src=x onerror=alert(1)> "quoted" & 'single' </script><script>alert(2)</script>`;

function layer(name: string, sqnr: number): LayerData {
  return {
    name,
    m: 4,
    n: 64,
    k: 32,
    activation: 'relu',
    input: { amax: 3.25, rms: 0.5, crest: 6.5, tileOctaves: 1.5 },
    weight: { amax: 1, rms: 0.25, crest: 4, tileOctaves: 3.5 },
    results: schemes.map((scheme, i) => ({
      scheme: scheme.name,
      output: { calcDiff: 0.00123 * (i + 1), sqnr: sqnr - i, cosine: 0.999 - i / 1000 },
      kernel: { rows: 4, maxOverRms: 3.4e-7, sqnr: i === 0 ? 146.2 : null },
      input: { flushed: 0.01, subnormal: 0.02 * i, saturated: i === 3 ? 0.05 : 0 },
      weight: { flushed: 0, subnormal: 0, saturated: 0 },
    })),
  };
}

export const encoder: EncoderData = {
  model: 'the folder models',
  rows: 4,
  schemes,
  layers: [layer('first', 30.25), layer('second', 25.5)],
  embeddings: schemes.slice(0, 2).map(({ name }, i) => ({
    scheme: name,
    meanCosine: 0.995 - i / 100,
    leastCosine: 0.99 - i / 100,
    sameNeighbor: 0.75,
  })),
  outliers: {
    layer: 'first',
    m: 4,
    n: 64,
    k: 32,
    channel: 7,
    every: 64,
    strengths: [1, 1e6],
    lines: schemes.map(({ name }, i) => ({ scheme: name, sqnr: [30 - i, 23.4 - 5 * i] })),
  },
  formats: {
    layer: 'second',
    m: 4,
    n: 64,
    k: 32,
    formats: ['e4m3', 'e2m1'],
    lines: schemes.map(({ name }, i) => ({ scheme: name, sqnr: [28 - i, 14.8 - 3 * i] })),
  },
};

export const report: Report = {
  version: '1.2.3',
  created: '2026-01-02T03:04:05.000Z',
  adapter: { name: `Adapter ${hostile}`, kind: 'software', source: 'software', reason: 'asked for' },
  host: { platform: 'linux x64', runtime: 'Node.js 20', processor: 'a processor', cores: 2 },
  verification: [
    { name: 'decode', status: 'passed', checked: 12345, mismatches: 0, detail: 'every code' },
    { name: 'f16 kernel', status: 'skipped', checked: 0, mismatches: 0, detail: 'no shader-f16' },
  ],
  encoder,
  benchmark: {
    suite: 'smoke',
    records: [
      {
        status: 'measured',
        name: 'gemm 256x512x128 e4m3',
        case: { kind: 'gemm', m: 256, n: 512, k: 128 },
        kernel: 'portable',
        min: 900,
        median: 1000,
        max: 1200,
        samples: 20,
        timing: 'wall',
        tflops: 0.0335,
        gbps: 1.25,
        error: 3e-7,
      },
      {
        status: 'measured',
        name: 'copy 16 MiB',
        case: { kind: 'copy' },
        kernel: 'copy',
        min: 10,
        median: 11,
        max: 12,
        samples: 20,
        timing: 'wall',
        tflops: null,
        gbps: 3050,
        error: null,
      },
      { status: 'skipped', name: 'gemm huge', kernel: 'portable', reason: 'it needs 9 GB' },
    ],
  },
  milliseconds: { verification: 20_000, encoder: 30_000, benchmark: 10_000, total: 61_250 },
};
