/** @file --groups: rows of A that belong to one group after another. */

import { InvalidArgumentError } from 'commander';
import { ArgumentError } from '../errors.js';
import { groupedProblem } from '../gemm/grouped.js';
import type { GemmProblem } from '../gemm/problem.js';
import type { Dtype } from '../matrix.js';
import type { FileOperand } from './operand.js';

/** What else may have been said, and goes with one product alone. */
interface OneProductFlags {
  readonly layout: string;
  readonly c?: string | undefined;
  readonly accumulator?: string | undefined;
}

/**
 * Sizes such as 70,0,58.
 * @throws InvalidArgumentError for anything else
 */
export function parseGroups(text: string): number[] {
  const parts = text.split(',').map((part) => part.trim());
  if (parts.some((part) => !/^\d{1,9}$/.test(part)))
    throw new InvalidArgumentError('Allowed: rows of each group with commas between, such as 70,0,58.');
  return parts.map(Number);
}

/** @throws ArgumentError for an option that goes with one product alone */
export function requireGroupFlags({ layout, c, accumulator }: OneProductFlags): void {
  if (layout !== 'NT') throw new ArgumentError('--layout', layout, 'NT with --groups');
  if (c !== undefined) throw new ArgumentError('--c', c, 'nothing with --groups');
  if (accumulator !== undefined)
    throw new ArgumentError('--accumulator', accumulator, 'nothing with --groups');
}

/**
 * The problem that groups of A's rows pose, each with N rows of B.
 * @throws ArgumentError naming the option that does not fit
 */
export function groupsProblem(
  sizes: readonly number[],
  a: FileOperand,
  b: FileOperand,
  out: Dtype,
): GemmProblem {
  const sum = sizes.reduce((total, size) => total + size, 0);
  if (sum !== a.matrix.rows)
    throw new ArgumentError(
      '--groups',
      `${sizes.join(',')}, ${sum} rows in all`,
      `sizes of ${a.matrix.rows} rows in all, because --a (${a.path}) has so many`,
    );
  if (b.matrix.rows % sizes.length !== 0)
    throw new ArgumentError(
      '--b',
      `${b.path}, ${b.matrix.rows} x ${b.matrix.cols}`,
      `a multiple of ${sizes.length} rows, because --groups names so many groups and each has N rows of B`,
    );
  return groupedProblem(a.matrix, b.matrix, { kind: 'rows', sizes }, out);
}
