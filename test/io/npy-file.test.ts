import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FileError } from '../../src/errors.js';
import { writeFiles } from '../../src/io/files.js';
import { type NpyArray, type NpyDtype, npyParts } from '../../src/io/npy.js';
import { readNpy } from '../../src/io/npy-file.js';
import { type RawNpy, rawNpy, writeRawNpy } from './npy-bytes.js';
import { temporaryFolder } from './temporary.js';

const at = temporaryFolder();

const arrays = {
  f4: Float32Array,
  f8: Float64Array,
  f2: Uint16Array,
  u1: Uint8Array,
  u2: Uint16Array,
} as const satisfies Record<NpyDtype, unknown>;

/** Arrays of every type and of no, one and two dimensions, of random bits: NaNs with payloads among them. */
const anyArray = fc
  .tuple(
    fc.constantFrom(...(Object.keys(arrays) as NpyDtype[])),
    fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 2 }),
    fc.infiniteStream(fc.integer({ min: 0, max: 255 })),
  )
  .map(([dtype, shape, stream]): NpyArray => {
    const count = shape.reduce((product, length) => product * length, 1);
    const bytes = Uint8Array.from(stream.take(count * arrays[dtype].BYTES_PER_ELEMENT));
    return { dtype, shape, data: new arrays[dtype](bytes.buffer) };
  });

function bytesOf({ data }: { data: ArrayBufferView }): number[] {
  return [...new Uint8Array(data.buffer, data.byteOffset, data.byteLength)];
}

test('every array comes back from its file with the same type, shape and bits', async () => {
  await fc.assert(
    fc.asyncProperty(anyArray, async (array) => {
      await writeFiles([{ path: at('round.npy'), parts: npyParts(array) }]);
      const read = await readNpy(at('round.npy'));
      expect({ dtype: read.dtype, shape: read.shape }).toEqual({ dtype: array.dtype, shape: array.shape });
      expect(bytesOf(read)).toEqual(bytesOf(array));
    }),
    { numRuns: 60 },
  );
});

test('what is written is what NumPy expects', () => {
  const [header, data] = npyParts({ dtype: 'f2', shape: [2, 3], data: Uint16Array.of(1, 2, 3, 4, 5, 6) });
  const text = Buffer.from(header as Uint8Array).toString('latin1');
  expect(text.slice(0, 8)).toBe('\x93NUMPY\x01\x00');
  expect((header as Uint8Array)[8]).toBe(text.length - 10);
  expect(text.slice(10)).toMatch(/^\{'descr':'<f2','fortran_order':False,'shape':\(2,3\)\} *\n$/);
  expect([...(data as Uint8Array)]).toEqual([1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0]);
});

test.each([1, 2, 3] as const)('reads version %i', async (version) => {
  const data = Float32Array.of(1, 2, 3, 4, 5, 6);
  const path = writeRawNpy(at(`v${version}.npy`), { descr: '<f4', shape: '(2, 3)', version, data });
  expect(await readNpy(path)).toEqual({ dtype: 'f4', shape: [2, 3], data });
});

test('turns Fortran order into row-major order', async () => {
  const data = Uint16Array.of(11, 21, 12, 22, 13, 23);
  const path = writeRawNpy(at('f.npy'), { descr: '<u2', shape: '(2, 3)', fortranOrder: true, data });
  expect(await readNpy(path)).toEqual({
    dtype: 'u2',
    shape: [2, 3],
    data: Uint16Array.of(11, 12, 13, 21, 22, 23),
  });
});

const sixFloats = Float32Array.of(1, 2, 3, 4, 5, 6);
const badArrays: [name: string, file: RawNpy, message: RegExp][] = [
  ['big-endian', { descr: '>f4', shape: '(2, 3)', data: sixFloats }, />f4.*big-endian arrays by .astype/],
  ['ml_dtypes', { descr: '|V1', shape: '(2, 3)', data: new Uint8Array(6) }, /\|V1.*\.view\(np\.uint8\)/],
  ['integers', { descr: '<i4', shape: '(2, 3)', data: sixFloats }, /holds i4; .*astype\(np\.float32\)/],
  ['64-bit integers', { descr: '<i8', shape: '(3,)', data: sixFloats }, /holds i8/],
  ['booleans', { descr: '|b1', shape: '(24,)', data: sixFloats }, /holds b1/],
  ['complex', { descr: '<c8', shape: '(3,)', data: sixFloats }, /holds c8/],
  ['text', { descr: '<U3', shape: '(2,)', data: sixFloats }, /holds U3/],
  ['three-dimensional', { descr: '<f4', shape: '(1, 2, 3)', data: sixFloats }, /3 dimensions \(1 x 2 x 3\)/],
  ['of a broken shape', { descr: '<f4', shape: '(2, x)', data: sixFloats }, /shape is \(2, NaN\)/],
  ['of a negative shape', { descr: '<f4', shape: '(-2, 3)', data: sixFloats }, /shape is \(-2, 3\)/],
  [
    'cut short',
    { descr: '<f4', shape: '(3, 3)', data: sixFloats },
    /cut short: .* 3 x 3 of f4, 36 bytes, and 24 are there/,
  ],
  [
    'too long',
    { descr: '<f4', shape: '(5,)', data: sixFloats },
    /too long: .* 5 of f4, 20 bytes, and 24 are there/,
  ],
  ['of an unknown version', { descr: '<f4', shape: '(6,)', version: 9, data: sixFloats }, /version 9/],
];

test.each(badArrays)('refuses arrays that are %s, naming the file', async (name, file, message) => {
  const path = writeRawNpy(at(`bad ${name}.npy`), file);
  const error = await readNpy(path).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(FileError);
  expect((error as FileError).message).toContain(path);
  expect((error as FileError).message).toMatch(message);
});

test('refuses what is no .npy file', async () => {
  const whole = rawNpy({ descr: '<f4', shape: '(6,)', data: sixFloats });
  const record = Buffer.from(
    whole.toString('latin1').replace("'<f4'", "[('a', '<f4')]").replace('                 }', '}'),
    'latin1',
  );
  const contents: [string, Uint8Array, RegExp][] = [
    ['empty', Buffer.alloc(0), /does not begin with NumPy's signature/],
    ['text', Buffer.from('1,2,3\n4,5,6\n1,2,3'), /does not begin with NumPy's signature/],
    ['header cut', whole.subarray(0, 50), /cut short: its \.npy header is not complete/],
    ['record', record, /header that octile cannot read \(Malformed/],
  ];
  for (const [name, content, message] of contents) {
    writeFileSync(at(name), content);
    await expect(readNpy(at(name)), name).rejects.toThrow(message);
  }
});

test('refuses every file that is cut short anywhere', async () => {
  const whole = rawNpy({ descr: '<f4', shape: '(2, 3)', data: sixFloats });
  for (let length = 0; length < whole.length; length++) {
    writeFileSync(at('short.npy'), whole.subarray(0, length));
    await expect(readNpy(at('short.npy')), `${length} bytes`).rejects.toThrow(FileError);
  }
});

test('refuses what is no file', async () => {
  mkdirSync(at('folder'));
  await expect(readNpy(at('nowhere.npy'))).rejects.toThrow(/nowhere\.npy does not exist/);
  await expect(readNpy(at('folder'))).rejects.toThrow(/folder is a folder, not a file/);
  await expect(readNpy('/dev/null')).rejects.toThrow(/not a regular file/);
});

test('files that belong together are written together or not at all', async () => {
  writeFileSync(at('first'), 'before');
  const second = at('missing/second');
  const parts = [Buffer.from('af'), Buffer.from('ter')];
  await expect(
    writeFiles([
      { path: at('first'), parts },
      { path: second, parts },
    ]),
  ).rejects.toThrow(/missing\/second cannot be written: a folder on its path does not exist/);
  expect(readFileSync(at('first'), 'utf8')).toBe('before');
  await writeFiles([{ path: at('first'), parts }]);
  expect(readFileSync(at('first'), 'utf8')).toBe('after');
});
