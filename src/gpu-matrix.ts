/** @file Matrices that live on the GPU: plain ones and quantised ones, their layout, and the way back. */

import { DisposedError } from './errors.js';
import { type Format, width } from './format/format.js';
import { makeCodes, packInto, unpack } from './format/pack.js';
import type { Keeper } from './gemm/matrix/keepers.js';
import type { Gpu } from './gpu/gpu.js';
import { asMatrix, type Dtype, type Matrix, matrix } from './matrix.js';
import { type Granularity, scaleShape } from './quantize/granularity.js';
import { QuantizedMatrix } from './quantize/quantized-matrix.js';
import { noTraits, type Traits, traitsOf } from './quantize/traits.js';

/** Elements a row of a plain matrix is padded to on the GPU: 16 bytes for 16-bit elements, 32 for f32. */
const pitchUnit = 8;
/** Codes a row of a quantised matrix is padded to: the largest tile, and 16 bytes in every code width. */
const codePitchUnit = 128;

/** `Symbol.dispose`, also where the runtime has none yet; `using` finds it wherever it is supported. */
export const disposeSymbol: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for('Symbol.dispose');

/** Elements from one row to the next of a plain matrix on the GPU. */
export function matrixPitch(cols: number): number {
  return Math.ceil(cols / pitchUnit) * pitchUnit;
}

/** Codes from one row to the next of a quantised matrix on the GPU. */
export function codePitch(cols: number): number {
  return Math.ceil(cols / codePitchUnit) * codePitchUnit;
}

/** Words from one row of codes to the next of a quantised matrix on the GPU. */
function wordPitch(format: Format, cols: number): number {
  return (codePitch(cols) * width(format)) / 32;
}

/** Buffers with one owner, freed by dispose() or at the end of a `using` block. */
abstract class OnGpu {
  #disposed = false;

  constructor(
    readonly gpu: Gpu,
    readonly rows: number,
    readonly cols: number,
  ) {}

  protected abstract free(): void;

  get disposed(): boolean {
    return this.#disposed;
  }

  /** Frees the buffers. Safe to call twice. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.free();
  }

  [disposeSymbol](): void {
    this.dispose();
  }

  /** @throws DisposedError if the matrix has been disposed of */
  requireAlive(argument: string): void {
    if (this.#disposed) throw new DisposedError(`${argument} has been disposed of`);
  }
}

/**
 * A plain matrix on the GPU, row-major with `pitch` elements from row to row; f32 bits one to a word, bf16 and
 * f16 bits two. The padding is undefined.
 */
export class GpuMatrix extends OnGpu {
  readonly pitch: number;

  private constructor(
    gpu: Gpu,
    rows: number,
    cols: number,
    readonly dtype: Dtype,
    readonly buffer: GPUBuffer,
  ) {
    super(gpu, rows, cols);
    this.pitch = matrixPitch(cols);
  }

  /** Bytes of a matrix's buffer. */
  static byteLength(rows: number, cols: number, dtype: Dtype): number {
    return rows * matrixPitch(cols) * (dtype === 'f32' ? 4 : 2);
  }

  /** A matrix of zeros, to be written by a kernel. */
  static create(gpu: Gpu, rows: number, cols: number, dtype: Dtype, label = 'matrix'): GpuMatrix {
    const buffer = gpu.buffer(`${label} ${rows}x${cols} ${dtype}`, GpuMatrix.byteLength(rows, cols, dtype));
    return new GpuMatrix(gpu, rows, cols, dtype, buffer);
  }

  /**
   * A copy of a host matrix.
   * @throws ArgumentError if it is no matrix, or was not made by matrix() and its data do not fit its shape
   */
  static upload(gpu: Gpu, source: Matrix, label = 'matrix'): GpuMatrix {
    const { rows, cols, dtype, data } = asMatrix(source, 'source');
    const buffer = gpu.upload(
      `${label} ${rows}x${cols} ${dtype}`,
      pitched(data, rows, cols, matrixPitch(cols)),
    );
    return new GpuMatrix(gpu, rows, cols, dtype, buffer);
  }

  /**
   * Copies the matrix back to the host.
   * @throws DisposedError if it has been disposed of
   */
  async read(): Promise<Matrix> {
    this.requireAlive('matrix');
    const bytes = await this.gpu.read(this.buffer, GpuMatrix.byteLength(this.rows, this.cols, this.dtype));
    const data = this.dtype === 'f32' ? new Float32Array(bytes) : new Uint16Array(bytes);
    return matrix(this.rows, this.cols, unpitched(data, this.rows, this.cols, this.pitch), this.dtype);
  }

  protected override free(): void {
    this.buffer.destroy();
  }
}

/**
 * A quantised matrix on the GPU. Codes: row-major, packed densely, `pitch` codes from row to row, the padding
 * zero. Scales: row-major without padding, f32 bits one to a word or e8m0 codes four to a word.
 */
export class GpuQuantizedMatrix extends OnGpu implements Traits {
  /** As Traits has them, of what is in the buffers or a kernel will write there. */
  readonly scaleTellsNaN: boolean;
  readonly powersOfTwo: boolean;
  readonly pitch: number;
  readonly scaleRows: number;
  readonly scaleCols: number;
  #halves: { readonly kernel: Keeper; readonly buffer: GPUBuffer } | undefined;

  private constructor(
    gpu: Gpu,
    rows: number,
    cols: number,
    readonly format: Format,
    readonly granularity: Granularity,
    readonly codes: GPUBuffer,
    readonly scales: GPUBuffer,
    traits: Traits,
  ) {
    super(gpu, rows, cols);
    this.scaleTellsNaN = traits.scaleTellsNaN;
    this.powersOfTwo = traits.powersOfTwo;
    this.pitch = codePitch(cols);
    const { scaleRows, scaleCols } = scaleShape(granularity, rows, cols);
    this.scaleRows = scaleRows;
    this.scaleCols = scaleCols;
  }

  /** Words from one row of codes to the next. */
  get wordPitch(): number {
    return wordPitch(this.format, this.cols);
  }

  /**
   * Room for codes and scales, zeroed, to be written by a kernel.
   * @param traits of what that kernel writes
   */
  static create(
    gpu: Gpu,
    rows: number,
    cols: number,
    format: Format,
    granularity: Granularity,
    label = 'quantised',
    traits = noTraits,
  ): GpuQuantizedMatrix {
    const name = `${label} ${rows}x${cols} ${format.name}`;
    const { scaleRows, scaleCols } = scaleShape(granularity, rows, cols);
    const scaleBytes = scaleRows * scaleCols * (granularity.scaleFormat === 'e8m0' ? 1 : 4);
    const codes = gpu.buffer(`${name} codes`, (rows * codePitch(cols) * width(format)) / 8);
    try {
      const scales = gpu.buffer(`${name} scales`, scaleBytes);
      return new GpuQuantizedMatrix(gpu, rows, cols, format, granularity, codes, scales, traits);
    } catch (error) {
      codes.destroy();
      throw error;
    }
  }

  /** A copy of a host matrix. */
  static upload(gpu: Gpu, source: QuantizedMatrix, label = 'quantised'): GpuQuantizedMatrix {
    const { rows, cols, format, granularity } = source;
    const pitch = wordPitch(format, cols);
    const words = new Uint32Array(rows * pitch);
    for (let row = 0; row < rows; row++)
      packInto(format, source.codes.subarray(row * cols, (row + 1) * cols), words, row * pitch);
    const traits = traitsOf(source);
    const result = GpuQuantizedMatrix.create(gpu, rows, cols, format, granularity, label, traits);
    gpu.write(result.codes, words);
    gpu.write(result.scales, source.scales);
    return result;
  }

  /**
   * Copies codes and scales back to the host.
   * @throws DisposedError if they have been disposed of
   */
  async read(): Promise<QuantizedMatrix> {
    this.requireAlive('quantised matrix');
    const { rows, cols, format, granularity, wordPitch } = this;
    const words = new Uint32Array(await this.gpu.read(this.codes, rows * wordPitch * 4));
    const codes = makeCodes(format, rows * cols);
    for (let row = 0; row < rows; row++) codes.set(unpack(format, words, cols, row * wordPitch), row * cols);
    const count = this.scaleRows * this.scaleCols;
    const e8m0 = granularity.scaleFormat === 'e8m0';
    const bytes = await this.gpu.read(this.scales, count * (e8m0 ? 1 : 4));
    const scales = e8m0 ? new Uint8Array(bytes) : new Float32Array(bytes);
    return new QuantizedMatrix(rows, cols, format, granularity, codes, scales);
  }

  /** The kernel whose halves of this matrix are kept beside the codes, and the halves: Context.keepHalves(). */
  get kept(): Keeper | undefined {
    return this.#halves?.kernel;
  }

  get halves(): GPUBuffer | undefined {
    return this.#halves?.buffer;
  }

  /**
   * Takes over a buffer of halves, in place of those that are kept: for keepHalves().
   * @throws DisposedError if the matrix has been disposed of; the buffer is still the caller's then
   */
  keep(kernel: Keeper, buffer: GPUBuffer): void {
    this.requireAlive('quantised matrix');
    this.dropHalves();
    this.#halves = { kernel, buffer };
  }

  /**
   * Frees the halves that are kept, if any: products decode this matrix themselves again. Those that have begun fail
   * unless they are done.
   */
  dropHalves(): void {
    this.#halves?.buffer.destroy();
    this.#halves = undefined;
  }

  protected override free(): void {
    this.codes.destroy();
    this.scales.destroy();
    this.dropHalves();
  }
}

function pitched<T extends Float32Array | Uint16Array>(
  data: T,
  rows: number,
  cols: number,
  pitch: number,
): T {
  if (cols === pitch) return data;
  const result = (
    data instanceof Float32Array ? new Float32Array(rows * pitch) : new Uint16Array(rows * pitch)
  ) as T;
  for (let row = 0; row < rows; row++) result.set(data.subarray(row * cols, (row + 1) * cols), row * pitch);
  return result;
}

function unpitched<T extends Float32Array | Uint16Array>(
  data: T,
  rows: number,
  cols: number,
  pitch: number,
): T {
  if (cols === pitch) return data;
  const result = (
    data instanceof Float32Array ? new Float32Array(rows * cols) : new Uint16Array(rows * cols)
  ) as T;
  for (let row = 0; row < rows; row++)
    result.set(data.subarray(row * pitch, row * pitch + cols) as never, row * cols);
  return result;
}
