import { expect, test } from 'vitest';
import { ArgumentError, FileError } from '../../src/errors.js';
import { formatByName } from '../../src/format/formats.js';
import { writeFiles } from '../../src/io/files.js';
import { matrixFile, readCodes, readMatrix, readScales } from '../../src/io/matrix-file.js';
import { type Dtype, dtypes, matrix } from '../../src/matrix.js';
import { writeRawNpy } from './npy-bytes.js';
import { temporaryFolder } from './temporary.js';

const at = temporaryFolder();

test.each(dtypes)('a %s matrix comes back from its file with the same bits', async (dtype) => {
  const bits = Uint16Array.from({ length: 65536 }, (_, i) => i);
  const data = dtype === 'f32' ? new Float32Array(bits.buffer) : bits;
  const source = matrix(256, data.length / 256, data, dtype);
  await writeFiles([matrixFile(at(dtype), source)]);
  const read = await readMatrix(at(dtype), { dtype });
  expect({ ...read, data: undefined }).toEqual({ ...source, data: undefined });
  expect(read.data.constructor).toBe(data.constructor);
  expect(Buffer.from(read.data.buffer).equals(Buffer.from(data.buffer))).toBe(true);
});

test('the file says its type where NumPy has one, and must be asked for bf16', async () => {
  const two = Uint16Array.of(0x3f80, 0x4000);
  const f16 = writeRawNpy(at('f16.npy'), { descr: '<f2', shape: '(1, 2)', data: two });
  const u16 = writeRawNpy(at('u16.npy'), { descr: '<u2', shape: '(1, 2)', data: two });
  expect((await readMatrix(f16)).dtype).toBe('f16');
  expect((await readMatrix(u16, { dtype: 'bf16' })).dtype).toBe('bf16');
  await expect(readMatrix(u16, { argument: '--dtype' })).rejects.toThrow(/u16\.npy holds u2.*--dtype bf16/);
  for (const [path, dtype] of [
    [f16, 'bf16'],
    [f16, 'f32'],
    [u16, 'f16'],
  ] as [string, Dtype][]) {
    const read = readMatrix(path, { dtype, argument: '--dtype' });
    await expect(read, `${path} as ${dtype}`).rejects.toThrow(ArgumentError);
    await expect(read).rejects.toThrow(`--dtype is "${dtype}"; allowed: ${path === f16 ? 'f16' : 'bf16'}`);
  }
});

test('f64 is rounded to f32, and said to be', async () => {
  const data = Float64Array.of(1 + 2 ** -24 + 2 ** -40, 1e300, -0, Number.NaN);
  const path = writeRawNpy(at('f64.npy'), { descr: '<f8', shape: '(2, 2)', data });
  const notes: string[] = [];
  const read = await readMatrix(path, { note: (text) => notes.push(text) });
  expect(read).toMatchObject({ rows: 2, cols: 2, dtype: 'f32' });
  expect([...read.data]).toEqual([1 + 2 ** -23, Infinity, -0, Number.NaN]);
  expect(notes).toEqual([`${path} holds f64; its values were rounded to f32`]);
});

test('a vector is a row; numbers and empty arrays are no matrices', async () => {
  const data = Float32Array.of(1, 2, 3);
  expect(await readMatrix(writeRawNpy(at('row.npy'), { descr: '<f4', shape: '(3,)', data }))).toMatchObject({
    rows: 1,
    cols: 3,
  });
  const one = writeRawNpy(at('one.npy'), { descr: '<f4', shape: '()', data: data.subarray(0, 1) });
  await expect(readMatrix(one)).rejects.toThrow(/one\.npy holds a single number/);
  const none = writeRawNpy(at('none.npy'), { descr: '<f4', shape: '(0, 5)', data: data.subarray(0, 0) });
  await expect(readMatrix(none)).rejects.toThrow(/none\.npy is empty: its shape is 0 x 5/);
  await expect(readScales(none)).rejects.toThrow(FileError);
});

test('codes must be codes of their format', async () => {
  const bytes = writeRawNpy(at('u1.npy'), {
    descr: '|u1',
    shape: '(2, 2)',
    data: Uint8Array.of(0, 15, 16, 255),
  });
  const wide = writeRawNpy(at('u2.npy'), { descr: '<u2', shape: '(1, 2)', data: Uint16Array.of(4095, 4096) });
  const floats = writeRawNpy(at('f4.npy'), { descr: '<f4', shape: '(1, 1)', data: Float32Array.of(1) });
  expect(await readCodes(bytes, formatByName('e4m3'))).toEqual({
    rows: 2,
    cols: 2,
    codes: Uint8Array.of(0, 15, 16, 255),
  });
  await expect(readCodes(bytes, formatByName('e2m1'))).rejects.toThrow(
    /element 2 is 16, the last code is 15/,
  );
  await expect(readCodes(wide, formatByName('e5m6'))).rejects.toThrow(/element 1 is 4096/);
  await expect(readCodes(bytes, formatByName('e5m6'))).rejects.toThrow(/holds u1; codes of e5m6 are u2/);
  await expect(readCodes(wide, formatByName('e4m3'))).rejects.toThrow(/holds u2; codes of e4m3 are u1/);
  await expect(readCodes(floats, formatByName('e4m3'))).rejects.toThrow(/become codes by octile quantize/);
  await expect(readMatrix(bytes)).rejects.toThrow(/holds u1, which are codes/);
});

test('scales are f32, f64 rounded, or e8m0', async () => {
  const notes: string[] = [];
  const note = (text: string) => notes.push(text);
  const f8 = writeRawNpy(at('s8.npy'), { descr: '<f8', shape: '(1, 2)', data: Float64Array.of(0.1, 2) });
  const u1 = writeRawNpy(at('s1.npy'), { descr: '|u1', shape: '(2,)', data: Uint8Array.of(127, 128) });
  const f2 = writeRawNpy(at('s2.npy'), { descr: '<f2', shape: '(2,)', data: Uint16Array.of(1, 2) });
  expect(await readScales(f8, note)).toEqual({ shape: [1, 2], scales: Float32Array.of(0.1, 2) });
  expect(notes).toHaveLength(1);
  expect(await readScales(u1)).toEqual({ shape: [2], scales: Uint8Array.of(127, 128) });
  await expect(readScales(f2)).rejects.toThrow(/holds f2; scales are f4, or u1 for e8m0/);
});
