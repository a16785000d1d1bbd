/** @file How fast the kernels are here. */

import type { BenchmarkData, BenchmarkMeasurement, BenchmarkRecord } from '../data.js';
import { decimal, significant } from '../number.js';
import { rateUnit } from '../rate.js';
import type { Section } from '../section.js';

export function benchmarkSection({ suite, records }: BenchmarkData, kind: string): Section {
  const measured = records.filter((record) => record.status === 'measured');
  const gaps = records.filter((record) => record.status !== 'measured');
  const products = measured.filter(({ tflops }) => tflops !== null);
  const fastest = Math.max(0, ...products.map(({ tflops }) => tflops ?? 0));
  const { unit, rate } = rateUnit(products.map(({ tflops }) => tflops));
  const methods = [...new Set(measured.map(({ timing }) => timing))];
  return {
    title: 'Benchmark',
    findings: [
      ...(fastest > 0
        ? [
            `Fastest product of the suite ${suite}: ${significant(rate(fastest))} ${unit}${kind === 'hardware' ? '' : ', on a CPU that plays a GPU: a figure about this host, not about any GPU'}.`,
          ]
        : []),
      ...gaps.map(
        ({ status, name, reason }) => `${status === 'failed' ? 'Failed' : 'Skipped'}: ${name}: ${reason}.`,
      ),
    ],
    notes: [
      `Each result was compared with the oracle before it was timed. Times are the median of repeated runs after a warm-up, with fresh random data and rotated buffers, ${methods.map((method) => (method === 'timestamp' ? 'by the GPU’s own timestamps' : 'by the host’s clock around batches of runs')).join(' and ') || 'none measured'}. A product counts 2·M·N·K operations; GB/s counts every input and output once.`,
    ],
    figures:
      products.length === 0
        ? []
        : [
            {
              chart: {
                kind: 'rows',
                label: `Rate of each product of the suite ${suite} in ${unit}`,
                categories: products.map(shortName),
                value: { name: `${unit}, median` },
                series: [
                  { name: 'median', values: products.map(({ tflops }) => rate(tflops ?? Number.NaN)) },
                ],
              },
              caption: `D = A · Bᵀ in the suite ${suite}, M x N x K.`,
            },
          ],
    tables: [
      {
        title: `Suite ${suite}`,
        head: ['case', 'kernel', unit, 'GB/s', 'median ms', 'min ms', 'max ms', 'runs', 'error'],
        align: ['left', 'left', 'right', 'right', 'right', 'right', 'right', 'right', 'right'],
        rows: records.map((record) => [record.name, record.kernel, ...cells(record, rate)]),
      },
    ],
  };
}

function cells(record: BenchmarkRecord, rate: (tflops: number) => number): string[] {
  if (record.status !== 'measured') return [record.status, '', '', '', '', '', ''];
  const milliseconds = (value: number) => decimal(value / 1000, 3);
  return [
    record.tflops === null ? '' : significant(rate(record.tflops)),
    significant(record.gbps),
    milliseconds(record.median),
    milliseconds(record.min),
    milliseconds(record.max),
    String(record.samples),
    record.error === null ? 'bits equal' : significant(record.error, 2),
  ];
}

/** The shape of a product; the name of anything else. */
function shortName(record: BenchmarkMeasurement): string {
  const { kind, m, n, k } = record.case;
  return kind === 'gemm' ? `${m} x ${n} x ${k}` : record.name;
}
