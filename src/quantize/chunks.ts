/**
 * @file The walk of the quantising shaders over a matrix: a thread to a chunk of 32 elements of a row, as
 * shaders/quantize/chunk.wgsl has it, in dispatches short enough for any GPU.
 */

import { type Dispatch, grid, operationsPerSubmission } from '../gpu/gpu.js';
import { codePitch, matrixPitch } from '../gpu-matrix.js';
import { type Granularity, scaleShape } from './granularity.js';

/** Elements of a chunk: CHUNK in shaders/format/pack.wgsl. */
const chunkLength = 32;
/** Threads of a workgroup in every quantising shader. */
const threads = 64;

/** What the shaders of one matrix need to know: the words of Params in chunk.wgsl after the first two. */
export function chunkParams(granularity: Granularity, rows: number, cols: number): readonly number[] {
  const all = 0xffffffff;
  return [
    codePitch(cols) / chunkLength,
    cols,
    matrixPitch(cols),
    Math.min(granularity.tileRows, all),
    Math.min(granularity.tileCols, all),
    scaleShape(granularity, rows, cols).scaleCols,
  ];
}

/** Chunks of a matrix, those of its padding included. */
export function chunkCount(rows: number, cols: number): number {
  return (rows * codePitch(cols)) / chunkLength;
}

/**
 * One shader over `count` items, a thread to an item, cut into as many dispatches as keep each within what one
 * submission may take. The first two words of the parameters are the dispatch's range of items.
 */
export function overItems(
  work: Pick<Dispatch, 'shader' | 'buffers'> & { readonly params: readonly number[] },
  count: number,
  operationsPerItem: number,
): Dispatch[] {
  const most = Math.floor(operationsPerSubmission / operationsPerItem);
  const dispatches: Dispatch[] = [];
  for (let first = 0; first < count; first += most) {
    const end = Math.min(first + most, count);
    dispatches.push({
      ...work,
      params: [first, end, ...work.params],
      workgroups: grid(Math.ceil((end - first) / threads)),
      operations: (end - first) * operationsPerItem,
    });
  }
  return dispatches;
}

/** Operations of the work on one chunk, given those on one element. */
export function operationsPerChunk(operationsPerElement: number): number {
  return chunkLength * operationsPerElement;
}
