/** @file The options of octile gemm that say which matrix instruction to emulate, and how to add up K. */

import { InvalidArgumentError, Option } from 'commander';
import { promotions } from '../accumulate/plan.js';
import { customProfile, type Profile, type ProfileName, profiles } from '../accumulate/profile.js';
import { ArgumentError } from '../errors.js';
import { type AccumulationOptions, resolveOrder } from '../gemm/accumulation.js';
import type { Accumulation, GemmProblem } from '../gemm/problem.js';
import { emulators, kernels } from '../gemm/registry.js';
import { choiceOption, wholeOption } from './help.js';

/** What the command line says. */
export interface AccumulatorFlags {
  readonly accumulator?: ProfileName | 'custom';
  readonly promote?: number | 'none';
  readonly promotion?: (typeof promotions)[number];
  readonly splitK?: number;
  readonly products?: number;
  readonly fractionBits?: number;
  readonly outputBits?: number;
  readonly cIn?: Accumulation['addendIn'];
}

/** What was asked for, and what it comes to. */
export interface Accumulator {
  readonly options: AccumulationOptions & { readonly accumulator: Profile | ProfileName };
  readonly order: Omit<Accumulation, 'native'>;
}

/** Flags by the names that errors of the library have for them. */
const flags: Readonly<Record<string, string>> = {
  accumulator: '--accumulator',
  promote: '--promote',
  promotion: '--promotion',
  splitK: '--split-k',
  products: '--products',
  fractionBits: '--fraction-bits',
  outputBits: '--output-bits',
  addendIn: '--c-in',
};

/** Those that make a profile. */
const parameters = ['products', 'fractionBits', 'outputBits'] as const;

export function accumulatorOptions(): Option[] {
  return [
    choiceOption(
      '--accumulator <profile>',
      'emulate a matrix instruction, bit for bit; custom: by --products, --fraction-bits, --output-bits',
      [...Object.keys(profiles), 'custom'],
    ),
    new Option(
      '--promote <interval>',
      'elements of K between additions to the f32 accumulator, a multiple of 32, or none (default: 128, or the width of a ' +
        'narrower scale tile)',
    ).argParser(parsePromote),
    choiceOption(
      '--promotion <order>',
      'how sums are scaled and added: one product of scales (fused, default), or one scale after the other',
      promotions,
    ),
    wholeOption('--split-k <parts>', 'parts of K added up apart (default: 1)'),
    wholeOption('--products <count>', 'of custom: products added at once'),
    wholeOption('--fraction-bits <bits>', 'of custom: bits kept below the largest exponent'),
    wholeOption('--output-bits <bits>', "of custom: fraction bits of a step's result"),
    choiceOption(
      '--c-in <place>',
      "where C is added: at the end, by the adapter's own addition (default), or where the sums start",
      ['epilogue', 'accumulator'],
    ),
  ];
}

function parsePromote(text: string): number | 'none' {
  if (text === 'none') return text;
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Allowed: a multiple of 32, or none.');
  return Number(text);
}

/**
 * The accumulator that flags ask for, and the order it adds up this problem in; undefined if they ask for none.
 * @throws ArgumentError naming the flag that does not fit
 */
export function readAccumulator(given: AccumulatorFlags, problem: GemmProblem): Accumulator | undefined {
  const { accumulator, promote, promotion, splitK, cIn } = given;
  if (accumulator === undefined) {
    for (const name of ['promote', 'promotion', 'splitK', 'cIn', ...parameters] as const)
      if (given[name] !== undefined)
        throw new ArgumentError(flagOf(name), given[name], 'nothing, without --accumulator');
    return undefined;
  }
  if (cIn === 'accumulator' && problem.c === undefined)
    throw new ArgumentError('--c-in', cIn, 'nothing, without --c');
  return withFlagNames(() => {
    const options = {
      accumulator: accumulator === 'custom' ? custom(given) : named(accumulator, given),
      ...(promote === undefined ? {} : { promote }),
      ...(promotion === undefined ? {} : { promotion }),
      ...(splitK === undefined ? {} : { splitK }),
      ...(cIn === undefined ? {} : { addendIn: cIn }),
    };
    const order = resolveOrder(problem, options);
    return order && { options, order };
  });
}

function named(name: ProfileName, given: AccumulatorFlags): ProfileName {
  for (const parameter of parameters)
    if (given[parameter] !== undefined)
      throw new ArgumentError(flagOf(parameter), given[parameter], 'nothing, without --accumulator custom');
  return name;
}

function custom({ products, fractionBits, outputBits }: AccumulatorFlags): Profile {
  if (products === undefined || fractionBits === undefined || outputBits === undefined)
    throw new ArgumentError(
      'accumulator',
      'custom',
      'custom with all of --products, --fraction-bits and --output-bits',
    );
  return customProfile(products, fractionBits, outputBits);
}

/**
 * Emulators are for accumulators, and accumulators for emulators.
 * @throws ArgumentError if a kernel's name does not fit
 */
export function requireKernelFor(accumulator: Accumulator | undefined, kernel: string): void {
  const among = (list: readonly { readonly name: string }[]) => list.some(({ name }) => name === kernel);
  const names = (list: readonly { readonly name: string }[]) =>
    ['auto', ...list.map(({ name }) => name), 'reference'].join(', ');
  if (accumulator && among(kernels))
    throw new ArgumentError('--kernel', kernel, `${names(emulators)} with --accumulator`);
  if (!accumulator && among(emulators))
    throw new ArgumentError('--kernel', kernel, `${names(kernels)} without --accumulator`);
}

/** What a result says about the accumulation. */
export function accumulatorResult({ options, order: { plan, addendIn } }: Accumulator) {
  return {
    profile: plan.profile.name,
    ...parametersOf(plan.profile),
    promote: options.promote === 'none' ? options.promote : plan.interval,
    promotion: plan.promotion,
    splitK: plan.splits.length - 1,
    cIn: addendIn,
  };
}

/** The same as one line. */
export function accumulatorText(accumulator: Accumulator): string {
  const { profile, promote, promotion, splitK, cIn, ...rest } = accumulatorResult(accumulator);
  return [
    profile === 'custom'
      ? `custom of ${rest.products} products, ${rest.fractionBits} fraction bits, ${rest.outputBits} output bits`
      : profile,
    promote === 'none' ? 'promoted once' : `promoted every ${promote}`,
    `${promotion} promotion`,
    ...(splitK > 1 ? [`K in ${splitK} parts`] : []),
    ...(cIn === 'accumulator' ? ['C in the accumulator'] : []),
  ].join(', ');
}

/** A profile's parameters as a result shows them: numbers, or `all` where there is no limit. */
export function parametersOf({ products, fractionBits, outputBits }: Profile) {
  const finite = (value: number) => (value === Infinity ? ('all' as const) : value);
  return { products: finite(products), fractionBits: finite(fractionBits), outputBits };
}

/** Does `work`; an error about an argument that is a flag here names the flag. */
function withFlagNames<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof ArgumentError && Object.hasOwn(flags, error.argument))
      throw new ArgumentError(flagOf(error.argument), error.value, error.allowed);
    throw error;
  }
}

function flagOf(name: string): string {
  return name === 'cIn' ? '--c-in' : (flags[name] ?? name);
}
