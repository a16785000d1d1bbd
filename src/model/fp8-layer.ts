/** @file A linear layer in FP8: activations quantised as they come, weights once, the product on the GPU. */

import type { Context } from '../context.js';
import type { FormatName } from '../format/formats.js';
import type { GpuQuantizedMatrix } from '../gpu-matrix.js';
import { matrix, toFloat32 } from '../matrix.js';
import type { GranularityName } from '../quantize/granularity.js';
import type { QuantizedMatrix } from '../quantize/quantized-matrix.js';
import type { Activations, Linear } from './encoder.js';
import { finish } from './f64-layer.js';

/** How both operands of a product are scaled. */
export interface Scheme {
  readonly name: string;
  readonly activations: GranularityName;
  readonly weights: GranularityName;
}

/** A product, and the codes that were multiplied. */
export interface QuantizedProduct {
  readonly input: QuantizedMatrix;
  readonly weight: QuantizedMatrix;
  /** M × N, f32. */
  readonly product: Float32Array;
}

/** Linear layers under one scheme and format. Weights stay on the GPU until dispose(). */
export class Fp8Layers {
  readonly #weights = new Map<Linear, GpuQuantizedMatrix>();

  constructor(
    readonly context: Context,
    readonly scheme: Scheme,
    readonly format: FormatName,
  ) {}

  /** The layer's output: the product on the GPU, bias and activation on the CPU in f64. */
  async apply(linear: Linear, input: Activations): Promise<Float64Array> {
    const activations = await this.#quantize(input);
    try {
      return finish(linear, Float64Array.from(await this.#multiply(activations, await this.#weight(linear))));
    } finally {
      activations.dispose();
    }
  }

  /** The bare product, with the codes of both operands read back. */
  async product(linear: Linear, input: Activations): Promise<QuantizedProduct> {
    const activations = await this.#quantize(input);
    try {
      const weight = await this.#weight(linear);
      return {
        product: await this.#multiply(activations, weight),
        input: await activations.read(),
        weight: await weight.read(),
      };
    } finally {
      activations.dispose();
    }
  }

  dispose(): void {
    for (const weight of this.#weights.values()) weight.dispose();
    this.#weights.clear();
  }

  #quantize({ rows, cols, data }: Activations): Promise<GpuQuantizedMatrix> {
    return this.context.quantize(matrix(rows, cols, Float32Array.from(data)), {
      format: this.format,
      granularity: this.scheme.activations,
    });
  }

  async #weight(linear: Linear): Promise<GpuQuantizedMatrix> {
    const known = this.#weights.get(linear);
    if (known) return known;
    const { format, scheme } = this;
    const weight = await this.context.quantize(linear.weight, { format, granularity: scheme.weights });
    this.#weights.set(linear, weight);
    return weight;
  }

  async #multiply(a: GpuQuantizedMatrix, b: GpuQuantizedMatrix): Promise<Float32Array> {
    const product = await this.context.gemm(a, b);
    try {
      return toFloat32(await product.read());
    } finally {
      product.dispose();
    }
  }
}

/** Linear layers under a scheme and format, for as long as `work` takes. */
export async function withFp8Layers(
  context: Context,
  scheme: Scheme,
  format: FormatName,
  work: (layers: Fp8Layers) => Promise<void>,
): Promise<void> {
  const layers = new Fp8Layers(context, scheme, format);
  try {
    await work(layers);
  } finally {
    layers.dispose();
  }
}
