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
import { randomOperand } from '../gemm.js';
import { type Band, readQuantizedBand } from '../sample.js';
import { Once } from './once.js';
import type { Product } from './peer.js';
import type { Weights } from './weights.js';

/** Rows of plain matrices on the GPU are padded to a multiple of this; libraries want them dense. */
export const denseUnit = 8;

export class Operands {
  readonly #values = new Once<GpuMatrix>();
  readonly #host = new Once<Float32Array>();

  private constructor(
    readonly gpu: Gpu,
    readonly product: Product,
    /** M × K in e4m3, one scale for 1 × 128. */
    readonly a: GpuQuantizedMatrix,
    readonly weights: Weights,
  ) {}

  /**
   * Random rows for these weights, N(0, 1) before they are quantised.
   * @param weights that fit the product; they stay the caller's to dispose of
   * @throws UnsupportedError, OutOfMemoryError if the rows do not fit the device
   */
  static async make(gpu: Gpu, product: Product, weights: Weights, seed: number): Promise<Operands> {
    const { m, k } = product;
    const a = await randomOperand(gpu, m, k, { format: 'e4m3', granularity: '1x128' }, 'normal', seed);
    return new Operands(gpu, product, a, weights);
  }

  /** The transpose of B as it is quantised. */
  get b(): GpuQuantizedMatrix {
    return this.weights.codes;
  }

  /** A, M × K, or B, K × N, row-major and dense where rows are multiples of denseUnit. Made once, kept. */
  values(side: 'a' | 'b', dtype: 'f32' | 'f16'): Promise<GpuMatrix> {
    if (side === 'b') return this.weights.values(dtype);
    return this.#values.get(dtype, () => dequantizeOnGpu(this.gpu, this.a, dtype));
  }

  /** The same in host memory, as f32. Read once, kept, and not to be written. */
  host(side: 'a' | 'b'): Promise<Float32Array> {
    if (side === 'b') return this.weights.host();
    return this.#host.get('a', async () => toFloat32(await (await this.values('a', 'f32')).read()));
  }

  /** Rows of A, or columns of B, as they are in this type. */
  async band(side: 'a' | 'b', band: Band, dtype: Dtype): Promise<Float32Array> {
    return toFloat32(dequantize(await readQuantizedBand(this.gpu, this[side], band), dtype));
  }

  dispose(): void {
    this.#values.clear((values) => values.dispose());
    this.a.dispose();
  }
}
