/** @file The library's front door: a context, which quantises, multiplies and dequantises. */

import { ArgumentError, requireOptions } from './errors.js';
import { fusedProblem, type QuantizeAndGemmOptions } from './gemm/fused/problem.js';
import { quantizeAndGemmOnGpu } from './gemm/fused/quantize-and-gemm.js';
import type { GemmOptions } from './gemm/gemm.js';
import {
  type GroupedOptions,
  type Groups,
  groupedGemmOnGpu,
  groupedProblem,
  requireGroupedOrder,
} from './gemm/grouped.js';
import { type KeepHalvesOptions, keepHalves } from './gemm/keep-halves.js';
import { gemmOfLayout, type LayoutOptions, layoutProblem } from './gemm/layout.js';
import type { Gpu } from './gpu/gpu.js';
import type { AdapterSource, SourceName } from './gpu/source.js';
import { disposeSymbol, GpuMatrix, GpuQuantizedMatrix } from './gpu-matrix.js';
import { asMatrix, type Dtype, type Matrix } from './matrix.js';
import { chooseTiles, ofFormat, type TileOptions } from './quantize/block.js';
import { dequantizeOnGpu } from './quantize/dequantize-gpu.js';
import { chooseQuantization, type QuantizeOptions } from './quantize/options.js';
import { quantizeOnGpu } from './quantize/quantize-gpu.js';
import { QuantizedMatrix } from './quantize/quantized-matrix.js';
import { transposeOnGpu } from './quantize/transpose-gpu.js';
import type { QuantizedPair } from './quantize/with-transpose.js';
import { quantizeWithTransposeOnGpu, requantizeTransposedOnGpu } from './quantize/with-transpose-gpu.js';

const quantizeAndGemmOptions = { format: true, dialect: true, powerOfTwo: true, c: true, out: true } as const;

const groupedOptions = {
  out: true,
  kernel: true,
  accumulator: true,
  promote: true,
  promotion: true,
  splitK: true,
} as const;

const gemmOptions = { layout: true, c: true, ...groupedOptions, addendIn: true } as const;

/** What was opened. */
export interface AdapterSummary {
  readonly name: string;
  readonly source: SourceName;
  readonly kind: AdapterSource['kind'];
  /** Why this adapter and not a faster one. */
  readonly reason: string;
  readonly features: readonly string[];
}

/**
 * A device and the operations on it. Inputs may be in host memory or on the GPU already; results stay on the
 * GPU until read() and are freed by dispose() or `using`.
 */
export class Context {
  constructor(readonly gpu: Gpu) {}

  get adapter(): AdapterSummary {
    const { name, source, kind, reason } = this.gpu.adapter;
    return { name, source, kind, reason, features: [...this.gpu.device.features] };
  }

  /**
   * Copies a matrix to the GPU.
   * @throws ArgumentError if it is none
   */
  async upload(source: Matrix): Promise<GpuMatrix>;
  async upload(source: QuantizedMatrix): Promise<GpuQuantizedMatrix>;
  async upload(source: Matrix | QuantizedMatrix): Promise<GpuMatrix | GpuQuantizedMatrix>;
  async upload(source: Matrix | QuantizedMatrix): Promise<GpuMatrix | GpuQuantizedMatrix> {
    if (!(source instanceof QuantizedMatrix)) asMatrix(source, 'source');
    let made: GpuMatrix | GpuQuantizedMatrix | undefined;
    try {
      return await this.gpu.guard('uploading a matrix', async () => {
        made =
          source instanceof QuantizedMatrix
            ? GpuQuantizedMatrix.upload(this.gpu, source)
            : GpuMatrix.upload(this.gpu, source);
        return made;
      });
    } catch (error) {
      // One of its buffers may exist where there was no memory for another.
      made?.dispose();
      throw error;
    }
  }

  /**
   * Quantises a matrix.
   * @throws ArgumentError if it is no matrix, or for options that do not exist or fit together
   */
  async quantize(source: Matrix | GpuMatrix, options: QuantizeOptions = {}): Promise<GpuQuantizedMatrix> {
    if (!(source instanceof GpuMatrix)) chooseQuantization(options);
    return this.#plainOnGpu(source, (uploaded) => quantizeOnGpu(this.gpu, uploaded, options));
  }

  /**
   * Quantises a matrix and its transpose in 1×128 tiles, reading it once: what the forward and the backward pass
   * need of the same activations or gradients.
   * @throws ArgumentError if it is no matrix, or for options that do not exist or fit together
   */
  async quantizeWithTranspose(
    source: Matrix | GpuMatrix,
    options: TileOptions = {},
  ): Promise<QuantizedPair<GpuQuantizedMatrix>> {
    chooseTiles(options);
    return this.#plainOnGpu(source, (uploaded) => quantizeWithTransposeOnGpu(this.gpu, uploaded, options));
  }

  /**
   * From tiles along the rows of X to 1×128 tiles along the rows of Xᵀ, by dequantising, transposing and quantising
   * again in one pass.
   * @param options the format is the source's unless told otherwise
   * @throws ArgumentError if the source is no quantised matrix, or for options that do not exist or fit together
   */
  async requantizeTransposed(
    source: QuantizedMatrix | GpuQuantizedMatrix,
    options: TileOptions = {},
  ): Promise<GpuQuantizedMatrix> {
    requireQuantized('source', source);
    chooseTiles(ofFormat(source.format, options));
    return this.#onGpu(source, (uploaded) => requantizeTransposedOnGpu(this.gpu, uploaded, options));
  }

  /**
   * The plain matrix that codes and scales stand for: code · scale, rounded to f32 and then to `dtype`.
   * @throws ArgumentError if the source is no quantised matrix or the type does not exist
   */
  async dequantize(source: QuantizedMatrix | GpuQuantizedMatrix, dtype: Dtype = 'f32'): Promise<GpuMatrix> {
    return this.#onGpu(source, (uploaded) => dequantizeOnGpu(this.gpu, uploaded, dtype));
  }

  /**
   * The transpose: columns as rows, codes and scales moved and not rounded. 1×128 tiles become 128×1.
   * @throws ArgumentError if the source is no quantised matrix
   */
  async transpose(source: QuantizedMatrix | GpuQuantizedMatrix): Promise<GpuQuantizedMatrix> {
    return this.#onGpu(source, (uploaded) => transposeOnGpu(this.gpu, uploaded));
  }

  /**
   * D = A · Bᵀ (+ C): A is M × K, B is N × K, C and D are M × N; or operands that lie as `layout` says.
   * @throws ArgumentError if operands are of the wrong kind or shapes or options do not fit, UnsupportedError if no
   *   kernel can run them
   */
  async gemm(
    a: QuantizedMatrix | GpuQuantizedMatrix,
    b: QuantizedMatrix | GpuQuantizedMatrix,
    options: GemmOptions & LayoutOptions = {},
  ): Promise<GpuMatrix> {
    requireQuantized('a', a);
    requireQuantized('b', b);
    requireOptions('options', options, gemmOptions);
    if (options.c !== undefined && !(options.c instanceof GpuMatrix)) asMatrix(options.c, 'c');
    layoutProblem(a, b, options.c, options.out ?? 'f32', options.layout);
    const temporary: { dispose(): void }[] = [];
    const onGpu = async (source: QuantizedMatrix | GpuQuantizedMatrix) => {
      if (source instanceof GpuQuantizedMatrix) return source;
      const uploaded = await this.upload(source);
      temporary.push(uploaded);
      return uploaded;
    };
    try {
      return await gemmOfLayout(this.gpu, await onGpu(a), await onGpu(b), options);
    } finally {
      for (const uploaded of temporary) uploaded.dispose();
    }
  }

  /**
   * Keeps what products by matrix units make of a B that is multiplied many times, such as weights between two
   * optimizer steps: keepHalves() in gemm/keep-halves.ts.
   * @throws ArgumentError for what is no quantised matrix on this device or options that do not exist, UnsupportedError
   *   if there is nothing to keep, because the kernel cannot run here, or it would not fit a buffer, DisposedError
   */
  async keepHalves(b: GpuQuantizedMatrix, options: KeepHalvesOptions = {}): Promise<void> {
    await keepHalves(this.gpu, b, options);
  }

  /**
   * D = A · Bᵀ (+ C) of plain values A, whose 1×128 tiles are quantised on their way into the product, so that codes
   * are never written, or in a pass before it where that is faster: for four rows, mostly for up to 16, for one or
   * two from 8192 columns on, for more rows without matrix units or, above 32, with units of f32, and where auto takes
   * a kernel that folds, since the scales of both are powers of two. The bits are those of gemm(quantize(a), b) by the
   * same kernel in the same tiling, but for the sign of a NaN.
   * @throws ArgumentError if operands are of the wrong kind or shapes or options do not fit, UnsupportedError if the
   *   device cannot run it
   */
  async quantizeAndGemm(
    a: Matrix | GpuMatrix,
    b: QuantizedMatrix | GpuQuantizedMatrix,
    options: QuantizeAndGemmOptions = {},
  ): Promise<GpuMatrix> {
    if (!(a instanceof GpuMatrix)) asMatrix(a, 'a');
    requireQuantized('b', b);
    requireOptions('options', options, quantizeAndGemmOptions);
    if (options.c !== undefined && !(options.c instanceof GpuMatrix)) asMatrix(options.c, 'c');
    fusedProblem(a, b, options);
    return this.#plainOnGpu(a, (left) =>
      this.#onGpu(b, (right) => quantizeAndGemmOnGpu(this.gpu, left, right, options)),
    );
  }

  /**
   * Several products in one dispatch: contiguous groups of rows, masked groups, or groups along K.
   * @throws ArgumentError if sizes, shapes or options do not fit, UnsupportedError if no kernel can run them,
   *   DisposedError if a matrix, or the routing that `groups` comes from, has been disposed of
   */
  async groupedGemm(
    a: QuantizedMatrix | GpuQuantizedMatrix,
    b: QuantizedMatrix | GpuQuantizedMatrix,
    groups: Groups,
    options: GroupedOptions = {},
  ): Promise<GpuMatrix> {
    requireQuantized('a', a);
    requireQuantized('b', b);
    requireOptions('options', options, groupedOptions);
    requireGroupedOrder(groupedProblem(a, b, groups, options.out ?? 'f32'), groups, options);
    return this.#onGpu(a, (left) =>
      this.#onGpu(b, (right) => groupedGemmOnGpu(this.gpu, left, right, groups, options)),
    );
  }

  /** Works on a plain matrix, uploaded for as long as that takes where it is in host memory. */
  async #plainOnGpu<T>(source: Matrix | GpuMatrix, work: (source: GpuMatrix) => Promise<T>): Promise<T> {
    if (source instanceof GpuMatrix) return work(source);
    asMatrix(source, 'source');
    const uploaded = await this.upload(source);
    try {
      return await work(uploaded);
    } finally {
      uploaded.dispose();
    }
  }

  /** Works on a quantised matrix, uploaded for as long as that takes where it is in host memory. */
  async #onGpu<T>(
    source: QuantizedMatrix | GpuQuantizedMatrix,
    work: (source: GpuQuantizedMatrix) => Promise<T>,
  ): Promise<T> {
    requireQuantized('source', source);
    if (source instanceof GpuQuantizedMatrix) return work(source);
    const uploaded = await this.upload(source);
    try {
      return await work(uploaded);
    } finally {
      uploaded.dispose();
    }
  }

  /** Ends the device. Matrices on it are gone. Safe to call twice. */
  dispose(): void {
    this.gpu.dispose();
  }

  [disposeSymbol](): void {
    this.dispose();
  }
}

function requireQuantized(argument: string, source: unknown): void {
  if (!(source instanceof QuantizedMatrix || source instanceof GpuQuantizedMatrix))
    throw new ArgumentError(argument, source, 'a QuantizedMatrix or GpuQuantizedMatrix, as quantize() gives');
}
