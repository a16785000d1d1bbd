/** @file The options of octile gemm that divide rows, or K, among groups: --groups, --masked, --k-groups. */

import { InvalidArgumentError, Option } from 'commander';
import type { Context } from '../context.js';
import { ArgumentError } from '../errors.js';
import { type Groups, requireGroupedOrder } from '../gemm/grouped.js';
import { type HostGroups, hostGroupedProblem } from '../gemm/grouped-reference.js';
import type { GemmProblem } from '../gemm/problem.js';
import type { Dtype } from '../matrix.js';
import type { Accumulator } from './accumulator.js';
import { wholeOption } from './help.js';
import type { FileOperand } from './operand.js';

/** What the command line says. */
export interface GroupFlags {
  readonly groups?: readonly number[];
  readonly masked?: readonly number[];
  readonly groupRows?: number;
  readonly kGroups?: readonly number[];
}

/** What else may have been said, and goes with one product alone. */
interface OneProductFlags {
  readonly layout: string;
  readonly c?: string | undefined;
}

/** The flag of each kind of groups. */
const flags = { rows: '--groups', masked: '--masked', k: '--k-groups' } as const;

export function groupOptions(): Option[] {
  return [
    new Option(
      '--groups <rows>',
      "rows of A in one group after another, each multiplied by N rows of B of its own: a mixture's experts",
    ).argParser(parseSizes),
    new Option(
      '--masked <rows>',
      'rows that are there in each group, where A has room for as many in every group; the others of D are 0',
    ).argParser(parseSizes),
    wholeOption('--group-rows <rows>', "of --masked: A's rows for each group (default: A's, divided evenly)"),
    new Option(
      '--k-groups <columns>',
      'columns of A and B in one group after another, each with M rows of D of its own: gradients of weights',
    ).argParser(parseSizes),
  ];
}

/**
 * Sizes such as 70,0,58.
 * @throws InvalidArgumentError for anything else
 */
function parseSizes(text: string): number[] {
  const parts = text.split(',').map((part) => part.trim());
  if (parts.some((part) => !/^\d{1,9}$/.test(part)))
    throw new InvalidArgumentError('Allowed: a size for each group with commas between, such as 70,0,58.');
  return parts.map(Number);
}

/** @throws ArgumentError for options of which one rules out the other */
export function requireGroupFlags(given: GroupFlags & OneProductFlags): void {
  const { groups, masked, groupRows, kGroups, layout, c } = given;
  if (groupRows !== undefined && masked === undefined)
    throw new ArgumentError('--group-rows', groupRows, 'nothing, without --masked');
  const kinds = Object.entries({ rows: groups, masked, k: kGroups } satisfies Record<
    HostGroups['kind'],
    unknown
  >);
  const [first, second] = kinds.filter(([, sizes]) => sizes !== undefined);
  if (!first) return;
  const flag = flagOf(first[0]);
  if (second) throw new ArgumentError(flagOf(second[0]), second[1]?.join(','), `nothing with ${flag}`);
  if (layout !== 'NT') throw new ArgumentError('--layout', layout, `NT with ${flag}`);
  if (c !== undefined) throw new ArgumentError('--c', c, `nothing with ${flag}`);
}

function flagOf(kind: string): string {
  return flags[kind as HostGroups['kind']];
}

/**
 * The groups that flags name, undefined if they name none.
 * @throws ArgumentError if A's rows are not divided evenly
 */
export function readGroups(
  { groups, masked, groupRows, kGroups }: GroupFlags,
  a: FileOperand,
): HostGroups | undefined {
  if (groups) return { kind: 'rows', sizes: groups };
  if (kGroups) return { kind: 'k', sizes: kGroups };
  if (!masked) return undefined;
  const { rows } = a.matrix;
  if (groupRows !== undefined && groupRows * masked.length !== rows)
    throw new ArgumentError(
      '--group-rows',
      groupRows,
      `A of ${masked.length} groups of ${groupRows} rows, ${masked.length * groupRows} in all; --a (${a.path}) has ${rows}`,
    );
  if (rows % masked.length !== 0)
    throw new ArgumentError(
      '--masked',
      `${masked.join(',')}, ${masked.length} groups`,
      `a number of groups that divides the ${rows} rows of --a (${a.path})`,
    );
  return { kind: 'masked', capacity: rows / masked.length, counts: masked };
}

/**
 * The problem that groups pose.
 * @throws ArgumentError naming the option that does not fit
 */
export function groupsProblem(groups: HostGroups, a: FileOperand, b: FileOperand, out: Dtype): GemmProblem {
  const flag = flags[groups.kind];
  const sizes = sizesOf(groups);
  if (groups.kind === 'masked') requireRoom(sizes, groups.capacity);
  else requireSum(sizes, groups.kind, a);
  if (groups.kind !== 'k' && b.matrix.rows % sizes.length !== 0)
    throw new ArgumentError(
      '--b',
      `${b.path}, ${b.matrix.rows} x ${b.matrix.cols}`,
      `a multiple of ${sizes.length} rows, because ${flag} names so many groups and each has N rows of B`,
    );
  return withFlags(groups, b, () => hostGroupedProblem(a.matrix, b.matrix, groups, out));
}

/** @throws ArgumentError naming the option, if an accumulator does not fit the groups */
export function requireAccumulatorForGroups(
  { options }: Accumulator,
  groups: HostGroups,
  problem: GemmProblem,
  b: FileOperand,
): void {
  withFlags(groups, b, () => requireGroupedOrder(problem, groups, options));
}

/** Does `work`; an error about the library's argument names the option or the file. */
function withFlags<T>(groups: HostGroups, b: FileOperand, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error;
    const { argument, value, allowed } = error;
    if (argument === 'splitK') throw new ArgumentError('--split-k', value, allowed);
    if (argument === 'b.granularity') throw new ArgumentError('--b', `${b.path}, ${value}`, allowed);
    const index = /^groups\.sizes\[(\d+)\]$/.exec(argument)?.[1];
    if (index === undefined) throw error;
    throw new ArgumentError(
      flags[groups.kind],
      sizesOf(groups).join(','),
      `${allowed}; group ${Number(index) + 1} has ${value}`,
    );
  }
}

function requireRoom(counts: readonly number[], capacity: number): void {
  if (counts.some((count) => count > capacity))
    throw new ArgumentError(
      flags.masked,
      counts.join(','),
      `at most ${capacity} in each, the rows that A has room for in a group`,
    );
}

function requireSum(sizes: readonly number[], kind: 'rows' | 'k', { path, matrix }: FileOperand): void {
  const [side, length] =
    kind === 'rows' ? (['rows', matrix.rows] as const) : (['columns', matrix.cols] as const);
  const sum = sizes.reduce((total, size) => total + size, 0);
  if (sum !== length)
    throw new ArgumentError(
      flags[kind],
      `${sizes.join(',')}, ${sum} ${side} in all`,
      `sizes of ${length} ${side} in all, because --a (${path}) has so many`,
    );
}

function sizesOf(groups: HostGroups): readonly number[] {
  return groups.kind === 'masked' ? groups.counts : groups.sizes;
}

/** What a result says about groups, by the names of their options. */
export function groupsResult(groups: HostGroups): GroupFlags {
  if (groups.kind === 'rows') return { groups: groups.sizes };
  if (groups.kind === 'k') return { kGroups: groups.sizes };
  return { masked: groups.counts, groupRows: groups.capacity };
}

/** The same as one line. */
export function groupsText(groups: HostGroups): string {
  const sizes = sizesOf(groups).join(', ');
  if (groups.kind === 'rows') return `${sizes} rows`;
  if (groups.kind === 'k') return `${sizes} of K`;
  return `${sizes} of ${groups.capacity} rows each`;
}

/** Works with the groups as a context takes them. */
export async function withGroups<T>(
  { gpu }: Context,
  groups: HostGroups,
  work: (groups: Groups) => Promise<T>,
): Promise<T> {
  if (groups.kind !== 'masked') return work(groups);
  const { capacity, counts: rows } = groups;
  const [counts] = (await gpu.allocate('making room for counts', [
    () => gpu.upload('rows of each group', Uint32Array.from(rows)),
  ])) as [GPUBuffer];
  try {
    return await work({ kind: 'masked', groups: rows.length, capacity, counts });
  } finally {
    counts.destroy();
  }
}
