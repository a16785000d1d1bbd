import { afterEach, describe, expect, test, vi } from 'vitest';
import { caseName, caseProblem, type GemmCase, suite, suiteNames } from '../../bench/suites.js';
import { candidates, tuneCase } from '../../bench/tune.js';
import { ArgumentError, UnsupportedError } from '../../src/errors.js';
import { measuredMachine } from '../../src/format/native-halves.js';
import { planGemm } from '../../src/gemm/gemm.js';
import { portable } from '../../src/gemm/portable.js';
import { readTuning, type TuningStore } from '../../src/tune/store.js';
import { applyTuning, chooseTiling } from '../../src/tune/tuned.js';
import {
  asTuning,
  emptyTuning,
  nearestProduct,
  type TunedProduct,
  withProducts,
} from '../../src/tune/tuning.js';
import { openTestGpu } from '../adapter.js';
import { replaced, withDefect } from '../verify/defect.js';

const gpu = await openTestGpu();

afterEach(() => {
  vi.restoreAllMocks();
  applyTuning(gpu, undefined);
});

const tiny: GemmCase = {
  kind: 'gemm',
  m: 40,
  n: 48,
  k: 256,
  aFormat: 'e4m3',
  bFormat: 'e4m3',
  aGranularity: '1x128',
  bGranularity: '128x128',
  out: 'f32',
};
const { kind: _, ...product } = tiny;
const tuned: TunedProduct = {
  ...product,
  kernel: 'portable',
  tiling: { rows: 32, cols: 64, depth: 16, threadRows: 8, parts: 2 },
  microseconds: 10,
};
const problem = caseProblem(tiny);

describe('the nearest product', () => {
  const tuning = withProducts(emptyTuning('adapter'), [
    tuned,
    { ...tuned, n: 60 },
    { ...tuned, out: 'bf16' },
  ]);

  test.each<[string, Partial<GemmCase>, number | undefined]>([
    ['is the same one', {}, 48],
    ['is the one nearest in shape', { n: 70 }, 60],
    ['is none beyond a factor of two', { k: 600 }, undefined],
    ['is none of another format', { aFormat: 'e5m2' }, undefined],
    ['is none of another granularity', { bGranularity: 'row' }, undefined],
  ])('%s', (_, change, n) => {
    expect(nearestProduct(tuning, caseProblem({ ...tiny, ...change }))?.n).toBe(n);
  });

  test('is replaced when it is tuned again', () => {
    const again = withProducts(tuning, [{ ...tuned, microseconds: 5 }]);
    expect(again.products).toHaveLength(3);
    expect(nearestProduct(again, problem)?.microseconds).toBe(5);
  });
});

describe('auto', () => {
  test('takes the tuned kernel and tiling', async () => {
    applyTuning(gpu, withProducts(emptyTuning('adapter'), [{ ...tuned, m: 3 }]));
    const { kernel, tiling } = await planGemm(gpu, caseProblem({ ...tiny, m: 3 }));
    expect(kernel.name).toBe('portable');
    expect(tiling).toEqual(tuned.tiling);
    applyTuning(gpu, undefined);
    expect((await planGemm(gpu, caseProblem({ ...tiny, m: 3 }))).kernel.name).toBe('skinny');
  });

  test('takes as many parts of K as a problem near it allows, and nothing that a kernel does not have', async () => {
    const machine = await measuredMachine(gpu);
    const short = caseProblem({ ...tiny, k: 128 });
    expect(chooseTiling(portable, short, machine, tuned)).toEqual({ ...tuned.tiling, parts: 1 });
    const foreign = {
      ...tuned,
      tiling: { rows: 48, cols: 64, depth: 32, threadRows: 8, parts: 2 },
    };
    expect(chooseTiling(portable, problem, machine, foreign)).toEqual(portable.tilings(problem, machine)[0]);
    const gone = { ...tuned, kernel: 'gone' };
    applyTuning(gpu, withProducts(emptyTuning('adapter'), [gone]));
    expect((await planGemm(gpu, problem)).kernel.name).toBe('portable');
  });
});

describe('what is stored', () => {
  const holding = (stored: unknown): TuningStore => ({
    read: async () => stored,
    write: async () => {},
    remove: async () => {},
  });
  const whole = { schema: 1, adapter: 'adapter', products: [tuned] };

  test('is read back', async () => {
    expect(await readTuning(holding(JSON.parse(JSON.stringify(whole))), 'adapter')).toEqual(whole);
    expect(await readTuning(holding(undefined), 'adapter')).toBeUndefined();
  });

  test.each<[unknown, RegExp]>([
    [[], /tuning is .*an object/],
    [{ ...whole, schema: 2 }, /tuning\.schema is 2.*1/],
    [{ ...whole, products: 3 }, /tuning\.products is 3.*an array/],
    [{ ...whole, products: [{ ...tuned, m: 0 }] }, /tuning\.products\[0\]\.m is 0.*positive/],
    [
      { ...whole, products: [{ ...tuned, untunedMicroseconds: '9' }] },
      /untunedMicroseconds is "9".*positive/,
    ],
    [{ ...whole, products: [{ ...tuned, out: 7 }] }, /tuning\.products\[0\]\.out is 7.*name/],
    [{ ...whole, products: [{ ...tuned, tiling: { rows: [] } }] }, /tiling\.rows/],
  ])('%j is refused', (stored, message) => {
    expect(() => asTuning(stored, 'tuning')).toThrow(ArgumentError);
    expect(() => asTuning(stored, 'tuning')).toThrow(message);
  });
});

describe('tuning', () => {
  test('checks every candidate, leaves out what is wrong or does not run, and keeps the fastest', async () => {
    const tilings = [
      { rows: 32, cols: 64, depth: 16, threadRows: 8, parts: 1 },
      // Threads that are none: refused by the compiler.
      { rows: 4, cols: 64, depth: 32, threadRows: 8, parts: 1 },
      { rows: 32, cols: 64, depth: 16, threadRows: 8, parts: 2 },
    ];
    vi.spyOn(portable, 'tilings').mockReturnValue(tilings);
    const trials: string[] = [];
    const {
      winner,
      untuned,
      trials: all,
    } = await tuneCase(gpu, tiny, {
      kernels: ['portable'],
      onTrial: ({ reason }, done, total) => trials.push(`${done}/${total} ${reason === undefined}`),
    });
    expect(all.map(({ reason }) => reason === undefined)).toEqual([true, false, true]);
    expect(winner).toMatchObject({ ...product, kernel: 'portable' });
    expect(tilings).toContainEqual(winner.tiling);
    expect(winner.microseconds).toBeGreaterThan(0);
    expect(winner.untunedMicroseconds).toBe(untuned.microseconds);
    expect(winner.microseconds).toBeLessThanOrEqual(untuned.microseconds ?? 0);
    expect(trials.length).toBeGreaterThanOrEqual(5);
  });

  test('says why nothing computes a product', async () => {
    await expect(tuneCase(gpu, { ...tiny, m: 20 }, { kernels: ['skinny'] })).rejects.toThrow(
      UnsupportedError,
    );
    // Threads that are none, for the same reason twice.
    const none = { rows: 4, cols: 64, depth: 32, threadRows: 8, parts: 1 };
    vi.spyOn(portable, 'tilings').mockReturnValue([none, none]);
    const error = await tuneCase(gpu, tiny, { kernels: ['portable'] }).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(UnsupportedError);
    expect(String(error).match(/portable: /g)).toHaveLength(1);
  });

  test('takes no candidate that leaves products out', async () => {
    const short = replaced('chunk < place.end_step;', 'chunk + CHUNK_SEGMENTS < place.end_step;');
    const run = () => tuneCase(gpu, { ...tiny, m: 3 }, { kernels: ['skinny'] });
    await expect(withDefect(gpu, short, run)).rejects.toThrow(/no kernel computes .* of whole numbers is /);
  });

  test('ends when it is told to', async () => {
    const stop = AbortSignal.abort(new Error('enough'));
    await expect(tuneCase(gpu, tiny, { signal: stop })).rejects.toThrow('enough');
  });

  test('has candidates for every product of every suite', async () => {
    const cases = suiteNames.flatMap((name) => suite(name).filter((one) => one.kind === 'gemm'));
    expect(cases.length).toBeGreaterThan(suiteNames.length);
    for (const one of cases) expect((await candidates(gpu, one)).length, caseName(one)).toBeGreaterThan(1);
  });
});
