/** @file The cases of octile bench: those of a suite, or products of shapes. */

import { type Command, Option } from 'commander';
import { type BenchCase, caseName, suite } from '../../bench/suites.js';
import { ArgumentError } from '../errors.js';
import type { Dtype } from '../matrix.js';
import { casesOfShapes, refuseShapeOptions, type Shape, type ShapeOptions, shapeOptions } from './shapes.js';

/** What says which cases there are. */
export interface CaseOptions extends ShapeOptions {
  readonly suite: string;
  readonly only?: readonly string[];
  readonly out?: Dtype;
  readonly pow2?: true;
  readonly keepB?: true;
}

/** The options of shapes. */
export function ownCaseOptions(): Option[] {
  return [
    ...shapeOptions(),
    new Option('--pow2', 'round scales of the shapes up to powers of two (always so for 1x32)'),
    new Option(
      '--keep-b',
      'keep halves of B, as of weights: products on matrix units decode A alone, from 128 rows on',
    ),
  ];
}

/** @throws ArgumentError if options do not go together, or no case holds any of the texts of --only */
export function benchCases(
  shapes: readonly Shape[],
  { suite: name, only, out, pow2, keepB, ...options }: CaseOptions,
  command: Command,
): BenchCase[] {
  if (shapes.length > 0) {
    if (command.getOptionValueSource('suite') === 'cli')
      throw new ArgumentError('--suite', name, 'only without shapes');
    if (only) throw new ArgumentError('--only', only.join(' '), 'only without shapes');
    const cases = casesOfShapes(shapes, { ...options, out: out ?? 'f32' });
    const chosen = {
      ...(pow2 ? { powerOfTwo: true as const } : {}),
      ...(keepB ? { keepsB: true as const } : {}),
    };
    return cases.map((one) => ({ ...one, ...chosen }));
  }
  refuseShapeOptions(command, ownCaseOptions());
  const cases = suite(name, { out });
  if (!only) return cases;
  const chosen = cases.filter((one) => only.some((text) => caseName(one).includes(text)));
  if (chosen.length > 0) return chosen;
  const names = cases.map((one) => `\n  ${caseName(one)}`).join('');
  throw new ArgumentError('--only', only.join(' '), `a part of the name of a case of ${name}:${names}`);
}
