import { expect, test } from 'vitest';
import { exactGemm } from '../../src/cli/reference.js';
import { referenceGemm } from '../../src/gemm/reference.js';
import { quantize } from '../../src/quantize/quantize.js';
import { values } from './matrices.js';

test('row by row the exact product is the same, and every row is ticked off', async () => {
  const a = quantize(values(13, 140, 1));
  const b = quantize(values(26, 140, 2), { granularity: '128x128' });
  const c = values(13, 26, 3);
  let ticks = 0;
  expect(await exactGemm(a, b, c, 'f32', () => ticks++)).toEqual(referenceGemm(a, b, { c }));
  expect(ticks).toBe(13);
  const rounded = await exactGemm(a, b, undefined, 'bf16', () => {});
  expect(rounded).toEqual(referenceGemm(a, b, { out: 'bf16' }));
});
