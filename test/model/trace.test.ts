import { expect, test } from 'vitest';
import { encode } from '../../src/model/encoder.js';
import { applyInF64 } from '../../src/model/f64-layer.js';
import { traceInF64 } from '../../src/model/trace.js';
import { smallEncoder } from './small.js';

test('the reference agrees with itself, and a wrong layer shows', async () => {
  const encoder = smallEncoder();
  const trace = await traceInF64(encoder, [1, 2], () => {});
  const again = await encode(encoder, [1, 2], applyInF64);
  expect(again.data).toEqual(trace.embeddings.data);
  const wrong = await encode(encoder, [1, 2], async (layer, input) => {
    const output = await applyInF64(layer, input);
    return layer.name === 'layer 1 value' ? output.map((v) => -v) : output;
  });
  expect(wrong.data).not.toEqual(trace.embeddings.data);
});
