/**
 * @file Reading the weights of a TensorFlow.js model: a model.json, and the shards beside it.
 *
 * model.json holds `weightsManifest`: groups of tensors ({name, shape, dtype}) and of shard files, whose bytes,
 * put together, are the group's tensors one after another in little-endian order (TensorFlow.js,
 * tfjs-core/src/io/types.ts, WeightsManifestConfig). Only float32 tensors can be read; others are stepped over.
 */

import { basename, join } from 'node:path';
import { FileError } from '../errors.js';
import { readBytes, withFile } from './files.js';

/** Bytes of an element (TensorFlow.js, tfjs-core/src/io/types.ts, DTYPE_VALUE_SIZE_MAP). */
const elementBytes: Readonly<Record<string, number>> = {
  float32: 4,
  float16: 2,
  int32: 4,
  uint16: 2,
  uint8: 1,
  bool: 1,
  complex64: 8,
};

/** A float32 tensor, row-major. */
export interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

interface Entry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  /** The tensor's bytes. */
  readonly bytes: Uint8Array;
}

interface Group {
  readonly paths: readonly string[];
  readonly weights: readonly { name: string; shape: readonly number[]; dtype: string }[];
}

/** The weights of one model. */
export class TfjsModel {
  readonly #entries: ReadonlyMap<string, Entry>;

  constructor(
    /** The model.json they were read from. */
    readonly path: string,
    entries: readonly Entry[],
  ) {
    this.#entries = new Map(entries.map((entry) => [entry.name, entry]));
  }

  /** Names of all tensors, float32 or not. */
  get names(): string[] {
    return [...this.#entries.keys()];
  }

  /**
   * A tensor's values, copied.
   * @param shape what the shape must be; lengths of 1 in front may be left out
   * @throws FileError if there is no such tensor, if it is not float32, or if its shape is another
   */
  float32(name: string, shape?: readonly number[]): Tensor {
    const entry = this.#entries.get(name);
    if (!entry) throw new FileError(`${this.path} has no tensor "${name}"`);
    if (entry.dtype !== 'float32')
      throw new FileError(
        `the tensor "${name}" in ${this.path} is ${entry.dtype}; only float32 tensors are read`,
      );
    if (shape && shown(withoutLeadingOnes(entry.shape)) !== shown(withoutLeadingOnes(shape)))
      throw new FileError(
        `the tensor "${name}" in ${this.path} is ${shown(entry.shape)}; expected ${shown(shape)}`,
      );
    const view = new DataView(entry.bytes.buffer, entry.bytes.byteOffset, entry.bytes.byteLength);
    const data = new Float32Array(entry.bytes.byteLength / 4);
    for (let i = 0; i < data.length; i++) data[i] = view.getFloat32(4 * i, true);
    return { name, shape: entry.shape, data };
  }
}

/**
 * Reads a model's weights.
 * @param folder the folder that holds model.json and its shards
 * @throws FileError naming the file or tensor that is missing, has the wrong size, or is of an unknown type
 */
export async function readTfjsModel(folder: string): Promise<TfjsModel> {
  const path = join(folder, 'model.json');
  const text = new TextDecoder().decode(await readWhole(path));
  const entries: Entry[] = [];
  const names = new Set<string>();
  for (const { paths, weights } of parseManifest(path, text)) {
    const shards = await Promise.all(paths.map((shard) => readWhole(join(folder, shard))));
    const bytes = joined(shards);
    let offset = 0;
    for (const { name, shape, dtype } of weights) {
      const size = elementBytes[dtype];
      if (size === undefined)
        throw new FileError(
          `${path}: the tensor "${name}" is of the unknown type ${JSON.stringify(dtype)}; ` +
            `known: ${Object.keys(elementBytes).join(', ')}`,
        );
      if (names.has(name)) throw new FileError(`${path} has two tensors named "${name}"`);
      names.add(name);
      const length = size * shape.reduce((product, extent) => product * extent, 1);
      entries.push({ name, shape, dtype, bytes: bytes.subarray(offset, offset + length) });
      offset += length;
    }
    if (offset !== bytes.length)
      throw new FileError(
        `the tensors in ${path} take ${offset} bytes, but its shards (${paths.join(', ')}) hold ${bytes.length}`,
      );
  }
  return new TfjsModel(path, entries);
}

function parseManifest(path: string, text: string): Group[] {
  let model: unknown;
  try {
    model = JSON.parse(text);
  } catch (error) {
    throw new FileError(`${path} is not JSON: ${error instanceof Error ? error.message : error}`);
  }
  const groups = field(model, 'weightsManifest');
  if (!Array.isArray(groups)) throw new FileError(`${path} has no weightsManifest`);
  return groups.map((group, i) => {
    const where = `${path}: weightsManifest[${i}]`;
    const paths: unknown = field(group, 'paths');
    if (!Array.isArray(paths) || !paths.every((shard) => typeof shard === 'string'))
      throw new FileError(`${where}.paths is not a list of file names`);
    for (const shard of paths)
      if (shard !== basename(shard) || shard === '..' || shard === '')
        throw new FileError(`${where}.paths names ${JSON.stringify(shard)}, which is not a file beside it`);
    const weights: unknown = field(group, 'weights');
    if (!Array.isArray(weights)) throw new FileError(`${where}.weights is not a list`);
    return { paths, weights: weights.map((weight, j) => parseWeight(`${where}.weights[${j}]`, weight)) };
  });
}

function parseWeight(where: string, weight: unknown): Group['weights'][number] {
  const name = field(weight, 'name');
  const shape = field(weight, 'shape');
  const dtype = field(weight, 'dtype');
  if (typeof name !== 'string' || typeof dtype !== 'string')
    throw new FileError(`${where} has no name or no dtype`);
  if (!Array.isArray(shape) || !shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0))
    throw new FileError(`${where} ("${name}") has no shape of whole numbers`);
  if (field(weight, 'quantization') !== undefined)
    throw new FileError(`${where} ("${name}") is stored quantised; only plain tensors are read`);
  return { name, shape, dtype };
}

function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;
}

async function readWhole(path: string): Promise<Uint8Array> {
  return withFile(path, async (handle, size) => {
    const bytes = await readBytes(handle, 0, size);
    if (bytes.length !== size) throw new FileError(`${path} ended after ${bytes.length} of ${size} bytes`);
    return bytes;
  });
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    result.set(part, offset);
    offset += part.length;
  }
  return result;
}

function withoutLeadingOnes(shape: readonly number[]): readonly number[] {
  const first = shape.findIndex((extent) => extent !== 1);
  return first < 0 ? [] : shape.slice(first);
}

function shown(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}
