/**
 * @file The rows that experts multiply: each expert's tokens one after another, padded to whole tiles, experts one
 * after another: the oracles of shaders/moe/count.wgsl, offsets.wgsl and place.wgsl.
 */

import { ArgumentError, requireCount, requireOptions } from '../errors.js';
import type { Routing } from './routing.js';

/** Rows of a grouped product's tile: no tile has rows of two experts. */
const defaultAlignment = 128;

/** How experts' rows lie. */
export interface RowLayout {
  /** Contiguous groups: the rows that each expert's are padded to a multiple of. Default 128. */
  readonly alignment?: number;
  /** Masked groups instead: room for this many rows of each expert. Assignments beyond are dropped. */
  readonly groupRows?: number;
}

/** The layout with its default: `groupRows` is 0 for contiguous groups. */
export type ChosenLayout = Required<RowLayout>;

/** Which row holds what. An assignment is a token's k-th expert: number token · topK + k. */
export interface ExpertRows {
  /** Rows of each expert, padding not counted. */
  readonly counts: Uint32Array;
  /** The first row of each expert; and one more, where the last one's padding ends. */
  readonly offsets: Uint32Array;
  /** The row of each assignment; `dropped` for those beyond a masked group's room. */
  readonly rowOf: Uint32Array;
  /** Of each row, its assignment plus 1; 0 for padding. */
  readonly sourceOf: Uint32Array;
}

/** In place of the row of an assignment that has none. */
export const dropped = 0xffffffff;

/** @throws ArgumentError naming the option that does not exist or fit */
export function chooseLayout(layout: RowLayout = {}): ChosenLayout {
  requireOptions('layout', layout, { alignment: true, groupRows: true });
  const { alignment = defaultAlignment, groupRows } = layout;
  requireCount('layout.alignment', alignment);
  if (groupRows !== undefined) requireCount('layout.groupRows', groupRows);
  if (groupRows !== undefined && layout.alignment !== undefined)
    throw new ArgumentError(
      'layout.alignment',
      alignment,
      'nothing with groupRows, the room of every expert',
    );
  return { alignment, groupRows: groupRows ?? 0 };
}

/** Rows that are enough for any routing: of contiguous groups every one may need padding. */
export function rowCapacity(assignments: number, experts: number, layout: RowLayout = {}): number {
  const { alignment, groupRows } = chooseLayout(layout);
  if (groupRows > 0) return experts * groupRows;
  return Math.ceil((assignments + experts * (alignment - 1)) / alignment) * alignment;
}

/**
 * Sorts assignments by expert; an expert's keep their order.
 * @throws ArgumentError if a count is none, or there are fewer experts than the routing has
 */
export function expertRows(routing: Routing, experts: number, layout: RowLayout = {}): ExpertRows {
  requireCount('experts', experts);
  const { alignment, groupRows } = chooseLayout(layout);
  const last = routing.experts.reduce((most, expert) => Math.max(most, expert), 0);
  if (last >= experts)
    throw new ArgumentError('experts', experts, `more than ${last}, the largest that the routing has`);
  const counts = new Uint32Array(experts);
  for (const expert of routing.experts) counts[expert] = (counts[expert] as number) + 1;
  const offsets = new Uint32Array(experts + 1);
  for (let expert = 0; expert < experts; expert++) {
    if (groupRows > 0) counts[expert] = Math.min(counts[expert] as number, groupRows);
    const room = groupRows || Math.ceil((counts[expert] as number) / alignment) * alignment;
    offsets[expert + 1] = (offsets[expert] as number) + room;
  }
  const next = offsets.slice();
  const sourceOf = new Uint32Array(rowCapacity(routing.experts.length, experts, layout));
  const rowOf = routing.experts.map((expert, assignment) => {
    const row = next[expert] as number;
    if (groupRows > 0 && row === offsets[expert + 1]) return dropped;
    next[expert] = row + 1;
    sourceOf[row] = assignment + 1;
    return row;
  });
  return { counts, offsets, rowOf, sourceOf };
}
