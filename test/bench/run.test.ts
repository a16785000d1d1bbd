import { expect, test } from 'vitest';
import type { BenchRecord, Measurement } from '../../bench/record.js';
import { runBench } from '../../bench/run.js';
import { type BenchCase, caseBytes, caseName, caseOperations, type GemmCase } from '../../bench/suites.js';
import { ArgumentError, UnsupportedError } from '../../src/errors.js';
import type { Shader } from '../../src/gpu/shader.js';
import { applyTuning } from '../../src/tune/tuned.js';
import { emptyTuning, withProducts } from '../../src/tune/tuning.js';
import { openTestGpu } from '../adapter.js';
import { replaced, withDefect } from '../verify/defect.js';

const gpu = await openTestGpu();

const gemm: GemmCase = {
  kind: 'gemm',
  m: 65,
  n: 130,
  k: 257,
  aFormat: 'e4m3',
  bFormat: 'e4m3',
  aGranularity: '1x128',
  bGranularity: '128x128',
  out: 'bf16',
};
const copy: BenchCase = { kind: 'copy', bytes: 2 ** 16 };
const quantize: BenchCase = { kind: 'quantize', rows: 5, cols: 200, format: 'e4m3', granularity: '1x128' };

test('a tiny run on the software adapter, from random data to records', async () => {
  const cases = [copy, gemm, quantize, { ...quantize, granularity: '128x128' } as const];
  const seen: BenchRecord[] = [];
  let casesDone = 0;
  const records = await runBench(gpu, cases, {
    onRecord: (record) => seen.push(record),
    onCase: () => casesDone++,
  });

  expect(seen).toEqual(records);
  expect(casesDone).toBe(cases.length);
  expect(records.map(({ name }) => name)).toEqual(cases.map(caseName));
  expect(records.map(({ kernel }) => kernel)).toEqual(['copy', 'portable', 'quantize', 'quantize']);
  // JSON has neither NaN nor undefined: a record that held one would come back changed.
  expect(JSON.parse(JSON.stringify(records))).toEqual(records);

  for (const record of records) {
    expect(record).toMatchObject({
      status: 'measured',
      adapter: { name: gpu.adapter.name, kind: 'software' },
      timing: 'timestamp',
      version: '0.0.0-test',
    });
    const { case: one, date, samples, min, median, max, tflops, gbps } = record as Measurement;
    expect(new Date(date).toISOString()).toBe(date);
    expect(samples).toBeGreaterThanOrEqual(3);
    expect(min).toBeGreaterThan(0);
    expect(median).toBeGreaterThanOrEqual(min);
    expect(max).toBeGreaterThanOrEqual(median);
    const seconds = median * 1e-6;
    expect(gbps * 1e9 * seconds).toBeCloseTo(caseBytes(one), 3);
    if (one.kind === 'gemm') expect((tflops ?? 0) * 1e12 * seconds).toBeCloseTo(caseOperations(one), 3);
    else expect(tflops).toBeNull();
  }
  const { error, calcDiff } = records[1] as Measurement;
  // Rounding to bf16 is an error of at most 2^-9 of each output and, being random, not nothing: outputs of N(0, 1)
  // products are at most some 5 times their RMS.
  expect(error).toBeGreaterThan(2 ** -12);
  expect(error).toBeLessThan(5 * 2 ** -9);
  expect(calcDiff).toBeGreaterThan(0);
  expect(calcDiff).toBeLessThan(2 ** -18);
});

test('a tuned product is followed, and records say so', async () => {
  const { kind: _, ...product } = { ...gemm, m: 8 };
  const tiling = { rows: 32, cols: 64, depth: 16, threadRows: 8, parts: 2 };
  const tuned = { ...product, kernel: 'portable', tiling, microseconds: 10 };
  applyTuning(gpu, withProducts(emptyTuning(gpu.adapter.name), [tuned]));
  try {
    const [followed] = await runBench(gpu, [{ ...gemm, m: 8 }]);
    expect(followed).toMatchObject({ status: 'measured', kernel: 'portable', tiling, tuned: true });
  } finally {
    applyTuning(gpu, undefined);
  }
  const [untuned] = await runBench(gpu, [{ ...gemm, m: 8 }]);
  expect(untuned).toMatchObject({ status: 'measured', kernel: 'skinny', tuned: false });
});

test.each<[string, (shader: Shader) => Shader, RegExp]>([
  [
    'sums that lack a part of K',
    replaced('step < place.end_step;', 'step + STEP_SEGMENTS < place.end_step;'),
    /^D\(\d+, \d+\) of whole numbers is -?\d+, not -?\d+$/,
  ],
  // Of whole numbers all scales are the same.
  [
    'scales of other tiles',
    replaced('(k >> operand.col_shift)', '(k >> (operand.col_shift + 1u))'),
    /^D\(\d+, \d+\) is .+, not .+ ± /,
  ],
])('a wrong product is a failure without figures: %s', async (_, defect, reason) => {
  const [record] = await withDefect(gpu, defect, () => runBench(gpu, [gemm]));
  expect(record).toMatchObject({ status: 'failed', reason: expect.stringMatching(reason) });
  expect(record).not.toHaveProperty('median');
});

test('wrong codes and a wrong copy are failures too', async () => {
  const [quantized] = await withDefect(gpu, replaced('22u - FORMAT', '23u - FORMAT'), () =>
    runBench(gpu, [quantize]),
  );
  expect(quantized).toMatchObject({
    status: 'failed',
    reason: expect.stringMatching(/^codes of rows 0 to 3: /),
  });
  const [copied] = await withDefect(gpu, replaced('index < params.count', 'index < params.count / 2u'), () =>
    runBench(gpu, [copy]),
  );
  expect(copied).toMatchObject({ status: 'failed', reason: expect.stringMatching(/was not copied$/) });
});

test('the peak is multiply-adds and nothing else, and a compiler that leaves some out is found out', async () => {
  const peak: BenchCase = { kind: 'peak', operations: 1 };
  const [record] = await runBench(gpu, [peak]);
  expect(record).toMatchObject({ status: 'measured', kernel: 'peak', gbps: 0 });
  const { tflops, median } = record as Measurement;
  // 256 threads of 16 chains of 4096 multiply-adds, each of which counts as two.
  expect((tflops ?? 0) * 1e6 * median).toBeCloseTo(2 * 256 * 16 * 4096, 0);
  const [wrong] = await withDefect(gpu, replaced('b = fma(b, factor, addend);', ''), () =>
    runBench(gpu, [peak]),
  );
  expect(wrong).toMatchObject({
    status: 'failed',
    reason: expect.stringMatching(/^the sum of thread 0 is /),
  });
});

test('several kernels run each case, with data, dialect and accumulator of its own', async () => {
  const one: GemmCase = {
    ...gemm,
    m: 17,
    n: 33,
    aGranularity: 'row',
    bGranularity: 'row',
    dialect: 'ieee',
    distribution: 'log-normal',
    accumulator: 'hopper-wgmma',
    promote: 'none',
    out: 'f32',
  };
  const started: string[] = [];
  const records = await runBench(gpu, [one], {
    kernel: ['portable', 'auto'],
    onStart: (_, kernel) => started.push(kernel),
  });
  expect(started).toEqual(['portable', 'emulated']);
  expect(records.map(({ status, kernel }) => [kernel, status])).toEqual(
    started.map((kernel) => [kernel, 'measured']),
  );
  const [plain, emulated] = records as Measurement[];
  // All terms are positive: an accumulator of 14 bits falls behind f32 by far.
  expect((emulated as Measurement).error).toBeGreaterThan(100 * ((plain as Measurement).error ?? NaN));
});

test('an interrupted run keeps what is done', async () => {
  const stop = new AbortController();
  const records = await runBench(gpu, [copy, copy, copy], {
    signal: stop.signal,
    onRecord: () => stop.abort(),
  });
  expect(records.map(({ status }) => status)).toEqual(['measured']);
});

test('what a software adapter would take minutes for is skipped and said to be', async () => {
  const [record] = await runBench(gpu, [{ ...gemm, m: 8192, n: 8192, k: 8192 }]);
  expect(record).toMatchObject({ status: 'skipped', reason: expect.stringContaining('software adapter') });
});

test('a matrix beyond the limits of the device is skipped with the reason', async () => {
  const [record] = await runBench(gpu, [{ ...quantize, rows: 2 ** 20, cols: 2 ** 12 }]);
  expect(record).toMatchObject({ status: 'skipped', reason: expect.stringMatching(/bytes in one buffer/) });
});

test('nothing is measured on the null adapter, nor by an unknown kernel', async () => {
  await expect(runBench(await openTestGpu('null'), [copy])).rejects.toThrow(UnsupportedError);
  await expect(runBench(gpu, [gemm], { kernel: 'fastest' })).rejects.toThrow(ArgumentError);
});
