import { expect, test } from 'vitest';
import { operationsPerSubmission } from '../../src/gpu/gpu.js';
import { chunkCount, chunkParams, overItems } from '../../src/quantize/chunks.js';
import { granularityByName } from '../../src/quantize/granularity.js';

const shader = { label: 'none', files: [], constants: {} };

test('work within one submission is one dispatch with a thread an item', () => {
  const dispatches = overItems({ shader, buffers: [], params: [7, 8] }, 65, 10);
  expect(dispatches).toEqual([
    { shader, buffers: [], params: [0, 65, 7, 8], workgroups: [2, 1, 1], operations: 650 },
  ]);
});

test('more work than one submission takes is cut, without gap or overlap', () => {
  const count = 2 ** 26;
  const dispatches = overItems({ shader, buffers: [], params: [] }, count, 4800);
  expect(dispatches.length).toBe(Math.ceil((count * 4800) / operationsPerSubmission));
  let next = 0;
  for (const { params = [], workgroups, operations = 0 } of dispatches) {
    const [first = -1, end = -1] = params;
    expect(first).toBe(next);
    expect(operations).toBeLessThanOrEqual(operationsPerSubmission);
    const [x, y, z] = workgroups;
    expect(Math.max(x, y, z)).toBeLessThanOrEqual(65535);
    expect(x * y * z * 64).toBeGreaterThanOrEqual(end - first);
    next = end;
  }
  expect(next).toBe(count);
});

test('chunks and threads of the largest matrices are u32s', () => {
  // 2^31 elements, and as many rows of one column as fit a buffer of 4 GiB.
  for (const [rows, cols] of [
    [2 ** 20, 2 ** 11],
    [2 ** 27, 1],
  ] as const) {
    const last = overItems({ shader, buffers: [], params: [] }, chunkCount(rows, cols), 4800).at(-1);
    const [x, y] = last?.workgroups ?? [0, 0];
    expect((last?.params?.[0] ?? 0) + x * y * 64).toBeLessThan(2 ** 32);
    expect(x * y).toBeGreaterThan(0);
  }
});

test('the parameters are the words of chunk.wgsl', () => {
  // 303 columns: 3 times 4 chunks of 32 codes, a pitch of 304 elements, 3 or 1 scales a row.
  const of = (name: string) => chunkParams(granularityByName(name), 300, 303);
  expect(of('128x128')).toEqual([12, 303, 304, 128, 128, 3]);
  expect(of('row')).toEqual([12, 303, 304, 1, 0xffffffff, 1]);
  expect(of('tensor')).toEqual([12, 303, 304, 0xffffffff, 0xffffffff, 1]);
});
