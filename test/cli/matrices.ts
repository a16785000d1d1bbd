/** @file Matrices for the command line's tests: repeatable values of many sizes, as files. */

import { writeFiles } from '../../src/io/files.js';
import { matrixFile } from '../../src/io/matrix-file.js';
import { type Matrix, matrix } from '../../src/matrix.js';

/** A matrix of f32 values with a sign, between 2^-12 and 2^4. */
export function values(rows: number, cols: number, seed: number): Matrix {
  let state = seed >>> 0;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const data = Float32Array.from(
    { length: rows * cols },
    () => (random() < 0.5 ? -1 : 1) * 2 ** (16 * random() - 12),
  );
  return matrix(rows, cols, data);
}

/** Writes a matrix and gives its path. */
export async function save(path: string, source: Matrix): Promise<string> {
  await writeFiles([matrixFile(path, source)]);
  return path;
}
