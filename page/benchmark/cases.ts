/** @file The cases that settings stand for, each checked before anything runs. */

import { largestSide, parseSides } from '../../bench/parse-sides.js';
import type { Product } from '../../bench/peers/peer.js';
import {
  type BenchCase,
  type CopyCase,
  caseName,
  type GemmCase,
  type PeakCase,
  suite,
} from '../../bench/suites.js';
import { planAccumulation } from '../../src/accumulate/plan.js';
import { ArgumentError } from '../../src/errors.js';
import { granularityByName } from '../../src/quantize/granularity.js';
import { chooseQuantization } from '../../src/quantize/options.js';
import type { Settings } from './settings.js';

/** Shapes of one's own in one run. */
const mostShapes = 64;

/** What copies and multiply-adds are measured on: long enough to be timed, short enough not to be noticed. */
const ceilings: Readonly<Record<'hardware' | 'software', readonly [CopyCase, PeakCase]>> = {
  hardware: [
    { kind: 'copy', bytes: 2 ** 27 },
    { kind: 'peak', operations: 2 ** 35 },
  ],
  software: [
    { kind: 'copy', bytes: 2 ** 24 },
    { kind: 'peak', operations: 2 ** 27 },
  ],
};

/**
 * The ceilings of this kind of adapter, then what the settings ask for.
 * @throws ArgumentError naming the setting that does not fit
 */
export function casesOf(settings: Settings, kind: 'hardware' | 'software'): BenchCase[] {
  const wanted =
    settings.suite === 'own'
      ? parseShapes(settings.shapes).map(([m, n, k]): GemmCase => ({ ...usual, m, n, k }))
      : suite(settings.suite).filter((one) => one.kind !== 'copy');
  const cases = wanted.map((one) => (one.kind === 'gemm' ? withSettings(one, settings) : one));
  for (const one of cases) if (one.kind === 'gemm') check(one);
  return [...ceilings[kind], ...cases];
}

/** The shapes of cases, each once: other libraries know neither codes nor scales. */
export function productsOf(cases: readonly BenchCase[]): Product[] {
  const products = cases.flatMap((one) => (one.kind === 'gemm' ? [{ m: one.m, n: one.n, k: one.k }] : []));
  return [...new Map(products.map((one) => [`${one.m}x${one.n}x${one.k}`, one])).values()];
}

/**
 * The products of the settings, each once, as tuning tries them.
 * @throws ArgumentError naming the setting that does not fit
 */
export function tuningCasesOf(settings: Settings): GemmCase[] {
  if (settings.accumulator !== 'none')
    throw new ArgumentError('accumulator', settings.accumulator, 'none: what emulates one is not tuned');
  const products = casesOf(settings, 'hardware').filter((one): one is GemmCase => one.kind === 'gemm');
  if (products.length === 0)
    throw new ArgumentError('suite', settings.suite, 'one that multiplies a pair of matrices at a time');
  return [...new Map(products.map((one) => [caseName(one), one])).values()];
}

const usual = {
  kind: 'gemm',
  aFormat: 'e4m3',
  bFormat: 'e4m3',
  aGranularity: '1x128',
  bGranularity: '128x128',
  out: 'f32',
} as const;

function withSettings(one: GemmCase, settings: Settings): GemmCase {
  const { promote, accumulator, distribution, dialect } = settings;
  const replaced = (['aFormat', 'bFormat', 'aGranularity', 'bGranularity', 'out'] as const).filter(
    (name) => settings[name] !== 'suite',
  );
  // settingsFrom has held every name against the names there are.
  return {
    ...one,
    ...Object.fromEntries(replaced.map((name) => [name, settings[name]])),
    ...(dialect === 'suite' ? {} : { dialect }),
    ...(distribution === 'normal' ? {} : { distribution }),
    ...(accumulator === 'none' ? {} : { accumulator }),
    ...(promote === 'suite' ? {} : { promote: promote === 'none' ? promote : Number(promote) }),
  } as GemmCase;
}

function check(one: GemmCase): void {
  const scaling = one.dialect === undefined ? {} : { dialect: one.dialect };
  chooseQuantization({ format: one.aFormat, granularity: one.aGranularity, ...scaling });
  chooseQuantization({ format: one.bFormat, granularity: one.bGranularity, ...scaling });
  const [a, b] = [granularityByName(one.aGranularity), granularityByName(one.bGranularity)];
  const { accumulator = 'hopper-wgmma', promote } = one;
  planAccumulation(one.k, a, b, { accumulator, ...(promote === undefined ? {} : { promote }) });
}

/**
 * Shapes as people write them: 64x64x128, 4096 × 7168 × 2048; commas, semicolons or line ends between.
 * @throws ArgumentError naming what is no shape
 */
export function parseShapes(text: string): [m: number, n: number, k: number][] {
  const parts = text
    .split(/[,;\n]/)
    .map((part) => part.trim())
    .filter(Boolean);
  if (parts.length === 0 || parts.length > mostShapes)
    throw new ArgumentError('shapes', text, `1 to ${mostShapes} shapes such as 64x64x128`);
  return parts.map((part) => {
    const sides = parseSides(part, 3);
    if (!sides)
      throw new ArgumentError('shapes', part, `M x N x K, three whole numbers from 1 to ${largestSide}`);
    return sides as [number, number, number];
  });
}
