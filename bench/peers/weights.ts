/**
 * @file B, the weights: made once for all products that follow one another with the same weights, since to read and
 * round them takes the host longer than to time them.
 */

import type { Gpu } from '../../src/gpu/gpu.js';
import type { GpuMatrix, GpuQuantizedMatrix } from '../../src/gpu-matrix.js';
import { toFloat32 } from '../../src/matrix.js';
import { dequantizeOnGpu } from '../../src/quantize/dequantize-gpu.js';
import { transposeOnGpu } from '../../src/quantize/transpose-gpu.js';
import { randomOperand } from '../gemm.js';
import { type NBitWeights, roundToBits } from './n-bit-weights.js';
import { Once } from './once.js';
import type { Product } from './peer.js';

export class Weights {
  readonly #values = new Once<GpuMatrix>();
  readonly #host = new Once<Float32Array>();
  readonly #bits = new Once<NBitWeights>();

  private constructor(
    readonly gpu: Gpu,
    /** The transpose of B, N × K in e4m3, one scale for 128 × 128. */
    readonly codes: GpuQuantizedMatrix,
  ) {}

  /**
   * Random weights, N(0, 1) before they are quantised.
   * @throws UnsupportedError, OutOfMemoryError if they do not fit the device
   */
  static async make(gpu: Gpu, { n, k }: Pick<Product, 'n' | 'k'>, seed: number): Promise<Weights> {
    return new Weights(
      gpu,
      await randomOperand(gpu, n, k, { format: 'e4m3', granularity: '128x128' }, 'normal', seed),
    );
  }

  /** Whether a product can be made with them. */
  fit({ n, k }: Product): boolean {
    return this.codes.rows === n && this.codes.cols === k;
  }

  /** B, K × N, row-major and dense where rows are multiples of denseUnit. Made once, kept. */
  values(dtype: 'f32' | 'f16'): Promise<GpuMatrix> {
    return this.#values.get(dtype, async () => {
      const transposed = await transposeOnGpu(this.gpu, this.codes);
      try {
        return await dequantizeOnGpu(this.gpu, transposed, dtype);
      } finally {
        transposed.dispose();
      }
    });
  }

  /** B in host memory, as f32. Read once, kept, and not to be written. */
  host(): Promise<Float32Array> {
    return this.#host.get('b', async () => toFloat32(await (await this.values('f32')).read()));
  }

  /** The weights, N × K, rounded to few bits, as roundToBits() does. Once, kept. */
  inBits(bits: 4 | 8, block: number, dtype: 'f32' | 'f16'): Promise<NBitWeights> {
    return this.#bits.get(`${bits} ${block} ${dtype}`, async () =>
      roundToBits(await this.#byOutput(), this.codes.cols, bits, block, dtype),
    );
  }

  /** N × K: a row holds the weights of one output. */
  #byOutput(): Promise<Float32Array> {
    return this.#host.get('by output', async () => {
      const weights = await dequantizeOnGpu(this.gpu, this.codes, 'f32');
      try {
        return toFloat32(await weights.read());
      } finally {
        weights.dispose();
      }
    });
  }

  dispose(): void {
    this.#values.clear((values) => values.dispose());
    this.codes.dispose();
  }
}
