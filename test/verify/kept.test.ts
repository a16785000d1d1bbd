/** @file The check of kept halves, on a device that seems to have matrix units: its shaders run with units in software. */

import { afterEach, expect, test, vi } from 'vitest';
import { measuredMachine } from '../../src/format/native-halves.js';
import { GpuQuantizedMatrix } from '../../src/gpu-matrix.js';
import { keptCheck } from '../../src/verify/kept.js';
import { openTestGpu } from '../adapter.js';
import { inSoftware } from '../gemm/in-software.js';
import { f16Units, machineWith } from '../gemm/matrix-machine.js';

const gpu = await openTestGpu();
const seeming = await openTestGpu();
Object.defineProperty(seeming, 'machine', { value: await machineWith(gpu, f16Units) });
await measuredMachine(seeming);
const compile = seeming.pipeline.bind(seeming);

afterEach(() => {
  vi.restoreAllMocks();
});

function run() {
  vi.spyOn(seeming, 'hasFeature').mockReturnValue(true);
  vi.spyOn(seeming, 'pipeline').mockImplementation((shader) => compile(inSoftware(shader)));
  return keptCheck('matrix-promoted').run(seeming, () => {});
}

test('compares the bits of every output, and the output with the oracle', async () => {
  const { checked, mismatches, detail } = await run();
  expect({ mismatches, detail }).toEqual({
    mismatches: 0,
    detail: 'every output of 2 products, and each bit of it',
  });
  expect(checked).toBe(2 * (131 * 133 + 150 * 70));
});

test('finds halves that are not those of the codes', async () => {
  const keep = GpuQuantizedMatrix.prototype.keep;
  vi.spyOn(GpuQuantizedMatrix.prototype, 'keep').mockImplementation(function (
    this: GpuQuantizedMatrix,
    kernel,
    buffer,
  ) {
    seeming.write(buffer, new Uint32Array(buffer.size / 4));
    keep.call(this, kernel, buffer);
  });
  const { mismatches, detail } = await run();
  expect(mismatches).toBeGreaterThan(131 * 133);
  expect(detail).toMatch(
    /^first: \(0, 0\) of 131x133x203, e4m3 1x128 by e4m3 128x128 to f32 by kept halves is 0, not -?\d/,
  );
});

test('says what an adapter without matrix units lacks', () => {
  expect(keptCheck('matrix').skip?.(gpu)).toMatch(/^it needs chromium-experimental-subgroup-matrix/);
});
