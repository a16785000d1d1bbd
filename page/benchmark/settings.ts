/** @file What the reader asks the benchmark to do: as a value, and as the address's query. */

import { suiteNames } from '../../bench/suites.js';
import { profiles } from '../../src/accumulate/profile.js';
import { ArgumentError } from '../../src/errors.js';
import { distributions } from '../../src/experiment/data.js';
import { elementFormats } from '../../src/format/formats.js';
import { kernelNames } from '../../src/gemm/registry.js';
import { dtypes } from '../../src/matrix.js';
import { dialectNames } from '../../src/quantize/dialect.js';
import { granularityNames } from '../../src/quantize/granularity.js';

/** Every setting that is one of a few names, its default first. `suite` leaves a part of a case as the suite has it. */
export const choices = {
  suite: [...suiteNames, 'own'],
  verify: ['all', 'kernels', 'none'],
  aFormat: ['suite', ...elementFormats],
  bFormat: ['suite', ...elementFormats],
  aGranularity: ['suite', ...granularityNames],
  bGranularity: ['suite', ...granularityNames],
  out: ['suite', ...dtypes],
  dialect: ['suite', ...dialectNames],
  distribution: [...distributions],
  accumulator: ['none', ...Object.keys(profiles)],
  promote: ['suite', '32', '64', '128', 'none'],
  peers: ['none', 'page'],
} as const satisfies Record<string, readonly string[]>;

export type ChoiceName = keyof typeof choices;

export type Settings = { readonly [Name in ChoiceName]: string } & {
  /** Shapes of one's own, `MxNxK` with commas between. */
  readonly shapes: string;
  /** Names of kernels, or auto. */
  readonly kernels: readonly string[];
};

export const defaultSettings: Settings = {
  ...(Object.fromEntries(Object.entries(choices).map(([name, [first]]) => [name, first])) as Record<
    ChoiceName,
    string
  >),
  shapes: '1024x1024x1024, 128x4096x7168',
  kernels: ['auto'],
};

export const kernelOptions: readonly string[] = ['auto', ...kernelNames];

/**
 * Settings out of names and texts from outside; what is missing takes its default.
 * @throws ArgumentError naming the setting and what is allowed
 */
export function settingsFrom(given: Readonly<Record<string, unknown>>): Settings {
  const chosen = Object.fromEntries(
    (Object.keys(choices) as ChoiceName[]).map((name) => {
      const value = given[name] ?? defaultSettings[name];
      const allowed: readonly string[] = choices[name];
      if (typeof value !== 'string' || !allowed.includes(value))
        throw new ArgumentError(name, value, allowed.join(', '));
      return [name, value];
    }),
  ) as Record<ChoiceName, string>;
  const { shapes = defaultSettings.shapes, kernels = defaultSettings.kernels } = given;
  if (typeof shapes !== 'string') throw new ArgumentError('shapes', shapes, 'a text such as 64x64x128');
  const list = typeof kernels === 'string' ? kernels.split(',').filter(Boolean) : kernels;
  if (!Array.isArray(list) || list.length === 0)
    throw new ArgumentError('kernels', kernels, `one or more of ${kernelOptions.join(', ')}`);
  const unknown = list.find((name) => !kernelOptions.includes(name));
  if (unknown !== undefined) throw new ArgumentError('kernels', unknown, kernelOptions.join(', '));
  return { ...chosen, shapes, kernels: [...new Set<string>(list)] };
}

/** The settings that differ from their defaults, for an address. */
export function settingsParams(settings: Settings): Record<string, string> {
  const texts = { ...settings, kernels: settings.kernels.join(',') };
  const usual: Record<string, string> = { ...defaultSettings, kernels: defaultSettings.kernels.join(',') };
  return Object.fromEntries(
    Object.entries(texts).filter(
      ([name, value]) => value !== usual[name] && (name !== 'shapes' || settings.suite === 'own'),
    ),
  );
}
