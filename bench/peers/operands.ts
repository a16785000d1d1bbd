/**
 * @file The operands that all peers multiply: A and B as octile quantises them, and the values that those codes
 * and scales stand for, for libraries that take f32 or f16. So everybody multiplies the same matrices, up to the
 * rounding of an operand to f16 or to few bits.
 */

import type { Gpu } from '../../src/gpu/gpu.js';
import type { GpuMatrix, GpuQuantizedMatrix } from '../../src/gpu-matrix.js';
import { type Dtype, toFloat32 } from '../../src/matrix.js';
import { dequantize } from '../../src/quantize/dequantize.js';
import { dequantizeOnGpu } from '../../src/quantize/dequantize-gpu.js';
import { quantizeOnGpu } from '../../src/quantize/quantize-gpu.js';
import { transposeOnGpu } from '../../src/quantize/transpose-gpu.js';
import { randomOnGpu } from '../random.js';
import { type Band, readQuantizedBand } from '../sample.js';
import type { Product } from './peer.js';

/** Rows of plain matrices on the GPU are padded to a multiple of this; libraries want them dense. */
export const denseUnit = 8;

export class Operands {
  readonly #values = new Map<string, Promise<GpuMatrix>>();
  readonly #host = new Map<string, Promise<Float32Array>>();

  private constructor(
    readonly gpu: Gpu,
    readonly product: Product,
    /** M × K in e4m3, one scale for 1 × 128. */
    readonly a: GpuQuantizedMatrix,
    /** The transpose of B, N × K in e4m3, one scale for 128 × 128. */
    readonly b: GpuQuantizedMatrix,
  ) {}

  /**
   * Random operands, N(0, 1) before they are quantised.
   * @throws UnsupportedError, OutOfMemoryError if they do not fit the device
   */
  static async make(gpu: Gpu, product: Product, seed: number): Promise<Operands> {
    const { m, n, k } = product;
    const a = await randomQuantized(gpu, m, k, '1x128', seed);
    try {
      return new Operands(gpu, product, a, await randomQuantized(gpu, n, k, '128x128', seed + 1));
    } catch (error) {
      a.dispose();
      throw error;
    }
  }

  /** A, M × K, or B, K × N, row-major and dense where rows are multiples of denseUnit. Made once, kept. */
  values(side: 'a' | 'b', dtype: 'f32' | 'f16'): Promise<GpuMatrix> {
    const key = `${side} ${dtype}`;
    const known = this.#values.get(key);
    if (known) return known;
    const made = side === 'a' ? dequantizeOnGpu(this.gpu, this.a, dtype) : this.#transposedB(dtype);
    this.#values.set(key, made);
    made.catch(() => this.#values.delete(key));
    return made;
  }

  /**
   * The values in host memory, as f32: A, B, or the transpose of B, N × K, a row of which holds the weights of one
   * output. Read once, kept, and not to be written.
   */
  host(side: 'a' | 'b' | 'weights'): Promise<Float32Array> {
    const known = this.#host.get(side);
    if (known) return known;
    const read = side === 'weights' ? this.#readWeights() : this.#readValues(side);
    this.#host.set(side, read);
    read.catch(() => this.#host.delete(side));
    return read;
  }

  async #readValues(side: 'a' | 'b'): Promise<Float32Array> {
    return toFloat32(await (await this.values(side, 'f32')).read());
  }

  async #readWeights(): Promise<Float32Array> {
    const weights = await dequantizeOnGpu(this.gpu, this.b, 'f32');
    try {
      return toFloat32(await weights.read());
    } finally {
      weights.dispose();
    }
  }

  /** Rows of A, or columns of B, as they are in this type. */
  async band(side: 'a' | 'b', band: Band, dtype: Dtype): Promise<Float32Array> {
    return toFloat32(dequantize(await readQuantizedBand(this.gpu, this[side], band), dtype));
  }

  async #transposedB(dtype: Dtype): Promise<GpuMatrix> {
    const transposed = await transposeOnGpu(this.gpu, this.b);
    try {
      return await dequantizeOnGpu(this.gpu, transposed, dtype);
    } finally {
      transposed.dispose();
    }
  }

  dispose(): void {
    for (const made of this.#values.values())
      made.then(
        (values) => values.dispose(),
        () => undefined,
      );
    this.#values.clear();
    this.a.dispose();
    this.b.dispose();
  }
}

async function randomQuantized(
  gpu: Gpu,
  rows: number,
  cols: number,
  granularity: '1x128' | '128x128',
  seed: number,
): Promise<GpuQuantizedMatrix> {
  const values = await randomOnGpu(gpu, rows, cols, seed);
  try {
    return await quantizeOnGpu(gpu, values, { format: 'e4m3', granularity });
  } finally {
    values.dispose();
  }
}
