/** @file The parts that the commands' help texts and options share. */

import { InvalidArgumentError, Option } from 'commander';
import { elementFormats } from '../format/formats.js';
import { allGranularityNames } from '../quantize/granularity.js';

/** Examples for the end of a help text: command lines, and what they do. */
export function examples(lines: readonly (readonly [command: string, meaning: string])[]): string {
  const width = Math.max(...lines.map(([command]) => command.length));
  return `\nExamples:\n${lines.map(([command, meaning]) => `  $ ${command.padEnd(width)}  ${meaning}`).join('\n')}`;
}

/** --json: the result as one JSON document on stdout. */
export function jsonOption(): Option {
  return new Option('--json', 'print the result as JSON');
}

/**
 * --adapter: which adapter to run on.
 * @param computing false for a command that is of use on the null adapter, which compiles and computes nothing
 */
export function adapterOption(computing = true): Option {
  const names = computing ? 'auto, hardware, software' : 'auto, hardware, software, null';
  return new Option('--adapter <which>', `${names}, or a part of an adapter's name`)
    .default('auto')
    .argParser((which) => {
      if (which === '') throw new InvalidArgumentError(`Allowed: ${names}, or a name.`);
      if (computing && which === 'null')
        throw new InvalidArgumentError(`The null adapter computes nothing; allowed: ${names}, or a name.`);
      return which;
    });
}

/**
 * The path of an input, as an argument's or an option's parser.
 * @throws InvalidArgumentError if it is empty
 */
export function parsePath(text: string): string {
  if (text === '') throw new InvalidArgumentError('Allowed: a path.');
  return text;
}

/** An option for an element format. */
export function formatOption(flags: string, description: string): Option {
  return choiceOption(flags, description, elementFormats);
}

/** An option for a granularity. */
export function granularityOption(flags: string, description: string): Option {
  return choiceOption(flags, description, allGranularityNames);
}

/** An option that takes one of a list of names. */
export function choiceOption(flags: string, description: string, names: readonly string[]): Option {
  return new Option(flags, description).choices(names);
}

/** An option that takes a whole number of at least 1. */
export function wholeOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser(wholeNumber);
}

/** @throws InvalidArgumentError for anything but a whole number of at least 1 */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('Allowed: a whole number of at least 1.');
  return value;
}
