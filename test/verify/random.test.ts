import { expect, test } from 'vitest';
import { type Distribution, randomOnGpu } from '../../bench/random.js';
import { ArgumentError } from '../../src/errors.js';
import { sample } from '../../src/experiment/data.js';
import { type Distribution as BaseDistribution, randomMatrix, randomWords } from '../../src/verify/random.js';
import { openTestGpu } from '../adapter.js';

const gpu = await openTestGpu();
const rows = 256;
const cols = 1024;
const count = rows * cols;

const onCpu = async (distribution: BaseDistribution, seed: number) =>
  randomMatrix(rows, cols, seed, distribution).data as Float32Array;

const onGpu = async (distribution: Distribution, seed: number) => {
  using matrix = await randomOnGpu(gpu, rows, cols, seed, distribution);
  return (await matrix.read()).data as Float32Array;
};

function moment(values: Float32Array, order: number): number {
  return values.reduce((sum, value) => sum + value ** order, 0) / values.length;
}

/** A sample mean of `count` values lies within this many standard errors of its expectation in all but one of
 * 15,787 cases; seeds are fixed, so that a pass stays a pass. */
const sigmas = 4;

/** The standard error of the mean of x^order, for x with these even moments: √((E x^2n - (E x^n)²) / count). */
function tolerance(high: number, low: number): number {
  return sigmas * Math.sqrt((high - low * low) / count);
}

for (const [where, make] of [
  ['CPU', onCpu],
  ['GPU', onGpu],
] as const) {
  test(`normal values of the ${where} have the moments of N(0, 1)`, async () => {
    const values = await make('normal', 7);
    // E x² = 1, E x⁴ = 3, E x⁶ = 15, E x⁸ = 105.
    expect(Math.abs(moment(values, 1))).toBeLessThan(tolerance(1, 0));
    expect(Math.abs(moment(values, 2) - 1)).toBeLessThan(tolerance(3, 1));
    expect(Math.abs(moment(values, 3))).toBeLessThan(tolerance(15, 0));
    expect(Math.abs(moment(values, 4) - 3)).toBeLessThan(tolerance(105, 3));
  });

  test(`normal values of the ${where} fill the tails`, async () => {
    const values = await make('normal', 8);
    // P(|x| > 3) = 0.0026998 (tables of the normal distribution).
    const expected = 0.0026998;
    const share = values.filter((value) => Math.abs(value) > 3).length / count;
    expect(Math.abs(share - expected)).toBeLessThan(sigmas * Math.sqrt(expected / count));
  });

  test(`uniform values of the ${where} fill [0, 1) evenly`, async () => {
    const values = await make('uniform', 9);
    const bins = new Uint32Array(64);
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    for (const value of values) {
      const bin = Math.floor(value * bins.length);
      bins[bin] = (bins[bin] as number) + 1;
    }
    // Each bin is binomial with variance below its expectation.
    const expected = count / bins.length;
    for (const size of bins)
      expect(Math.abs(size - expected)).toBeLessThan((sigmas + 1) * Math.sqrt(expected));
  });

  test(`neighbours and other seeds of the ${where} are uncorrelated`, async () => {
    const values = await make('normal', 10);
    const other = await make('normal', 11);
    const products = (lag: number, list: Float32Array) =>
      values.reduce((sum, value, i) => sum + value * (list[(i + lag) % count] as number), 0) / count;
    // The product of two independent N(0, 1) has mean 0 and variance 1.
    for (const lag of [1, 2, 64, cols]) expect(Math.abs(products(lag, values))).toBeLessThan(tolerance(1, 0));
    for (const lag of [0, 1]) expect(Math.abs(products(lag, other))).toBeLessThan(tolerance(1, 0));
  });

  test(`outliers of the ${where} are one in 1024 and 10,000 times larger`, async () => {
    const plain = await make('normal', 12);
    const values = await make('outliers', 12);
    let outliers = 0;
    values.forEach((value, i) => {
      if (value === plain[i]) return;
      outliers++;
      expect(value / (plain[i] as number)).toBeCloseTo(1e4, 1);
    });
    const expected = count / 1024;
    expect(Math.abs(outliers - expected)).toBeLessThan(sigmas * Math.sqrt(expected));
  });
}

test('the GPU makes the words of the CPU', async () => {
  const [gpuValues, cpuValues] = [await onGpu('uniform', 0xfedcba98), await onCpu('uniform', 0xfedcba98)];
  expect(gpuValues.findIndex((value, i) => value !== cpuValues[i])).toBe(-1);
});

test('the GPU makes the normal values of the CPU, up to the precision of cos', async () => {
  const [gpuValues, cpuValues] = [await onGpu('normal', 13), await onCpu('normal', 13)];
  // WGSL allows cos an error of 2^-11, log one of 2^-21 (absolute, 3 ULP elsewhere), and the radius is at most
  // √(-2 ln 2^-24) = 5.77. A radius near 0 is √ of a logarithm near 0: an error of 2·2^-21 there is √(2^-20).
  const bound = 5.77 * 2 ** -11 + 2 ** -10;
  const worst = gpuValues.reduce(
    (most, value, i) => Math.max(most, Math.abs(value - (cpuValues[i] as number))),
    0,
  );
  expect(worst).toBeLessThan(bound);
});

test.each(['log-normal', 'outlier-channels'] as const)(
  'the GPU makes %s data as the studies do',
  async (distribution) => {
    const wanted = sample(distribution, 'activations', rows, cols, 14).data as Float32Array;
    const values = await onGpu(distribution, 14);
    // As above, times 20 in outlier channels; below exp the same error is one of the logarithm.
    const bound = 20 * (5.77 * 2 ** -11 + 2 ** -10);
    const distance = (x: number, y: number) =>
      distribution === 'log-normal' ? 20 * Math.abs(Math.log(x / y)) : Math.abs(x - y);
    const worst = values.reduce((most, value, i) => Math.max(most, distance(value, wanted[i] as number)), 0);
    expect(worst).toBeLessThan(bound);
  },
);

test('the hash is pcg3d', () => {
  // By the definition in 64-bit integers, independent of Math.imul and of shifts.
  const mask = 0xffffffffn;
  const reference = (index: bigint, seed: bigint) => {
    let [x, y, z] = [index, seed, 0n].map((v) => (v * 1664525n + 1013904223n) & mask) as [
      bigint,
      bigint,
      bigint,
    ];
    x = (x + y * z) & mask;
    y = (y + z * x) & mask;
    z = (z + x * y) & mask;
    [x, y, z] = [x ^ (x >> 16n), y ^ (y >> 16n), z ^ (z >> 16n)];
    x = (x + y * z) & mask;
    y = (y + z * x) & mask;
    z = (z + x * y) & mask;
    return [x, y, z].map(Number);
  };
  for (const [index, seed] of [
    [0, 0],
    [1, 0],
    [0xffffffff, 0x80000000],
    [123456789, 42],
  ] as const)
    expect([...randomWords(index, seed)]).toEqual(reference(BigInt(index), BigInt(seed)));
});

test('the same seed gives the same matrix, another seed another', async () => {
  expect(randomMatrix(3, 5, 1)).toEqual(randomMatrix(3, 5, 1));
  expect(randomMatrix(3, 5, 1)).not.toEqual(randomMatrix(3, 5, 2));
});

test('refuses a matrix without rows', () => expect(() => randomMatrix(0, 5, 1)).toThrow(ArgumentError));
