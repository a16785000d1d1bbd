import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ArgumentError, FileError } from '../../src/errors.js';
import { makeFolder, writeFiles } from '../../src/io/files.js';
import { folderFiles, folderPaths, readFolder } from '../../src/io/quantized-folder.js';
import { QuantizedMatrix } from '../../src/quantize/quantized-matrix.js';
import { temporaryFolder } from './temporary.js';

const at = temporaryFolder();

const sources = [
  new QuantizedMatrix(
    3,
    130,
    'e4m3',
    '1x128',
    new Uint8Array(390).map((_, i) => i),
    Float32Array.from([1, 2, 3, 4, 5, 6]),
  ),
  new QuantizedMatrix(
    2,
    40,
    'e5m6',
    'row',
    new Uint16Array(80).map((_, i) => i * 50),
    Float32Array.from([1, 2]),
  ),
  new QuantizedMatrix(
    2,
    40,
    'e2m1',
    '1x32',
    new Uint8Array(80).map((_, i) => i % 16),
    Uint8Array.from([1, 2, 3, 4]),
  ),
];

async function write(name: string, source: QuantizedMatrix): Promise<string> {
  await makeFolder(at(name));
  await writeFiles(folderFiles(at(name), source, { dialect: 'deepgemm', pow2: false }));
  return at(name);
}

test.each(sources)('a folder of $format.name comes back as it was', async (source) => {
  const { matrix, description } = await readFolder(await write(source.format.name, source));
  expect(matrix).toEqual(source);
  expect(description).toEqual({
    rows: source.rows,
    cols: source.cols,
    format: source.format.name,
    granularity: source.granularity.name,
    dialect: 'deepgemm',
    pow2: false,
  });
});

test('a folder without a description is read as its arrays and the caller say', async () => {
  const [e4m3, e5m6] = sources as [QuantizedMatrix, QuantizedMatrix];
  const plain = await write('plain', e4m3);
  rmSync(folderPaths(plain).description);
  expect(await readFolder(plain)).toEqual({ matrix: e4m3, description: undefined });
  expect((await readFolder(plain, { format: 'e5m2' })).matrix.format.name).toBe('e5m2');

  const wide = await write('wide', e5m6);
  rmSync(folderPaths(wide).description);
  await expect(readFolder(wide)).rejects.toThrow(/codes\.npy holds u2; codes of e4m3 are u1/);
  expect((await readFolder(wide, { format: 'e5m6' })).matrix).toEqual(e5m6);
});

test('what the caller says must not contradict the description', async () => {
  const folder = await write('said', sources[0] as QuantizedMatrix);
  await expect(readFolder(folder, { format: 'e4m3', granularity: '1x128' })).resolves.toBeDefined();
  const contradiction = readFolder(folder, { format: 'e5m2', formatArgument: '--a-format' });
  await expect(contradiction).rejects.toThrow(ArgumentError);
  await expect(contradiction).rejects.toThrow(
    /--a-format is "e5m2"; allowed: e4m3, as .*quantized\.json says/,
  );
  await expect(readFolder(folder, { granularity: 'row' })).rejects.toThrow(
    /granularity is "row"; allowed: 1x128/,
  );
});

test('a folder whose files are missing, broken or at odds is refused', async () => {
  await expect(readFolder(at('nowhere'))).rejects.toThrow(/nowhere does not exist/);
  mkdirSync(at('bare'));
  await expect(readFolder(at('bare'))).rejects.toThrow(/bare.codes\.npy does not exist/);
  writeFileSync(at('file'), '');
  await expect(readFolder(at('file'))).rejects.toThrow(/file is not a folder/);

  const folder = await write('broken', sources[0] as QuantizedMatrix);
  const { description } = folderPaths(folder);
  const good = JSON.parse(readFileSync(description, 'utf8'));
  const broken: [content: string, message: RegExp][] = [
    ['{', /quantized\.json cannot be read/],
    ['[]', /rows is undefined; allowed: a whole number/],
    ['7', /is not a JSON object/],
    [JSON.stringify({ ...good, rows: 4 }), /codes\.npy is 3 x 130, but .* says 4 x 130/],
    [JSON.stringify({ ...good, cols: 1.5 }), /cols is 1\.5/],
    [JSON.stringify({ ...good, format: 'e9m9' }), /format is "e9m9"; allowed: e4m3/],
    [JSON.stringify({ ...good, format: 'e8m0' }), /format is "e8m0"; allowed: e4m3/],
    [JSON.stringify({ ...good, format: 'e2m1' }), /no array of e2m1 codes/],
    [JSON.stringify({ ...good, granularity: 'row' }), /granularity row of a 3 x 130 matrix takes 3 x 1/],
    [JSON.stringify({ ...good, dialect: 'latin' }), /dialect is "latin"/],
    [JSON.stringify({ ...good, pow2: 'yes' }), /pow2 is "yes"; allowed: true or false/],
  ];
  for (const [content, message] of broken) {
    writeFileSync(description, content);
    await expect(readFolder(folder), content).rejects.toThrow(message);
    await expect(readFolder(folder), content).rejects.toThrow(FileError);
  }
});
