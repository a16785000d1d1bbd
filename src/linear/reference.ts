/** @file A linear layer's three products on the CPU: the oracle, written to be read. */

import { referenceGemm } from '../gemm/reference.js';
import type { Matrix } from '../matrix.js';
import { quantize } from '../quantize/quantize.js';
import type { QuantizedMatrix } from '../quantize/quantized-matrix.js';
import { transpose } from '../quantize/transpose.js';
import { requantizeTransposed } from '../quantize/with-transpose.js';
import { chooseRecipe, type LinearOptions, type Pass, type Recipe } from './recipe.js';

/** What a training step gives a layer. */
export interface LinearInputs {
  /** Tokens × inputs. */
  readonly x: Matrix;
  /** Outputs × inputs. */
  readonly w: Matrix;
  /** Tokens × outputs: the gradient of the loss with respect to y. */
  readonly dy: Matrix;
}

/** What is multiplied in each product, both operands with the sum along their rows. */
export type LinearOperands = Readonly<
  Record<Pass, { readonly a: QuantizedMatrix; readonly b: QuantizedMatrix }>
>;

/**
 * The operands of the three products. x and dy have 1×128 tiles along whichever dimension is summed, and w has
 * 128×128 blocks, which are blocks of its transpose too.
 * @throws ArgumentError for options that do not exist or fit
 */
export function linearOperands({ x, w, dy }: LinearInputs, options: LinearOptions = {}): LinearOperands {
  const recipe = chooseRecipe(options);
  const weights = quantize(w, recipe.weights);
  return {
    fprop: { a: quantize(x, recipe.activations), b: weights },
    dgrad: { a: quantize(dy, recipe.gradients), b: transpose(weights) },
    wgrad: { a: quantize(transpose(dy), recipe.gradients), b: keptTranspose(x, recipe) },
  };
}

/** The transposed activations as the weight gradient gets them. */
function keptTranspose(x: Matrix, { keep, activations, kept }: Recipe): QuantizedMatrix {
  switch (keep) {
    case 'transposed':
      return quantize(transpose(x), activations);
    case 'tiles':
      return requantizeTransposed(quantize(x, activations), activations);
    case 'e5m6':
      return requantizeTransposed(quantize(x, kept), activations);
  }
}

/**
 * y = x · wᵀ, dx = dy · w and dw = dyᵀ · x (+ dw), of quantised operands; every product and sum exact, one rounding
 * at the end.
 * @param dw what the weight gradient is added to
 * @throws ArgumentError for options that do not exist or fit, or shapes that do not
 */
export function referenceLinear(
  inputs: LinearInputs,
  options: LinearOptions = {},
  dw?: Matrix,
): { readonly y: Matrix; readonly dx: Matrix; readonly dw: Matrix } {
  const { out } = chooseRecipe(options);
  const { fprop, dgrad, wgrad } = linearOperands(inputs, options);
  return {
    y: referenceGemm(fprop.a, fprop.b, { out }),
    dx: referenceGemm(dgrad.a, dgrad.b, { out }),
    dw: referenceGemm(wgrad.a, wgrad.b, { c: dw }),
  };
}
