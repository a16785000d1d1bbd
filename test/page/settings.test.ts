/** @file What the benchmark's settings stand for, without a browser. */

import { expect, test } from 'vitest';
import { caseName, caseOperations, type GemmCase } from '../../bench/suites.js';
import { casesOf, parseShapes, tuningCasesOf } from '../../page/benchmark/cases.js';
import {
  choices,
  defaultSettings,
  type Settings,
  settingsFrom,
  settingsParams,
} from '../../page/benchmark/settings.js';
import type { Progress } from '../../page/benchmark/state.js';
import { leftText, outlook } from '../../page/benchmark/time-left.js';
import { ArgumentError } from '../../src/errors.js';

const products = (settings: Settings, kind: 'hardware' | 'software' = 'hardware') =>
  casesOf(settings, kind).filter((one): one is GemmCase => one.kind === 'gemm');

test('every setting survives the address', () => {
  expect(settingsParams(defaultSettings)).toEqual({});
  for (const [name, values] of Object.entries(choices))
    for (const value of values) {
      const settings = { ...defaultSettings, [name]: value };
      expect(settingsFrom(settingsParams(settings))).toEqual(settings);
    }
  const own = { ...defaultSettings, suite: 'own', shapes: '1x2x3', kernels: ['portable', 'emulated'] };
  expect(settingsFrom(settingsParams(own))).toEqual(own);
});

test.each([
  [{ suite: 'huge' }, 'suite is "huge"; allowed: smoke'],
  [{ aFormat: 'e8m0' }, 'aFormat is "e8m0"; allowed: suite, e4m3'],
  [{ promote: '33' }, 'promote is "33"; allowed: suite, 32'],
  [{ kernels: '' }, 'kernels is ""; allowed: one or more of auto'],
  [{ kernels: 'portable,fast' }, 'kernels is "fast"; allowed: auto'],
  [{ shapes: 3 }, 'shapes is 3; allowed: a text'],
])('%o is refused by name', (given, message) => {
  expect(() => settingsFrom(given)).toThrow(ArgumentError);
  expect(() => settingsFrom(given)).toThrow(message);
});

test('shapes are read as people write them', () => {
  const wanted = [
    [1, 2, 3],
    [64, 128, 256],
  ];
  for (const text of ['1x2x3, 64x128x256', '1 x 2 x 3\n64×128×256', '1X2*3;64 × 128 × 256;'])
    expect(parseShapes(text)).toEqual(wanted);
  for (const text of ['', '1x2', '1x2x0', '1x2x3x4', '1.5x2x3', '-1x2x3', `1x2x${2 ** 20 + 1}`, 'axbxc'])
    expect(() => parseShapes(text)).toThrow(/^shapes is /);
  expect(() => parseShapes('1x1x1,'.repeat(65))).toThrow('1 to 64 shapes');
});

test('the ceilings come first, smaller where a CPU computes', () => {
  const [hardware, software] = [casesOf(defaultSettings, 'hardware'), casesOf(defaultSettings, 'software')];
  for (const cases of [hardware, software])
    expect(cases.map(({ kind }) => kind).filter((kind) => kind === 'copy' || kind === 'peak')).toEqual([
      'copy',
      'peak',
    ]);
  expect(caseOperations(software[1] as (typeof software)[1])).toBeLessThan(
    caseOperations(hardware[1] as (typeof hardware)[1]),
  );
});

test('what is chosen replaces what the suite has, and nothing else', () => {
  const usual = products({ ...defaultSettings, suite: 'deepseek' });
  const chosen = products({
    ...defaultSettings,
    suite: 'deepseek',
    out: 'f16',
    promote: 'none',
    aGranularity: 'row',
    bGranularity: 'row',
    accumulator: 'ada-mma',
  });
  expect(chosen).toHaveLength(usual.length);
  chosen.forEach((one, index) => {
    expect(one).toEqual({
      ...usual[index],
      out: 'f16',
      promote: 'none',
      aGranularity: 'row',
      bGranularity: 'row',
      accumulator: 'ada-mma',
    });
  });
  expect(new Set(chosen.map(caseName)).size).toBe(new Set(usual.map(({ m, n, k }) => `${m}x${n}x${k}`)).size);
});

test.each([
  [{ dialect: 'mx' }, 'dialect is "mx"'],
  [{ promote: 'none' }, 'promote is "none"; allowed: a multiple of 32 up to 128'],
  [{ aFormat: 'bf16' }, 'format is "bf16"'],
])('%o does not fit, and is refused before anything runs', (part, message) => {
  expect(() => casesOf({ ...defaultSettings, ...part }, 'hardware')).toThrow(message);
});

test('tuning takes every product once, and refuses what has none of its kind', () => {
  const own = { ...defaultSettings, suite: 'own', shapes: '1x2x3, 4x5x6, 1x2x3' };
  expect(tuningCasesOf(own).map(({ m, n, k }) => [m, n, k])).toEqual([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  expect(() => tuningCasesOf({ ...own, accumulator: 'ada-mma' })).toThrow('accumulator is "ada-mma"');
  expect(() => tuningCasesOf({ ...own, suite: 'cast' })).toThrow('suite is "cast"');
});

const underWay: Progress = {
  phase: 'verifying',
  steps: 10,
  stepsDone: 5,
  measurements: 4,
  measured: 0,
  current: '',
  verifyingSince: 1000,
  measuringSince: 0,
};

test('the time left follows the pace so far', () => {
  // 5 steps took 5 s: 5 more, and 4 measurements of 2 s each as long as none has been timed.
  expect(outlook(underWay, 6000)).toEqual({ share: 5 / 18, secondsLeft: 13 });
  // 2 of 4 measurements took 6 s.
  const measuring = { ...underWay, stepsDone: 10, measured: 2, measuringSince: 11_000 };
  expect(outlook(measuring, 17_000)).toEqual({ share: 16 / 22, secondsLeft: 6 });
  expect(outlook({ ...underWay, steps: 0, stepsDone: 0, measurements: 0 }, 1000).share).toBe(0);
  expect([0.5, 12.2, 60, 131].map(leftText)).toEqual([
    'almost done',
    'about 13 s left',
    'about 1 min 0 s left',
    'about 2 min 15 s left',
  ]);
});
