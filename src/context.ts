/** @file The library's front door: open() gives a context, and a context quantises, multiplies and dequantises. */

import { type GemmOptions, gemmOnGpu } from './gemm/gemm.js';
import { gemmProblem } from './gemm/problem.js';
import { type AdapterChoice, chooseAdapter } from './gpu/choose.js';
import { Gpu, type GpuOptions } from './gpu/gpu.js';
import type { AdapterSource, SourceName } from './gpu/source.js';
import { disposeSymbol, GpuMatrix, GpuQuantizedMatrix } from './gpu-matrix.js';
import type { Dtype, Matrix } from './matrix.js';
import { dequantizeOnGpu } from './quantize/dequantize-gpu.js';
import { chooseQuantization, type QuantizeOptions } from './quantize/options.js';
import { quantizeOnGpu } from './quantize/quantize-gpu.js';
import { QuantizedMatrix } from './quantize/quantized-matrix.js';

export interface OpenOptions extends GpuOptions {
  /** Default auto: the fastest adapter there is. */
  readonly adapter?: AdapterChoice;
}

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
 * Opens a context on the first of `sources` that fits. The package's entries wrap this with the sources of
 * their platform.
 * @throws AdapterError if there is no adapter, UnsupportedError if it gives no device
 */
export async function openContext(
  sources: readonly AdapterSource[],
  options: OpenOptions = {},
): Promise<Context> {
  const { adapter, ...rest } = options;
  return new Context(await Gpu.open(await chooseAdapter(sources, adapter), rest));
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

  /** Copies a matrix to the GPU. */
  async upload(source: Matrix): Promise<GpuMatrix>;
  async upload(source: QuantizedMatrix): Promise<GpuQuantizedMatrix>;
  async upload(source: Matrix | QuantizedMatrix): Promise<GpuMatrix | GpuQuantizedMatrix> {
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
   * @throws ArgumentError for options that do not fit together
   */
  async quantize(source: Matrix | GpuMatrix, options: QuantizeOptions = {}): Promise<GpuQuantizedMatrix> {
    if (source instanceof GpuMatrix) return quantizeOnGpu(this.gpu, source, options);
    chooseQuantization(options);
    const uploaded = await this.upload(source);
    try {
      return await quantizeOnGpu(this.gpu, uploaded, options);
    } finally {
      uploaded.dispose();
    }
  }

  /** The plain matrix that codes and scales stand for: code · scale, rounded to f32 and then to `dtype`. */
  async dequantize(source: QuantizedMatrix | GpuQuantizedMatrix, dtype: Dtype = 'f32'): Promise<GpuMatrix> {
    if (source instanceof GpuQuantizedMatrix) return dequantizeOnGpu(this.gpu, source, dtype);
    const uploaded = await this.upload(source);
    try {
      return await dequantizeOnGpu(this.gpu, uploaded, dtype);
    } finally {
      uploaded.dispose();
    }
  }

  /**
   * D = A · Bᵀ (+ C): A is M × K, B is N × K, C and D are M × N.
   * @throws ArgumentError if shapes or options do not fit, UnsupportedError if no kernel can run them
   */
  async gemm(
    a: QuantizedMatrix | GpuQuantizedMatrix,
    b: QuantizedMatrix | GpuQuantizedMatrix,
    options: GemmOptions = {},
  ): Promise<GpuMatrix> {
    gemmProblem(a, b, options.c, options.out ?? 'f32');
    const temporary: { dispose(): void }[] = [];
    const onGpu = async (source: QuantizedMatrix | GpuQuantizedMatrix) => {
      if (source instanceof GpuQuantizedMatrix) return source;
      const uploaded = await this.upload(source);
      temporary.push(uploaded);
      return uploaded;
    };
    try {
      return await gemmOnGpu(this.gpu, await onGpu(a), await onGpu(b), options);
    } finally {
      for (const uploaded of temporary) uploaded.dispose();
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
