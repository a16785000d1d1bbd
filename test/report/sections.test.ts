import { describe, expect, test } from 'vitest';
import { count, decimal, percent, scientific, significant } from '../../src/report/number.js';
import { benchmarkSection } from '../../src/report/sections/benchmark.js';
import { layersSection } from '../../src/report/sections/layers.js';
import { scalingSection } from '../../src/report/sections/scaling.js';
import { verificationSection } from '../../src/report/sections/verification.js';
import { sections } from '../../src/report/sections.js';
import { encoder, report } from './fixture.js';

describe('layers', () => {
  const section = layersSection(encoder);
  test('the findings are the extremes over the layers', () => {
    expect(section.findings[0]).toBe(
      '2 linear layers on 4 tokens, e4m3 with scales 1x128 by 128x128: SQNR 25.5 to 30.3 dB, calc_diff at most 1.2e-3, cosine at least 0.99900.',
    );
    expect(section.findings[1]).toContain(
      'scales 1x128 by 128x128 the embeddings keep a mean cosine of 0.9950',
    );
    expect(section.findings[1]).toContain('scales per tensor the embeddings keep a mean cosine of 0.9850');
    expect(section.findings[2]).toContain(
      'at least 146 dB against f64, where quantising leaves at most 30.3 dB',
    );
  });
  test('both ways of scaling stand side by side with all three metrics', () => {
    expect(section.tables[0]?.rows[0]).toEqual([
      'first',
      '4 x 64 x 32',
      '30.25',
      '1.23e-3',
      '0.99900',
      '29.25',
      '2.46e-3',
      '0.99800',
    ]);
    expect(section.tables[1]?.rows[1]).toEqual(['second', '23.50', '22.50', '3.4e-7', '146']);
  });
  test('the chart has a series for each way of scaling and a value for each layer', () => {
    const chart = section.figures[0]?.chart;
    expect(chart?.series.map(({ values }) => values)).toEqual([
      [30.25, 25.5],
      [29.25, 24.5],
      [28.25, 23.5],
      [27.25, 22.5],
    ]);
  });
  test('without a model the section says how to get it, and the one that builds on it is left out', () => {
    const absent = { absent: 'the model is not installed: npm install it' };
    expect(layersSection(absent).findings).toEqual(['Left out: the model is not installed: npm install it.']);
    const titles = (encoderPart: typeof encoder | typeof absent) =>
      sections({ ...report, encoder: encoderPart }).map(({ title }) => title);
    expect(titles(encoder)).toContain('Why fine-grained scales');
    expect(titles(absent)).not.toContain('Why fine-grained scales');
  });
});

describe('scaling', () => {
  test('the gain is the difference of the SQNRs, and it is called little only if it is', () => {
    const [first = ''] = scalingSection(encoder).findings;
    expect(first).toContain('gain 1.00 dB over scales per tensor on average and 1.00 dB at best (first)');
    expect(first).not.toContain('little');
    const closer = {
      ...encoder,
      layers: encoder.layers.map((layer) => ({
        ...layer,
        results: layer.results.map((one) => ({ ...one, output: { ...one.output, sqnr: 30 } })),
      })),
    };
    expect(scalingSection(closer).findings[0]).toContain('gain 0.00 dB');
    expect(scalingSection(closer).findings[0]).toContain('little');
  });
  test('outliers and formats quote their last column', () => {
    const [, outliers, formats] = scalingSection(encoder).findings;
    expect(outliers).toContain('per tensor keep 18.4 dB, scales 1x128 by 128x128 keep 23.4 dB');
    expect(formats).toContain('per tensor give 11.8 dB, scales 1x128 by 128x128 give 14.8 dB');
  });
  test('shares count what became 0 or subnormal, and what was cut', () => {
    expect(scalingSection(encoder).tables[0]?.rows[0]?.slice(-3)).toEqual(['3.00 %', '1.00 %', '5.00 %']);
  });
});

describe('benchmark', () => {
  test('a slow adapter is told in GFLOP/s and as no GPU, a fast one in TFLOP/s', () => {
    const slow = benchmarkSection(report.benchmark, 'software');
    expect(slow.findings[0]).toContain('33.5 GFLOP/s, on a CPU');
    expect(slow.tables[0]?.rows[0]).toEqual([
      'gemm 256x512x128 e4m3',
      'portable',
      '33.5',
      '1.25',
      '1.000',
      '0.900',
      '1.200',
      '20',
      '3.0e-7',
    ]);
    const records = report.benchmark.records.map((record) =>
      record.status === 'measured' && record.tflops ? { ...record, tflops: 150 } : record,
    );
    const fast = benchmarkSection({ suite: 'smoke', records }, 'hardware');
    expect(fast.findings[0]).toBe('Fastest product of the suite smoke: 150 TFLOP/s.');
    expect(fast.figures[0]?.chart.series[0]?.values).toEqual([150]);
    expect(fast.figures[0]?.chart.categories).toEqual(['256 x 512 x 128']);
  });
  test('what was not measured is told with its reason', () => {
    const { findings, tables } = benchmarkSection(report.benchmark, 'software');
    expect(findings).toContain('Skipped: gemm huge: it needs 9 GB.');
    expect(tables[0]?.rows[2]?.slice(0, 3)).toEqual(['gemm huge', 'portable', 'skipped']);
  });
  test('nothing measured is no chart and no rate', () => {
    const { findings, figures } = benchmarkSection({ suite: 'smoke', records: [] }, 'software');
    expect([findings, figures]).toEqual([[], []]);
  });
});

test('verification counts its checks and names those that failed, unfolded', () => {
  const passed = verificationSection(report.verification);
  expect(passed.findings).toEqual([
    '1 of 2 checks passed, 0 failed, 1 could not run here, 12,345 results compared.',
    'Could not run here: f16 kernel: no shader-f16.',
  ]);
  const skipped = ['gemm half, shapes', 'gemm half, types', 'gemm matrix, shapes', 'encode, in f16'].map(
    (name, i) =>
      ({ name, status: 'skipped', checked: 0, mismatches: 0, detail: i < 3 ? 'no f16' : 'no time' }) as const,
  );
  expect(verificationSection(skipped).findings.slice(1)).toEqual([
    'Could not run here: gemm half, gemm matrix: no f16.',
    'Could not run here: encode: no time.',
  ]);
  expect(passed.tables[0]?.folded).toBe(true);
  const failed = verificationSection([
    { name: 'sums', status: 'failed', checked: 10, mismatches: 3, detail: 'first: 1, not 2' },
  ]);
  expect(failed.findings[1]).toBe('Failed: sums: first: 1, not 2.');
  expect(failed.tables[0]?.folded).toBe(false);
});

describe('numbers', () => {
  test('significant digits', () => {
    expect(
      [0.00123, 1234.5, 0.00066, 1e6, 0, 12.34, 999.9, -0.5, Infinity, NaN].map((v) => significant(v)),
    ).toEqual(['0.00123', '1235', '6.60e-4', '1.00e6', '0', '12.3', '1000', '-0.500', '∞', 'NaN']);
  });
  test('an exponent always', () => {
    expect([1234, 0.5, 0, NaN].map((v) => scientific(v))).toEqual(['1.23e3', '5.00e-1', '0.00e0', 'NaN']);
  });
  test('decimals and percents', () => {
    expect([decimal(1.005, 1), decimal(-Infinity, 2)]).toEqual(['1.0', '-∞']);
    expect([0, 1e-9, 0.12345, 1].map((v) => percent(v))).toEqual(['0 %', '<0.01 %', '12.35 %', '100.00 %']);
    expect(count(1234567)).toBe('1,234,567');
  });
});
