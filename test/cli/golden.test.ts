import { expect, test } from 'vitest';
import { writeFiles } from '../../src/io/files.js';
import { codesFile, matrixFile, readMatrix } from '../../src/io/matrix-file.js';
import { matrix } from '../../src/matrix.js';
import { type WgmmaSet, wgmmaSets } from '../accumulate/hopper.js';
import { temporaryFolder } from '../io/temporary.js';
import { octileHere } from './in-process.js';

/** One instruction: D is 64 × 8, K is 32. */
const [m, n, k] = [64, 8, 32];

const at = temporaryFolder();
const files = { a: at('a.npy'), b: at('b.npy'), c: at('c.npy'), d: at('d.npy') };

interface Operands {
  readonly rows: number;
  readonly cols: number;
  readonly a: Uint8Array;
  readonly b: Uint8Array;
  readonly c: Float32Array;
}

/** D's bits, by `octile gemm` from files to a file. */
async function multiply(set: WgmmaSet, operands: Operands, ...how: string[]): Promise<Uint32Array> {
  const { rows, cols, a, b, c } = operands;
  await writeFiles([
    codesFile(files.a, { rows, cols: k, codes: a }),
    codesFile(files.b, { rows: cols, cols: k, codes: b }),
    matrixFile(files.c, matrix(rows, cols, c)),
  ]);
  const formats = ['--a-format', set.aFormat, '--b-format', set.bFormat];
  const order = '--accumulator hopper-wgmma --promote none --c-in accumulator'.split(' ');
  const paths = ['--a', files.a, '--b', files.b, '--c', files.c, '-o', files.d];
  const { status, stderr } = await octileHere('gemm', ...paths, ...formats, ...order, ...how, '--json');
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  const d = await readMatrix(files.d);
  expect([d.rows, d.cols]).toEqual([rows, cols]);
  return new Uint32Array(d.data.buffer, d.data.byteOffset, d.data.length);
}

/** The part of an array that `count` instructions have, `size` elements each. */
function part<T extends Uint8Array | Float32Array | Uint32Array>(
  whole: T,
  size: number,
  first: number,
  count: number,
): T {
  return whole.subarray(first * size, (first + count) * size) as T;
}

/**
 * How many of a set's captured results a command does not give. A command takes `together` instructions, as one
 * product of all their rows with all their columns: the captured results are its blocks along the diagonal.
 */
async function mismatches(set: WgmmaSet, together: number, ...how: string[]): Promise<number> {
  let wrong = 0;
  for (let first = 0; first < set.cases; first += together) {
    const count = Math.min(together, set.cases - first);
    const [rows, cols] = [count * m, count * n];
    const captured = part(set.d, m * n, first, count);
    const places = Array.from(captured, (_, i) => {
      const instruction = Math.floor(i / (m * n));
      const row = instruction * m + Math.floor((i % (m * n)) / n);
      return row * cols + instruction * n + (i % n);
    });
    const c = new Uint32Array(rows * cols);
    // As words, so that no bit of a NaN is lost on the way.
    const given = new Uint32Array(set.c.buffer, set.c.byteOffset, set.c.length);
    part(given, m * n, first, count).forEach((bits, i) => {
      c[places[i] as number] = bits;
    });
    const operands = {
      rows,
      cols,
      a: part(set.a, m * k, first, count),
      b: part(set.b, n * k, first, count),
      c: new Float32Array(c.buffer),
    };
    const d = await multiply(set, operands, ...how);
    wrong += captured.filter((bits, i) => bits !== d[places[i] as number]).length;
  }
  return wrong;
}

for (const set of wgmmaSets()) {
  test(`all ${set.d.length} captured results of ${set.name}, by the oracle, an instruction a command`, async () => {
    expect(await mismatches(set, 1, '--kernel', 'reference')).toBe(0);
  });

  // Fifteen: fewer commands open the adapter less often, but compute more that is not looked at.
  test(`all ${set.d.length} captured results of ${set.name}, by the adapter, fifteen a command`, async () => {
    expect(await mismatches(set, 15, '--adapter', 'software')).toBe(0);
  });
}
