/** @file One shader over many tiles, a workgroup to a tile, in dispatches short enough for any GPU. */

import { type Dispatch, grid, operationsPerSubmission } from '../gpu/gpu.js';

/**
 * One shader over `tiles` tiles, cut into as many dispatches as keep each within what one submission may take. The
 * first two words of the parameters are the dispatch's range of tiles.
 */
export function overTiles(
  work: Pick<Dispatch, 'shader' | 'buffers'> & { readonly params: readonly number[] },
  tiles: number,
  operationsPerTile: number,
): Dispatch[] {
  const most = Math.max(1, Math.floor(operationsPerSubmission / operationsPerTile));
  const dispatches: Dispatch[] = [];
  for (let first = 0; first < tiles; first += most) {
    const end = Math.min(first + most, tiles);
    dispatches.push({
      ...work,
      params: [first, end, ...work.params],
      workgroups: grid(end - first),
      operations: (end - first) * operationsPerTile,
    });
  }
  return dispatches;
}
