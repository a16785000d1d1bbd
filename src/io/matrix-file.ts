/** @file Plain matrices, codes and scales in .npy files. A vector is a matrix of one row. */

import { ArgumentError, FileError } from '../errors.js';
import { codeCount, type Format } from '../format/format.js';
import type { Codes } from '../format/pack.js';
import { type Dtype, type Matrix, matrix } from '../matrix.js';
import type { Scales } from '../quantize/quantized-matrix.js';
import type { FileContent } from './files.js';
import { type NpyArray, type NpyDtype, type NpyHeader, npyParts } from './npy.js';
import { readNpy, readNpyHeader } from './npy-file.js';

/** Told what was done to a file's values that its owner may want to know. */
export type Note = (text: string) => void;

export interface ReadMatrixOptions {
  /** What the file holds. Only the bits of bf16 need it, because NumPy has no type for them. */
  readonly dtype?: Dtype | undefined;
  /** How the caller spells `dtype`, for messages. Default dtype. */
  readonly argument?: string;
  readonly note?: Note;
}

/** Codes as they lie in a file, one to an element. */
export interface CodeArray {
  readonly rows: number;
  readonly cols: number;
  readonly codes: Codes;
}

/** Scales as they lie in a file, f32 or e8m0; how they belong to a matrix follows from the shape. */
export interface ScaleArray {
  readonly shape: readonly number[];
  readonly scales: Scales;
}

/** The .npy element type that holds a plain matrix's elements. */
const npyDtypes: Readonly<Record<Dtype, NpyDtype>> = { f32: 'f4', f16: 'f2', bf16: 'u2' };

/**
 * Reads a plain matrix: f4, f2, f8 (rounded to f32) or, with dtype bf16, u2.
 * @throws FileError for a file that does not hold one, ArgumentError if `dtype` says otherwise than the file
 */
export async function readMatrix(path: string, options: ReadMatrixOptions = {}): Promise<Matrix> {
  const { data, ...header } = await readNpy(path);
  const { rows, cols, dtype } = matrixShape(path, { ...header, count: data.length }, options);
  return matrix(rows, cols, dtype === 'f32' ? toF32(path, data, options.note) : (data as Uint16Array), dtype);
}

/** A plain matrix without its elements. */
export type MatrixShape = Pick<Matrix, 'rows' | 'cols' | 'dtype'>;

/**
 * What readMatrix would give, from the file's header alone.
 * @throws as readMatrix does
 */
export async function readMatrixShape(path: string, options: ReadMatrixOptions = {}): Promise<MatrixShape> {
  return matrixShape(path, await readNpyHeader(path), options);
}

function matrixShape(
  path: string,
  header: Held,
  { dtype, argument = 'dtype' }: ReadMatrixOptions,
): MatrixShape {
  const [rows, cols] = requireMatrix(path, header);
  const holds = (held: Dtype): MatrixShape => {
    if (dtype !== undefined && dtype !== held)
      throw new ArgumentError(argument, dtype, `${held}, which is what ${path} holds`);
    return { rows, cols, dtype: held };
  };
  switch (header.dtype) {
    case 'f4':
    case 'f8':
      return holds('f32');
    case 'f2':
      return holds('f16');
    case 'u2':
      if (dtype === undefined)
        throw new FileError(`${path} holds u2. If these are the bits of bf16 values, say ${argument} bf16`);
      return holds('bf16');
    case 'u1':
      throw new FileError(`${path} holds u1, which are codes or e8m0 scales, not values`);
  }
}

/**
 * Reads codes: u1 for formats of 8 bits and less, u2 for wider ones.
 * @throws FileError for a file that does not hold them
 */
export async function readCodes(path: string, format: Format): Promise<CodeArray> {
  const array = await readNpy(path);
  const [rows, cols] = requireMatrix(path, { ...array, count: array.data.length });
  const wanted: NpyDtype = codeCount(format) > 256 ? 'u2' : 'u1';
  if (array.dtype !== wanted)
    throw new FileError(
      `${path} holds ${array.dtype}; codes of ${format.name} are ${wanted}` +
        (array.dtype.startsWith('f') ? '. Values become codes by octile quantize' : ''),
    );
  const codes = array.data as Codes;
  const count = codeCount(format);
  const beyond = count === 256 ? -1 : codes.findIndex((code: number) => code >= count);
  if (beyond >= 0)
    throw new FileError(
      `${path} is no array of ${format.name} codes: element ${beyond} is ${codes[beyond]}, the last code is ${count - 1}`,
    );
  return { rows, cols, codes };
}

/**
 * Reads scales: f4, f8 (rounded to f32), or u1 for e8m0 codes.
 * @throws FileError for a file that does not hold them
 */
export async function readScales(path: string, note?: Note): Promise<ScaleArray> {
  const { shape, dtype, data } = await readNpy(path);
  if (data.length === 0) throw new FileError(`${path} is empty: its shape is ${shape.join(' x ')}`);
  switch (dtype) {
    case 'f4':
    case 'f8':
      return { shape, scales: toF32(path, data, note) };
    case 'u1':
      return { shape, scales: data as Uint8Array };
    default:
      throw new FileError(`${path} holds ${dtype}; scales are f4, or u1 for e8m0`);
  }
}

/** A plain matrix as a file: f32 as f4, f16 as f2, bf16 as the u2 of its bits. */
export function matrixFile(path: string, { rows, cols, dtype, data }: Matrix): FileContent {
  return { path, parts: npyParts({ shape: [rows, cols], dtype: npyDtypes[dtype], data }) };
}

/** Codes as a file. */
export function codesFile(path: string, { rows, cols, codes }: CodeArray): FileContent {
  const dtype = codes instanceof Uint16Array ? 'u2' : 'u1';
  return { path, parts: npyParts({ shape: [rows, cols], dtype, data: codes }) };
}

/** Scales as a file. */
export function scalesFile(path: string, { shape, scales }: ScaleArray): FileContent {
  const dtype = scales instanceof Float32Array ? 'f4' : 'u1';
  return { path, parts: npyParts({ shape, dtype, data: scales }) };
}

/** What a file says that it holds. */
type Held = Pick<NpyHeader, 'shape' | 'dtype' | 'count'>;

function requireMatrix(path: string, { shape, count }: Held): [number, number] {
  if (shape.length === 0) throw new FileError(`${path} holds a single number (no dimensions), not a matrix`);
  if (count === 0) throw new FileError(`${path} is empty: its shape is ${shape.join(' x ')}`);
  const [first = 1, second] = shape;
  return second === undefined ? [1, first] : [first, second];
}

function toF32(path: string, data: NpyArray['data'], note?: Note): Float32Array {
  if (data instanceof Float32Array) return data;
  note?.(`${path} holds f64; its values were rounded to f32`);
  return Float32Array.from(data);
}
