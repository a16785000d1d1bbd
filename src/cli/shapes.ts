/** @file Shapes of products as commands take them, with the options that say how they are multiplied. */

import { Argument, type Command, InvalidArgumentError, type Option } from 'commander';
import { largestSide, parseSides } from '../../bench/parse-sides.js';
import type { GemmCase } from '../../bench/suites.js';
import { ArgumentError } from '../errors.js';
import { elementFormats, type FormatName, formats, hasOrdinaryRange } from '../format/formats.js';
import type { Dtype } from '../matrix.js';
import { type GranularityName, granularityNames } from '../quantize/granularity.js';
import { choiceOption } from './help.js';

export type Shape = readonly [m: number, n: number, k: number];

export interface ShapeOptions {
  readonly format: FormatName;
  readonly aGranularity: GranularityName;
  readonly bGranularity: GranularityName;
}

/** A command's shapes, each once. */
export function shapesArgument(): Argument {
  const description = 'M,N,K of D = A · Bᵀ, as 4096x7168x2048';
  return new Argument('[shapes...]', description).argParser((text: string, list: Shape[] = []) => [
    ...list,
    ...[parseShape(text)].filter((one) => !list.some((other) => `${other}` === `${one}`)),
  ]);
}

/** "4096x7168x2048" as a shape. */
function parseShape(text: string): Shape {
  const sides = parseSides(text, 3);
  if (!sides)
    throw new InvalidArgumentError(
      `Allowed: three whole numbers from 1 to ${largestSide}, as 4096x7168x2048.`,
    );
  return sides as [number, number, number];
}

/** Those that are quantised to by the default dialects: not bf16, whose scales have no inverse in f32. */
const operandFormats = elementFormats.filter((name) => hasOrdinaryRange(formats[name]));

/** The options of ShapeOptions. */
export function shapeOptions(): Option[] {
  return [
    choiceOption('--format <format>', "of the shapes' operands", operandFormats).default('e4m3'),
    choiceOption('--a-granularity <granularity>', "A's scales, of the shapes", granularityNames).default(
      '1x128',
    ),
    choiceOption('--b-granularity <granularity>', "B's scales, of the shapes", granularityNames).default(
      '128x128',
    ),
  ];
}

/** @throws ArgumentError if one of these options of shapes was given: a suite's products have their own */
export function refuseShapeOptions(command: Command, options: readonly Option[]): void {
  for (const option of options) {
    const name = option.attributeName();
    if (command.getOptionValueSource(name) === 'cli')
      throw new ArgumentError(
        option.long ?? name,
        command.getOptionValue(name),
        "only with shapes; a suite's products have their own",
      );
  }
}

export function casesOfShapes(
  shapes: readonly Shape[],
  { format, aGranularity, bGranularity, out }: ShapeOptions & { readonly out: Dtype },
): GemmCase[] {
  return shapes.map(([m, n, k]) => ({
    kind: 'gemm',
    m,
    n,
    k,
    aFormat: format,
    bFormat: format,
    aGranularity,
    bGranularity,
    out,
  }));
}
