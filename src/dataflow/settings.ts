/** @file What a dataflow is computed with: a small GEMM in every choice that changes its bits. */

import { type AccumulateOptions, type Promotion, planAccumulation, promotions } from '../accumulate/plan.js';
import { customProfile, type Profile, type ProfileName, profiles } from '../accumulate/profile.js';
import { type Distribution, distributions, largestSeed } from '../experiment/data.js';
import { codeCount } from '../format/format.js';
import { elementFormats, type FormatName, formats } from '../format/formats.js';
import { type Dtype, dtypes } from '../matrix.js';
import { type DialectName, dialectNames } from '../quantize/dialect.js';
import { type GranularityName, granularityByName, granularityNames } from '../quantize/granularity.js';
import { chooseQuantization, type QuantizeOptions } from '../quantize/options.js';
import { choice, type Fields, orNone, toggle, whole } from './link.js';

/** Formats whose products a matrix instruction is emulated for: codes of at most 8 bits. */
export const dataflowFormats: readonly FormatName[] = elementFormats.filter(
  (name) => codeCount(formats[name]) <= 256,
);

export const accumulatorNames = [...(Object.keys(profiles) as ProfileName[]), 'custom'] as const;

/** D = A · Bᵀ: A is m × k, activations; B is n × k, weights. */
export interface DataflowSettings {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly formatA: FormatName;
  readonly formatB: FormatName;
  readonly granularityA: GranularityName;
  readonly granularityB: GranularityName;
  /** default: deepgemm, or mx for 1x32. */
  readonly dialect: DialectName | 'default';
  readonly powerOfTwo: boolean;
  readonly accumulator: (typeof accumulatorNames)[number];
  /** Of the accumulator `custom`. */
  readonly products: number;
  readonly fractionBits: number;
  readonly outputBits: number;
  readonly promote: number | 'none' | 'default';
  readonly promotion: Promotion;
  readonly out: Dtype;
  readonly distribution: Distribution;
  readonly seed: number;
}

export const defaultSettings: DataflowSettings = {
  m: 8,
  n: 8,
  k: 256,
  formatA: 'e4m3',
  formatB: 'e4m3',
  granularityA: '1x128',
  granularityB: '128x128',
  dialect: 'default',
  powerOfTwo: false,
  accumulator: 'hopper-wgmma',
  products: 32,
  fractionBits: 13,
  outputBits: 13,
  promote: 'default',
  promotion: 'fused',
  out: 'f32',
  distribution: 'normal',
  seed: 1,
};

/** The largest sides of a dataflow: what can be looked at, not what can be computed. */
export const largestDataflow = { rows: 16, k: 1024 } as const;

const promote = orNone(whole(1, largestDataflow.k));

export const settingFields: Fields<DataflowSettings> = {
  m: whole(1, largestDataflow.rows),
  n: whole(1, largestDataflow.rows),
  k: whole(1, largestDataflow.k),
  formatA: choice(dataflowFormats),
  formatB: choice(dataflowFormats),
  granularityA: choice(granularityNames),
  granularityB: choice(granularityNames),
  dialect: choice(['default', ...dialectNames]),
  powerOfTwo: toggle,
  accumulator: choice(accumulatorNames),
  products: whole(1, 128),
  fractionBits: whole(1, 25),
  outputBits: whole(1, 23),
  promote: {
    parse: (text, name) => (text === 'default' ? 'default' : promote.parse(text, name)),
    write: (value) => (value === 'default' ? 'default' : promote.write(value)),
  },
  promotion: choice(promotions),
  out: choice(dtypes),
  distribution: choice(distributions),
  seed: whole(0, largestSeed),
};

/** How one operand is quantised. */
export function quantizeOptions(settings: DataflowSettings, side: 'a' | 'b'): QuantizeOptions {
  const { dialect, powerOfTwo } = settings;
  return {
    format: side === 'a' ? settings.formatA : settings.formatB,
    granularity: side === 'a' ? settings.granularityA : settings.granularityB,
    ...(dialect === 'default' ? {} : { dialect }),
    ...(powerOfTwo ? { powerOfTwo } : {}),
  };
}

/** The instruction whose sums are shown. */
export function profileOf(
  settings: Pick<DataflowSettings, 'accumulator' | 'products' | 'fractionBits' | 'outputBits'>,
): Profile {
  const { accumulator, products, fractionBits, outputBits } = settings;
  return accumulator === 'custom' ? customProfile(products, fractionBits, outputBits) : profiles[accumulator];
}

/** How the products are added up. */
export function accumulateOptions(settings: DataflowSettings): AccumulateOptions {
  const { promote, promotion } = settings;
  return {
    accumulator: profileOf(settings),
    promotion,
    ...(promote === 'default' ? {} : { promote }),
  };
}

/** @throws ArgumentError naming the setting that does not exist or does not fit the others */
export function checkSettings(settings: DataflowSettings): void {
  for (const name of Object.keys(settingFields) as (keyof DataflowSettings)[]) checkField(name, settings);
  for (const side of ['a', 'b'] as const) chooseQuantization(quantizeOptions(settings, side));
  const { k, granularityA, granularityB } = settings;
  const tiles = [granularityByName(granularityA), granularityByName(granularityB)] as const;
  planAccumulation(k, ...tiles, accumulateOptions(settings));
}

/** A value is one of its field's if the field reads what it writes. */
function checkField<K extends keyof DataflowSettings>(name: K, settings: DataflowSettings): void {
  const field = settingFields[name];
  field.parse(field.write(settings[name]), name);
}
