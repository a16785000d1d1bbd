/** @file Quantising on the GPU against the oracle: codes and scales, bit for bit. */

import { Context } from '../context.js';
import { elementFormats, formats, hasOrdinaryRange } from '../format/formats.js';
import type { Gpu } from '../gpu/gpu.js';
import { type Matrix, matrix } from '../matrix.js';
import { dialectNames } from '../quantize/dialect.js';
import { type GranularityName, granularityByName, granularityNames } from '../quantize/granularity.js';
import { type QuantizeOptions, quantize } from '../quantize/quantize.js';
import type { QuantizedMatrix } from '../quantize/quantized-matrix.js';
import { type Check, Tally } from './check.js';
import { randomMatrix } from './random.js';

/** A tile and a rest along the columns, for tiles of 128 and of 32. */
const cols = 163;

/** A tile and a rest along the rows too; where tiles have one row, or all, some rows do. */
function rowsFor(granularity: GranularityName): number {
  return granularity === '128x128' ? 131 : 19;
}

/** One check for each granularity. */
export function quantizeChecks(): Check[] {
  return granularityNames.map((granularity) => quantizeCheck(granularity));
}

/** Quantises ragged matrices, unless told otherwise in every dialect and to every format. */
export function quantizeCheck(granularity: GranularityName, ways = waysOf(granularity)): Check {
  return {
    name: `quantize ${granularity}`,
    steps: ways.length,
    async run(gpu, tick) {
      const tally = new Tally();
      const rows = rowsFor(granularity);
      const inputs = [ordinary(rows), special(rows)];
      for (const options of ways) {
        for (const [name, source] of inputs) await compare(gpu, source, options, name, tally);
        tick();
      }
      return tally.outcome(
        `codes and scales of ${rows}x${cols}, ordinary and special values, in ${ways.length} ways`,
      );
    },
  };
}

/** Every dialect that fits, with e4m3, and every other format in a dialect that fits every format. */
export function waysOf(granularity: GranularityName): QuantizeOptions[] {
  const e8m0 = granularityByName(granularity).scaleFormat === 'e8m0';
  const dialects = dialectNames.flatMap((dialect): QuantizeOptions[] => {
    if (dialect === 'mx') return e8m0 ? [{ granularity, dialect }] : [];
    const powersOfTwo = e8m0 ? [true] : [false, true];
    return powersOfTwo.map((powerOfTwo) => ({ granularity, dialect, powerOfTwo }));
  });
  // Of formats of f32's own range e8m0 scales are refused.
  const names = elementFormats.filter((name) => !e8m0 || hasOrdinaryRange(formats[name]));
  const others = names.map(
    (format): QuantizeOptions => ({ granularity, format, dialect: e8m0 ? 'mx' : 'deepseek' }),
  );
  return [...dialects, ...others];
}

async function compare(
  gpu: Gpu,
  source: Matrix,
  options: QuantizeOptions,
  name: string,
  tally: Tally,
): Promise<void> {
  const expected = quantize(source, options);
  const actual = await onGpu(gpu, source, options);
  const { format = 'e4m3', dialect, powerOfTwo } = options;
  const way = `${format} ${dialect}${powerOfTwo ? ' pow2' : ''} of ${name}`;
  const place = (index: number, across: number) => `(${Math.floor(index / across)}, ${index % across})`;
  for (let i = 0; i < expected.codes.length; i++)
    tally.count(
      actual.codes[i] === expected.codes[i],
      () => `code ${place(i, cols)} is ${actual.codes[i]}, not ${expected.codes[i]} (${way})`,
    );
  for (let i = 0; i < expected.scales.length; i++)
    // Object.is: -0 is not 0, and one NaN is as good as another.
    tally.count(
      Object.is(actual.scales[i], expected.scales[i]),
      () =>
        `scale ${place(i, expected.scaleCols)} is ${actual.scales[i]}, not ${expected.scales[i]} (${way})`,
    );
}

async function onGpu(gpu: Gpu, source: Matrix, options: QuantizeOptions): Promise<QuantizedMatrix> {
  const quantized = await new Context(gpu).quantize(source, options);
  try {
    return await quantized.read();
  } finally {
    quantized.dispose();
  }
}

function ordinary(rows: number): readonly [string, Matrix] {
  return ['normal values with outliers', randomMatrix(rows, cols, 2, 'outliers')];
}

/** Tiles of zeros, of subnormals, of one huge value; NaN and infinities. */
function special(rows: number): readonly [string, Matrix] {
  const data = (randomMatrix(rows, cols, 3).data as Float32Array).slice();
  const tile = (row: number, col: number, value: (old: number) => number) => {
    for (let c = col; c < Math.min(col + 128, cols); c++)
      data[row * cols + c] = value(data[row * cols + c] as number);
  };
  tile(0, 0, () => 0);
  tile(1, 0, () => -0);
  tile(2, 128, (old) => old * 2 ** -130);
  tile(3, 128, (old) => old * 2 ** -148);
  data[4 * cols] = 3e38;
  data[5 * cols + 130] = -3e38;
  data[6 * cols + 5] = NaN;
  data[(rows - 2) * cols + 140] = Infinity;
  data[(rows - 2) * cols + 162] = -Infinity;
  return ['zeros, subnormals, huge values, NaN and infinities', matrix(rows, cols, data)];
}
