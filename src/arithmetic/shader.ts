/** @file The shaders of exact f32 arithmetic on bits. They need format.wgsl beside them. */

import divideWgsl from '../../shaders/arithmetic/divide.wgsl?raw';
import fmaWgsl from '../../shaders/arithmetic/fma.wgsl?raw';
import multiplyWgsl from '../../shaders/arithmetic/multiply.wgsl?raw';
import normalizeWgsl from '../../shaders/arithmetic/normalize.wgsl?raw';
import productWgsl from '../../shaders/arithmetic/product.wgsl?raw';
import roundWgsl from '../../shaders/arithmetic/round.wgsl?raw';

/** Texts of the arithmetic shaders; multiply, divide and fma need normalize and round, multiply and
 * fma also product. */
export const arithmeticShaders = {
  normalize: normalizeWgsl,
  round: roundWgsl,
  product: productWgsl,
  multiply: multiplyWgsl,
  divide: divideWgsl,
  fma: fmaWgsl,
} as const;
