import { expect, test } from 'vitest';
import {
  type BenchCase,
  type CastCase,
  caseBytes,
  caseName,
  caseOperations,
  type GemmCase,
  type GroupedCase,
  groupSizes,
  type SuiteName,
  suite,
  suiteNames,
} from '../../bench/suites.js';
import { ArgumentError } from '../../src/errors.js';
import { formatByName } from '../../src/format/formats.js';
import { dtypes } from '../../src/matrix.js';
import { granularityByName } from '../../src/quantize/granularity.js';

const gemms = (name: SuiteName) => suite(name).filter((one): one is GemmCase => one.kind === 'gemm');

/** What a suite measures beside copies. */
const usual: readonly BenchCase['kind'][] = ['gemm', 'quantize'];
const kinds: Partial<Record<SuiteName, typeof usual>> = {
  backward: ['gemm'],
  grouped: ['grouped', 'gemm'],
  cast: ['cast'],
};

for (const name of suiteNames) {
  test(`${name} holds well-formed cases, each once`, () => {
    const cases = suite(name);
    expect(new Set(cases.map(caseName)).size).toBe(cases.length);
    expect(cases[0]?.kind).toBe('copy');
    expect(new Set(cases.map(({ kind }) => kind))).toEqual(new Set(['copy', ...(kinds[name] ?? usual)]));
    for (const one of cases) {
      expect(caseBytes(one)).toBeGreaterThan(0);
      for (const size of Object.values(one).filter((value) => typeof value === 'number')) {
        expect(Number.isSafeInteger(size)).toBe(true);
        expect(size).toBeGreaterThan(0);
      }
      if (one.kind === 'copy') expect(one.bytes % 16).toBe(0);
      if ('out' in one) expect(dtypes).toContain(one.out);
      if (one.kind !== 'gemm' && one.kind !== 'quantize') continue;
      const formats = one.kind === 'gemm' ? [one.aFormat, one.bFormat] : [one.format];
      const tiles = one.kind === 'gemm' ? [one.aGranularity, one.bGranularity] : [one.granularity];
      for (const format of formats) expect(formatByName(format).name).toBe(format);
      for (const tile of tiles) expect(granularityByName(tile).name).toBe(tile);
    }
  });
}

test('deepseek is the forward pass at four sizes of M and both gradients', () => {
  const cases = gemms('deepseek');
  expect(cases).toHaveLength(28 + 7 + 7);
  // Forward and gradient of the activations share M; the other two dimensions change places.
  const shapes = new Set(cases.map(({ m, n, k }) => `${m}x${n}x${k}`));
  for (const shape of [
    '1x2112x7168',
    '16x7168x16384',
    '128x7168x16384',
    '4096x7168x2048',
    '4096x7168x2112',
    '2112x4096x7168',
  ])
    expect(shapes).toContain(shape);
  const wgrads = cases.filter(({ bGranularity }) => bGranularity === '1x128');
  expect(wgrads).toHaveLength(7);
  for (const { n, out } of wgrads) expect([n, out]).toEqual([4096, 'f32']);
});

test('backward is the three products of each layer at M = 4096', () => {
  const cases = gemms('backward');
  expect(cases).toHaveLength(3 * 7);
  // The same operations each time: M, N and K change places.
  for (let layer = 0; layer < 7; layer++) {
    const operations = [0, 7, 14].map((of) => caseOperations(cases[of + layer] as GemmCase));
    expect(new Set(operations).size).toBe(1);
  }
});

test("grouped has DeepGEMM's shapes, and the dense product of the same work", () => {
  const cases = suite('grouped').filter((one): one is GroupedCase => one.kind === 'grouped');
  expect(cases.map(({ grouping }) => grouping).filter((name) => name === 'rows')).toHaveLength(2 * 4);
  expect(cases.map(({ grouping }) => grouping).filter((name) => name === 'masked')).toHaveLength(3 * 4);
  expect(cases.map(({ grouping }) => grouping).filter((name) => name === 'k')).toHaveLength(3 * 2);
  const [first] = cases as [GroupedCase];
  expect(caseName(first)).toBe('grouped 4 of 8192x6144x7168 e4m3, groups of rows, to bf16');
  expect(gemms('grouped').map(caseOperations)).toEqual([caseOperations(first)]);
  // Masked groups are uneven, and about as large as they are said to be.
  for (const one of cases.filter(({ grouping }) => grouping === 'masked')) {
    const sizes = groupSizes(one);
    expect(new Set(sizes).size).toBeGreaterThan(1);
    for (const size of sizes) expect(Math.abs(size / one.size - 1)).toBeLessThan(0.36);
    expect(caseOperations(one)).toBe(sizes.reduce((sum, size) => sum + 2 * size * one.n * one.other, 0));
  }
});

test('cast has every way of each shape', () => {
  const cases = suite('cast').filter((one): one is CastCase => one.kind === 'cast');
  expect(cases.map(({ m, cast }) => `${m} ${cast}`)).toEqual(
    [1, 16, 128, 4096].flatMap((m) => [`${m} fused`, `${m} pass`, `${m} separate`]),
  );
  const [one] = cases as [CastCase];
  // f32 values, codes, scales of blocks, bf16 outputs.
  expect(caseBytes(one)).toBe(4 * 2048 + 7168 * 2048 + 4 * 56 * 16 + 2 * 7168);
});

test('groups count their codes, scales and outputs once', () => {
  const group = {
    kind: 'grouped',
    groups: 2,
    size: 128,
    capacity: 128,
    n: 256,
    other: 384,
    out: 'f32',
  } as const;
  expect(caseBytes({ ...group, grouping: 'rows' })).toBe(
    256 * 384 + 4 * 256 * 3 + 2 * (256 * 384 + 4 * 2 * 3) + 4 * 256 * 256,
  );
  expect(caseBytes({ ...group, grouping: 'k' })).toBe(
    (384 + 256) * 256 + 4 * (384 + 256) * 2 + 4 * 2 * 384 * 256,
  );
});

test('squares run from 256 to 8192', () =>
  expect(gemms('squares').map(({ m, n, k }) => [m, n, k])).toEqual(
    [256, 512, 1024, 2048, 4096, 8192].map((n) => [n, n, n]),
  ));

test('ragged has no shape that fits a tile of 8 in every dimension', () => {
  for (const { m, n, k } of gemms('ragged')) expect([m, n, k].some((size) => size % 8 !== 0)).toBe(true);
});

test('smoke fits a CPU: a GFLOP in all', () => {
  expect(gemms('smoke').reduce((sum, one) => sum + caseOperations(one), 0)).toBeLessThan(1e9);
});

test('--out replaces the type of every product', () => {
  const outs = suite('deepseek', { out: 'f16' }).map((one) => (one.kind === 'gemm' ? one.out : 'f16'));
  expect(new Set(outs)).toEqual(new Set(['f16']));
});

test('a product of ragged size counts its codes, its scales and its output once', () => {
  const one: GemmCase = {
    kind: 'gemm',
    m: 3,
    n: 130,
    k: 129,
    aFormat: 'e4m3',
    bFormat: 'e2m1',
    aGranularity: '1x128',
    bGranularity: '128x128',
    out: 'bf16',
  };
  expect(caseOperations(one)).toBe(2 * 3 * 130 * 129);
  // A: 3·129 bytes, 3·2 scales. B: 130·129 half bytes, 2·2 scales. D: 3·130 of 2 bytes.
  expect(caseBytes(one)).toBe(3 * 129 + 24 + (130 * 129) / 2 + 16 + 3 * 130 * 2);
});

test('quantising reads f32 and writes codes and scales; 1x32 scales are bytes', () => {
  const one = { kind: 'quantize', rows: 2, cols: 100, format: 'e4m3' } as const;
  expect(caseBytes({ ...one, granularity: '1x128' })).toBe(2 * 100 * 5 + 2 * 4);
  expect(caseBytes({ ...one, granularity: '1x32' })).toBe(2 * 100 * 5 + 2 * 4 * 1);
});

test('an unknown suite is refused by name', () => {
  expect(() => suite('huge')).toThrow(ArgumentError);
  expect(() => suite('toString')).toThrow(/smoke, deepseek, squares, ragged, backward, grouped, cast/);
});

test('a case names every part that is not the usual', () => {
  const [usual] = gemms('squares') as [GemmCase];
  const names = [
    usual,
    { ...usual, dialect: 'ieee' },
    { ...usual, distribution: 'log-normal' },
    { ...usual, accumulator: 'ada-mma' },
    { ...usual, accumulator: 'ada-mma', promote: 64 },
    { ...usual, accumulator: 'ada-mma', promote: 'none' },
  ] as const;
  expect(new Set(names.map(caseName)).size).toBe(names.length);
  expect(caseName({ ...usual, distribution: 'normal' })).toBe(caseName(usual));
});
