/**
 * @file The rows that experts multiply: each expert's tokens one after another, padded to whole tiles, experts one after
 * another: the oracles of shaders/moe/count.wgsl, offsets.wgsl and place.wgsl.
 */

import { requireCount } from '../errors.js';
import type { Routing } from './routing.js';

/** Rows of a grouped product's tile: no tile has rows of two experts. */
export const defaultAlignment = 128;

/** Which row holds what. An assignment is a token's k-th expert: number token · topK + k. */
export interface ExpertRows {
  /** Rows of each expert, padding not counted. */
  readonly counts: Uint32Array;
  /** The first row of each expert, a multiple of the alignment; and one more, where the last one's padding ends. */
  readonly offsets: Uint32Array;
  /** The row of each assignment. */
  readonly rowOf: Uint32Array;
  /** Of each row, its assignment plus 1; 0 for padding. */
  readonly sourceOf: Uint32Array;
}

/** Rows that are enough for any routing: every expert may need padding. */
export function rowCapacity(assignments: number, experts: number, alignment = defaultAlignment): number {
  return Math.ceil((assignments + experts * (alignment - 1)) / alignment) * alignment;
}

/**
 * Sorts assignments by expert; an expert's keep their order.
 * @param alignment rows that each expert's are padded to a multiple of
 * @throws ArgumentError if a count is none
 */
export function expertRows(routing: Routing, experts: number, alignment = defaultAlignment): ExpertRows {
  requireCount('experts', experts);
  requireCount('alignment', alignment);
  const counts = new Uint32Array(experts);
  for (const expert of routing.experts) counts[expert] = (counts[expert] as number) + 1;
  const offsets = new Uint32Array(experts + 1);
  for (let expert = 0; expert < experts; expert++)
    offsets[expert + 1] =
      (offsets[expert] as number) + Math.ceil((counts[expert] as number) / alignment) * alignment;
  const next = offsets.slice();
  const sourceOf = new Uint32Array(rowCapacity(routing.experts.length, experts, alignment));
  const rowOf = routing.experts.map((expert, assignment) => {
    const row = next[expert] as number;
    next[expert] = row + 1;
    sourceOf[row] = assignment + 1;
    return row;
  });
  return { counts, offsets, rowOf, sourceOf };
}
